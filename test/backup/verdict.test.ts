import {
  type DrillResult,
  drillMaxAge,
  drillMetrics,
  drillText,
  duration,
  mayChange,
  reasons,
} from "../../backup/verdict.ts";

const at = "2026-11-21T12:00:00Z";
const now = Date.parse(at);

const green: DrillResult = {
  format: 1,
  ok: true,
  at,
  clusterId: "c",
  snapshot: {
    name: "etcd-20261121T115000Z-00000000000003e8.tar.age",
    takenAt: "2026-11-21T11:50:00Z",
    revision: 1000,
    reason: "schedule",
  },
  faults: [],
  rpo: 600,
  rto: 12.34,
  keys: 900,
  objects: 880,
  compared: {
    counts: { equal: 870, changed: 9, created: 0, deleted: 1, unproven: 0, missing: 0, differs: 0, vanished: 0 },
    examples: {},
  },
};
const red: DrillResult = {
  ...green,
  ok: false,
  faults: [{ reason: "missing", says: "1 objects: /configmaps shop/one" }],
};

describe("a risky change", () => {
  test.each<[string, DrillResult | undefined, number, string | undefined, boolean, string]>([
    ["goes on after a green drill", green, now + 1000, undefined, true, "The last drill is green."],
    ["goes on at the drill's last moment", green, now + drillMaxAge, undefined, true, "The last drill is green."],
    ["stops without any drill", undefined, now, undefined, false, "No snapshot has been drilled."],
    ["stops after a red one", red, now, undefined, false, "The last drill is red: missing."],
    ["stops after a stale one", green, now + drillMaxAge + 1, undefined, false, "The last drill is 24 h old."],
    ["is not waived by blanks", red, now, "  ", false, "waive it with a reason."],
    ["is waived with a reason", red, now, "node is on fire", true, "Waived: node is on fire"],
    [
      "is waived without a drill",
      undefined,
      now,
      "first ever",
      true,
      "No snapshot has been drilled. Waived: first ever",
    ],
  ])("%s", (_, result, when, waiver, may, says) => {
    const decision = mayChange(result, when, waiver);
    expect(decision.may).toBe(may);
    expect(decision.says).toContain(says);
  });
});

test("people read what was found, by name where it is wrong", () => {
  expect(drillText(green).split("\n")).toEqual([
    "etcd-20261121T115000Z-00000000000003e8.tar.age, taken 2026-11-21T11:50:00Z (schedule), revision 1000",
    "RPO 10 min, RTO 12.3 s",
    "900 keys, 880 objects",
    "870 equal, 9 changed, 1 deleted",
    "drill_ok 1: this snapshot brings the cluster back.",
  ]);
  expect(drillText(red).split("\n").slice(-2)).toEqual(["RED missing: 1 objects: /configmaps shop/one", "drill_ok 0"]);
  expect(drillText({ format: 1, ok: false, at, clusterId: "c", faults: [{ reason: "wrong-key", says: "no" }] })).toBe(
    "RPO unknown, RTO unknown\nRED wrong-key: no\ndrill_ok 0",
  );
});

test.each([
  [0.04, "0.0 s"],
  [99.9, "99.9 s"],
  [119, "119 s"],
  [600, "10 min"],
  [7_200, "2 h"],
  [200_000, "2 d"],
])("%d s are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("Prometheus gets every reason, red or not", () => {
  const lines = drillMetrics(red).split("\n");
  expect(lines).toContain("quintet_etcd_drill_ok 0");
  expect(lines).toContain(`quintet_etcd_drill_last_run_timestamp_seconds ${String(now / 1000)}`);
  expect(lines).toContain("quintet_etcd_drill_rpo_seconds 600");
  expect(lines).toContain('quintet_etcd_drill_objects{finding="equal"} 870');
  const faults = lines.filter((line) => line.startsWith("quintet_etcd_drill_fault{"));
  expect(faults).toEqual(
    reasons.map((reason) => `quintet_etcd_drill_fault{reason="${reason}"} ${reason === "missing" ? "1" : "0"}`),
  );
  for (const line of lines) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w-]+"\})? [\d.]+|)$/);
});
