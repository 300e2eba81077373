import { disallowRecreate } from "../../../policies/availability/disallow-recreate.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowRecreate], objects);
const strategy = { type: "Recreate" };

test("accepts a rolling update, and Recreate of one pod", () => {
  expect(said(workload())).toEqual([]);
  expect(said(workload("Deployment", { strategy: { type: "RollingUpdate" } }))).toEqual([]);
  expect(said(workload("Deployment", { strategy, replicas: 1 }))).toEqual([]);
  expect(said(workload("StatefulSet", { strategy }))).toEqual([]);
});

test("leaves alone another API group's Deployment, and one that another object keeps", () => {
  expect(said({ ...workload("Deployment", { strategy }), apiVersion: "example.com/v1" })).toEqual([]);
  const ownerReferences = [{ kind: "Operator", name: "web" }];
  expect(said(workload("Deployment", { strategy }, pod(), { ownerReferences }))).toEqual([]);
});

test("tells of several pods that are stopped at once", () => {
  expect(said(workload("Deployment", { strategy }))).toEqual([
    "Deployment shop/web: an update stops all of its pods at once, and there are 3 pods. Set spec.strategy.type to RollingUpdate.",
  ]);
  expect(said(workload("Deployment", { strategy, replicas: 2 }))).toEqual([expect.stringContaining("2 pods")]);
  expect(said(workload("Deployment", { strategy, replicas: undefined }), autoscaler())).toEqual([
    expect.stringContaining("2 to 5 pods"),
  ]);
  expect(said(workload("Deployment", { strategy, replicas: undefined }))).toEqual([
    expect.stringContaining("spec.replicas is left out"),
  ]);
});

test("is undecided while the strategy or the number is not known", () => {
  expect(said(workload("Deployment", { strategy: { type: unknown } }))).toHaveLength(1);
  expect(said(workload("Deployment", { strategy, replicas: unknown }))).toHaveLength(1);
});
