import { disallowUnmatchedBudgets } from "../../../policies/availability/disallow-unmatched-budgets.ts";
import { unknown } from "../../lib/unknown.ts";
import { budget, manifest, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowUnmatchedBudgets], objects);

test.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"])(
  "accepts one for a %s",
  (kind) => {
    expect(said(budget(), workload(kind))).toEqual([]);
  },
);

test("accepts one of a system namespace, and pays no heed to another group's kind", () => {
  expect(said(budget({}, { namespace: "kube-system" }))).toEqual([]);
  expect(said(manifest("example.com/v1", "PodDisruptionBudget", { spec: {} }))).toEqual([]);
});

test.each<[string, object[]]>([
  ["nobody", [budget()]],
  ["other labels", [budget({ selector: { matchLabels: { app: "wbe" } } }), workload()]],
  ["pods of another namespace", [budget({}, { namespace: "bank" }), workload()]],
])("tells of a selector of %s", (_, objects) => {
  expect(said(...objects)).toEqual([
    expect.stringMatching(
      /no workload of the stack in \w+ has the labels that it selects\. Correct spec\.selector, or the labels of the pods\.$/,
    ),
  ]);
});

test("is undecided while labels are not known", () => {
  const later = workload("Deployment", { template: { metadata: { labels: { app: unknown } }, spec: pod() } });
  expect(said(budget(), later)).toEqual([expect.stringContaining("labels.app of Deployment shop/web is not known")]);
});
