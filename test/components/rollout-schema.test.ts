import type { MeshService } from "../../components/mesh-service.ts";
import { rolloutProblems, rolloutsSchema } from "../../components/rollout-schema.ts";
import { trafficSchema } from "../../components/traffic-schema.ts";

// One refused fixture for each other rule lies in test/config/invalid.

const catalog: MeshService = {
  namespace: "bookstore",
  name: "catalog",
  port: 80,
  versions: { v1: { version: "v1" }, v2: { version: "v2" }, v3: { version: "v3" } },
};
const ref = "bookstore/catalog";
const problems = (rollout: object, traffic?: object) =>
  rolloutProblems(rolloutsSchema.parse({ [ref]: { from: "v1", to: "v2", ...rollout } }), {
    services: [catalog],
    mesh: true,
    traffic: trafficSchema.parse(traffic === undefined ? {} : { [ref]: traffic }),
  }).map(([path, problem]) => [path.join("."), problem]);

test("with every default", () => {
  expect(rolloutsSchema.parse({ [ref]: { from: "v1", to: "v2" } })).toEqual({
    [ref]: {
      from: "v1",
      to: "v2",
      strategy: { kind: "canary", steps: [10, 30, 50, 100] },
      step: 0,
      slo: { availability: 99.9, p99Milliseconds: 300, window: "60s", leastRequests: 1000 },
    },
  });
  expect(problems({})).toEqual([]);
});

test("a version that the Service has not", () => {
  const has = "so no pod would answer: its versions are v1, v2, v3";
  expect(problems({ from: "v0", to: "v9" })).toEqual([
    [`rollouts.${ref}.from`, `${ref} has no version v0, ${has}`],
    [`rollouts.${ref}.to`, `${ref} has no version v9, ${has}`],
  ]);
});

test("weights of the Service's own, and of its routes", () => {
  const routes = [{ name: "a", match: { path: { prefix: "/a" } }, weights: { v1: 100 } }];
  const advice = `are what quintet:rollouts.${ref} decides: leave them out`;
  expect(problems({}, { weights: { v1: 100 }, routes })).toEqual([
    [`traffic.${ref}.weights`, advice],
    [`traffic.${ref}.routes.0.weights`, advice],
  ]);
});

test("a mirror to a version that takes part, where a third one is free", () => {
  const advice = `v2 takes part in quintet:rollouts.${ref}, and would get requests twice: leave the mirror out`;
  expect(problems({}, { mirror: { version: "v2" } })).toEqual([[`traffic.${ref}.mirror.version`, advice]]);
  expect(problems({}, { mirror: { version: "v3" } })).toEqual([]);
});

test.each([
  [99, 100],
  [99.9, 1000],
  [99.99, 10_000],
  [99.95, 2000],
  [50, 2],
])("%d percent is shown by %d requests, and not by one less", (availability, leastRequests) => {
  const parsed = (least: number) =>
    rolloutsSchema.safeParse({ [ref]: { from: "v1", to: "v2", slo: { availability, leastRequests: least } } }).success;
  expect([parsed(leastRequests), parsed(leastRequests - 1)]).toEqual([true, false]);
});
