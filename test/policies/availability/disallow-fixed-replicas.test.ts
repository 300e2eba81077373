import { disallowFixedReplicas } from "../../../policies/availability/disallow-fixed-replicas.ts";
import { unknown } from "../../lib/unknown.ts";
import { objectsOfResource, Objects } from "../../../policies/lib/object.ts";
import { judge, sentenceOf } from "../../../policies/lib/judge.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { autoscaler, listOf, manifest, replicatedKinds, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowFixedReplicas], objects);
const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
const scaling = (kind: string) => autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind, name: "web" } });

test.each(replicatedKinds)("sees %s", (kind) => {
  expect(said(workload(kind), scaling(kind))).toEqual([
    `${kind} shop/web: it says 3 replicas, and HorizontalPodAutoscaler web scales it. Remove spec.replicas.`,
  ]);
  expect(said(listOf(workload(kind), scaling(kind)))).toEqual([
    expect.stringContaining("Remove items[0].spec.replicas"),
  ]);
  expect(said(workload(kind, { replicas: undefined }), scaling(kind))).toEqual([]);
  expect(said(workload(kind))).toEqual([]);
});

test("sees a patch, which sets the number as well", () => {
  const patch = objectsOfResource("kubernetes:apps/v1:DeploymentPatch", workload());
  const hpa = objectsOfResource("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", autoscaler());
  expect(judge([disallowFixedReplicas], new Objects([...patch, ...hpa]), settings).map(sentenceOf)).toEqual([
    expect.stringContaining("it says 3 replicas"),
  ]);
});

test("leaves alone another API group's kind, and what another object keeps", () => {
  const rollout = manifest("argoproj.io/v1alpha1", "Rollout", { spec: { replicas: 3 } });
  expect(said(rollout, scaling("Rollout"))).toEqual([]);
  const ownerReferences = [{ kind: "Deployment", name: "web" }];
  expect(said(workload("ReplicaSet", {}, pod(), { ownerReferences }), scaling("ReplicaSet"))).toEqual([]);
});

test("pays no heed to an autoscaler that names nobody, only patches one, or is kept by another object", () => {
  expect(said(workload(), autoscaler({ scaleTargetRef: undefined }))).toEqual([]);
  const ownerReferences = [{ kind: "ScaledObject", name: "web" }];
  expect(said(workload(), autoscaler({}, { ownerReferences }))).toEqual([]);
  const patch = objectsOfResource("kubernetes:autoscaling/v2:HorizontalPodAutoscalerPatch", autoscaler());
  const scaled = objectsOfResource("kubernetes:apps/v1:Deployment", workload());
  expect(judge([disallowFixedReplicas], new Objects([...scaled, ...patch]), settings)).toEqual([]);
});

test("accepts another workload's autoscaler, and another namespace's", () => {
  expect(said(workload("Deployment", {}, pod(), { name: "db" }), autoscaler())).toEqual([]);
  expect(said(workload(), autoscaler({}, { namespace: "bank" }))).toEqual([]);
});

test("is undecided while what an autoscaler scales is not known", () => {
  const later = autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: unknown } });
  expect(said(workload(), later)).toEqual([
    expect.stringContaining("spec.scaleTargetRef.name of HorizontalPodAutoscaler shop/web is not known"),
  ]);
  expect(said(workload(), autoscaler(), later)).toEqual([expect.stringContaining("it says 3 replicas")]);
});
