import { requireAutoscalerTarget } from "../../../policies/availability/require-autoscaler-target.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, listOf, replicatedKinds, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireAutoscalerTarget], objects);
const scaling = (change: object) =>
  autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", ...change } });

test.each(replicatedKinds)("accepts a %s that is there", (kind) => {
  const apiVersion = kind === "ReplicationController" ? "v1" : "apps/v1";
  expect(said(scaling({ kind, apiVersion }), workload(kind))).toEqual([]);
  expect(said(scaling({ kind, apiVersion }))).toEqual([
    expect.stringContaining(`the stack makes no ${kind} web in shop`),
  ]);
});

test("accepts an older API of a workload, a kind that no stack knows, and one of a system namespace", () => {
  expect(said(scaling({ apiVersion: "apps/v1beta2" }), workload())).toEqual([]);
  expect(said(scaling({ apiVersion: "extensions/v1beta1" }), workload())).toEqual([]);
  expect(said(scaling({ apiVersion: "apps/v1", kind: "Rollout" }))).toEqual([]);
  expect(said(scaling({ apiVersion: "example.com/v1" }))).toEqual([]);
  expect(said(scaling({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" }))).toEqual([]);
  expect(said(autoscaler({}, { namespace: "kube-system" }))).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "another name",
    [scaling({ name: "wbe" }), workload()],
    "the stack makes no Deployment wbe in shop. Correct spec.scaleTargetRef.name",
  ],
  [
    "another name, by an older API",
    [scaling({ apiVersion: "extensions/v1beta1", name: "wbe" }), workload()],
    "the stack makes no Deployment wbe in shop",
  ],
  ["another kind", [scaling({ kind: "StatefulSet" }), workload()], "the stack makes no StatefulSet web in shop"],
  [
    "another namespace",
    [scaling({}), workload("Deployment", {}, pod(), { namespace: "bank" })],
    "no Deployment web in shop",
  ],
  [
    "no API group",
    [scaling({ apiVersion: undefined }), workload()],
    "the core group. Write apps/v1 in spec.scaleTargetRef.apiVersion",
  ],
  [
    "another API group",
    [scaling({ kind: "ReplicationController", apiVersion: "apps/v1" }), workload("ReplicationController")],
    "a ReplicationController is not of the API group that it names, apps. Write v1 in spec.scaleTargetRef.apiVersion.",
  ],
  [
    "no kind",
    [scaling({ kind: undefined }), workload()],
    "it names no workload to scale. Write the kind and the name of one in spec.scaleTargetRef.",
  ],
  ["no name", [scaling({ name: undefined }), workload()], "it names no workload to scale"],
  ["another name in a list", [listOf(scaling({ name: "wbe" }), workload())], "items[0].spec.scaleTargetRef.name"],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while names are not known", () => {
  expect(said(scaling({ name: unknown }), workload())).toEqual([
    expect.stringContaining("spec.scaleTargetRef.name is not"),
  ]);
  expect(said(scaling({}), workload("Deployment", {}, pod(), { name: unknown }))).toEqual([
    expect.stringContaining("metadata.name of Deployment shop/(named by Pulumi) is not known"),
  ]);
});
