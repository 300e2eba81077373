import { combinationProblem, supportedMinors, supportWarnings, warningDays } from "../support.ts";
import { versions } from "../versions.ts";

const release = { product: "Kubernetes", minor: "1.35", path: "quintet:cluster.version" } as const;
const on = (date: string) => supportWarnings([release], new Date(date));

test("nothing is said while the end is further away than the warning time", () => {
  expect(on("2026-11-30T00:00:00Z")).toEqual([]);
});

test.each([
  ["2026-12-01T00:00:00Z", "ends on 2027-02-28, in 90 days. Plan the upgrade to 1.37."],
  ["2027-02-28T23:59:59Z", "ends on 2027-02-28, in 1 day. Plan the upgrade to 1.37."],
  ["2027-03-01T00:00:00Z", "ended on 2027-02-28. Plan the upgrade to 1.37."],
])("on %s: %s", (date, end) => {
  expect(on(date)).toEqual([`quintet:cluster.version: support of Kubernetes 1.35 ${end}`]);
});

test("for the newest release there is nothing to upgrade to but Quintet itself", () => {
  expect(supportWarnings([{ product: "Kubernetes", minor: "1.37" }], new Date("2027-10-01"))).toEqual([
    "support of Kubernetes 1.37 ends on 2027-10-28, in 28 days. No newer release is known here yet: update Quintet.",
  ]);
});

test("a release whose end is not announced is not warned of", () => {
  expect(supportWarnings([{ product: "Amazon EKS", minor: "1.36" }], new Date("2030-01-01"))).toEqual([]);
});

test("every release has a real day, and Kubernetes itself knows one for each release that is allowed", () => {
  const days = [...JSON.stringify(versions.support).matchAll(/"until":"([^"]*)"/g)].map(([, until = ""]) => until);
  expect(days.length).toBeGreaterThan(3);
  for (const until of days) expect(new Date(until).toISOString().slice(0, 10)).toBe(until);
  expect(supportedMinors("Kubernetes")).toEqual(versions.kubernetesMinors);
  expect(warningDays).toBe(90);
});

test("releases that do not go together are refused with those that do", () => {
  expect(combinationProblem("Istio", "1.31", "1.36")).toBeUndefined();
  expect(combinationProblem("Istio", "1.31", "1.37")).toBe(
    "Istio 1.31 does not run on Kubernetes 1.37, but on 1.32, 1.33, 1.34, 1.35, 1.36",
  );
  expect(combinationProblem("Istio", "1.18", "1.36")).toBe("Istio 1.18 is not supported, use one of 1.30, 1.31");
  expect(combinationProblem("Amazon EKS", "1.36", "1.36")).toBeUndefined();
});
