import { disallowSharedAutoscalerTargets } from "../../../policies/availability/disallow-shared-autoscaler-targets.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowSharedAutoscalerTargets], objects);
const target = (change: object) => ({
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", ...change },
});

test("accepts one for each workload", () => {
  expect(said(autoscaler(), autoscaler(target({ name: "db" }), { name: "db" }))).toEqual([]);
  expect(said(autoscaler(), autoscaler(target({ kind: "StatefulSet" }), { name: "db" }))).toEqual([]);
  expect(said(autoscaler(), autoscaler({}, { namespace: "bank" }))).toEqual([]);
});

test("leaves alone what is no autoscaler of Kubernetes, or is kept by another object", () => {
  const spec = target({});
  expect(said(autoscaler(), manifest("keda.sh/v1alpha1", "ScaledObject", { spec }, { name: "more" }))).toEqual([]);
  const later = target({ name: unknown });
  expect(said(manifest("keda.sh/v1alpha1", "ScaledObject", { spec: later }, { name: "more" }))).toEqual([]);
  const ownerReferences = [{ kind: "ScaledObject", name: "web" }];
  expect(said(autoscaler(), autoscaler({}, { name: "more", ownerReferences }))).toEqual([]);
  expect(said(autoscaler({}, { ownerReferences }), autoscaler({}, { name: "more" }))).toEqual([]);
  expect(said(autoscaler({}, { ownerReferences }))).toEqual([]);
});

test("leaves alone autoscalers that name nobody", () => {
  const lost = { scaleTargetRef: undefined };
  expect(said(autoscaler(lost), autoscaler(lost, { name: "more" }))).toEqual([]);
});

test("tells the later of two for one workload", () => {
  expect(said(autoscaler(), autoscaler({}, { name: "more" }))).toEqual([
    "HorizontalPodAutoscaler shop/more: HorizontalPodAutoscaler web scales Deployment web, too. Put the metrics of both into one of them, or correct spec.scaleTargetRef.",
  ]);
});

test("is undecided while its target is not known", () => {
  expect(said(autoscaler(), autoscaler(target({ name: unknown }), { name: "more" }))).toEqual([
    expect.stringContaining("spec.scaleTargetRef.name is not known"),
  ]);
});
