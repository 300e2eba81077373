import { disallowOverlappingBudgets } from "../../../policies/availability/disallow-overlapping-budgets.ts";
import { unknown } from "../../lib/unknown.ts";
import { budget, labels, manifest, workload } from "../manifests.ts";
import { forms, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowOverlappingBudgets], objects);
const all = (metadata: object = { name: "all" }) => budget({ selector: {} }, metadata);

test("accepts one budget for each pod", () => {
  const other = budget({ selector: { matchLabels: { app: "db" } } }, { name: "db" });
  expect(said(workload(), budget(), other)).toEqual([]);
  expect(said(workload(), budget(), all({ name: "all", namespace: "bank" }))).toEqual([]);
  expect(said(budget(), all())).toEqual([]);
});

test("tells the later of two over the same pods", () => {
  expect(said(workload(), budget(), all())).toEqual([
    "PodDisruptionBudget shop/all: it selects the pods of Deployment shop/web, as PodDisruptionBudget web does. Narrow spec.selector, or keep one of the two.",
  ]);
});

test.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"])("sees %s", (kind) => {
  expect(said(workload(kind), budget(), all())).toHaveLength(1);
});

test("sees a bare pod, and leaves Jobs alone", () => {
  expect(said(manifest("v1", "Pod", { spec: pod() }, { labels }), budget(), all())).toHaveLength(1);
  const jobs = forms.filter(([kind]) => kind.endsWith("Job")).map(([, object]) => object);
  expect(jobs).toHaveLength(2);
  expect(said(...jobs, all({ name: "a" }), all({ name: "b" }))).toEqual([]);
});

test("is undecided while its selector, or the labels of pods, are not known", () => {
  const later = budget({ selector: { matchLabels: { app: unknown } } }, { name: "later" });
  expect(said(workload(), budget(), later)).toEqual([expect.stringContaining("matchLabels.app is not known")]);
  const pods = workload("Deployment", { template: { metadata: { labels: { app: unknown } }, spec: pod() } });
  expect(said(pods, budget(), all())).toHaveLength(2);
  expect(said(pods, budget())).toEqual([]);
});
