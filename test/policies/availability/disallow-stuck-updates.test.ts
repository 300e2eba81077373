import { disallowStuckUpdates } from "../../../policies/availability/disallow-stuck-updates.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf, workload } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowStuckUpdates], objects);
const rolling = (rollingUpdate: object | undefined, type: string | undefined = "RollingUpdate") =>
  workload("Deployment", { strategy: { type, rollingUpdate } });
const onNodes = (rollingUpdate: object) => workload("DaemonSet", { updateStrategy: { rollingUpdate } });

test.each<[string, object]>([
  ["no strategy", workload()],
  ["a surge of one", rolling({ maxSurge: 1, maxUnavailable: 0 })],
  ["one less", rolling({ maxSurge: 0, maxUnavailable: 1 })],
  ["a share", rolling({ maxSurge: "0%", maxUnavailable: "25%" })],
  ["the default surge", rolling({ maxUnavailable: 0 })],
  ["the default of what may be missing", rolling({ maxSurge: 0 })],
  ["Recreate", rolling(undefined, "Recreate")],
  ["Recreate, with amounts that nobody asks", rolling({ maxSurge: 0, maxUnavailable: 0 }, "Recreate")],
  ["a tenth less", rolling({ maxSurge: 0, maxUnavailable: "10%" })],
  ["a share with a zero in front", rolling({ maxSurge: 0, maxUnavailable: "05%" })],
  [
    "a Deployment of another API group",
    { ...rolling({ maxSurge: 0, maxUnavailable: 0 }), apiVersion: "example.com/v1" },
  ],
  ["a StatefulSet", workload("StatefulSet", { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } })],
  ["a DaemonSet that adds pods", onNodes({ maxSurge: 1, maxUnavailable: 0 })],
])("accepts %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each<[string, object, string]>([
  ["0 and 0", rolling({ maxSurge: 0, maxUnavailable: 0 }), "spec.strategy.rollingUpdate"],
  ["0 % and 0", rolling({ maxSurge: "0%", maxUnavailable: 0 }, undefined), "spec.strategy.rollingUpdate"],
  ["0 and 0 %", rolling({ maxSurge: 0, maxUnavailable: "0%" }), "spec.strategy.rollingUpdate"],
  ["00 % and 0", rolling({ maxSurge: "00%", maxUnavailable: 0 }), "spec.strategy.rollingUpdate"],
  ["0 in a DaemonSet", onNodes({ maxUnavailable: 0 }), "spec.updateStrategy.rollingUpdate"],
  ["0 in a list", listOf(rolling({ maxSurge: 0, maxUnavailable: 0 })), "items[0].spec.strategy.rollingUpdate"],
])("refuses %s", (_, object, path) => {
  expect(said(object)).toEqual([
    expect.stringContaining(`so that no pod can be replaced. Set maxSurge or maxUnavailable in ${path} to 1`),
  ]);
});

test("is undecided while an amount is not known", () => {
  expect(said(rolling({ maxSurge: unknown, maxUnavailable: 0 }))).toEqual([
    expect.stringContaining("maxSurge is not known"),
  ]);
});
