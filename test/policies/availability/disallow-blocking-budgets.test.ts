import { disallowBlockingBudgets } from "../../../policies/availability/disallow-blocking-budgets.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, budget, labels, listOf, manifest, replicatedKinds, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowBlockingBudgets], objects);
const open = workload("Deployment", { replicas: undefined });
const scaled = workload("StatefulSet", { replicas: undefined });
const ending = manifest("batch/v1", "Job", { spec: { template: { metadata: { labels }, spec: pod() } } });
const bare = manifest("v1", "Pod", { spec: pod() }, { labels: { app: "web" } });

test.each<[string, object[]]>([
  ["one pod may go", [budget({ maxUnavailable: 1 }), workload()]],
  ["a share of them may go, which is rounded up to one", [budget({ maxUnavailable: "1%" }), workload()]],
  ["ten may go", [budget({ maxUnavailable: 10 }), workload()]],
  ["a tenth may go", [budget({ maxUnavailable: "10%" }), workload()]],
  ["a share may go that is written with a zero in front", [budget({ maxUnavailable: "05%" }), workload()]],
  ["all of one stay where something else may scale another", [budget({ minAvailable: 4 }), workload(), scaled]],
  ["two of three stay", [budget({ minAvailable: 2 }), workload()]],
  ["66 % of three stay, which are two", [budget({ minAvailable: "66%" }), workload()]],
  ["none stay of one", [budget({ minAvailable: "0%" }), workload("Deployment", { replicas: 1 })]],
  ["one stays of at least two", [budget({ minAvailable: 1 }), open, autoscaler()]],
  ["two of three stay, of two workloads", [budget({ minAvailable: 3 }), workload(), workload("StatefulSet")]],
  ["one stays where something else may scale them", [budget({ minAvailable: 1 }), open]],
  ["there are no pods yet", [budget({ minAvailable: 1 }), workload("Deployment", { replicas: 0 })]],
  ["nobody says how many there are", [budget({ minAvailable: 3 }), workload("DaemonSet")]],
  ["all but a pod of a DaemonSet stay", [budget({ minAvailable: 3 }), workload(), workload("DaemonSet")]],
  ["what must stay is no share, since it begins otherwise", [budget({ minAvailable: "-100%" }), workload()]],
  ["what must stay is no share, since it ends otherwise", [budget({ minAvailable: "100%%" }), workload()]],
  ["its pods are not in the stack", [budget({ minAvailable: 5 })]],
])("accepts a budget where %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "maxUnavailable 0",
    [budget({ maxUnavailable: 0 })],
    "maxUnavailable 0 lets no pod be evicted. Set spec.maxUnavailable",
  ],
  ["maxUnavailable 0 %", [budget({ maxUnavailable: "0%" })], 'maxUnavailable "0%" lets no pod be evicted'],
  ["maxUnavailable 00 %", [budget({ maxUnavailable: "00%" })], 'maxUnavailable "00%" lets no pod be evicted'],
  [
    "minAvailable 100 %",
    [budget({ minAvailable: "100%" })],
    'minAvailable "100%" lets no pod be evicted. Lower spec.minAvailable, or say maxUnavailable: 1.',
  ],
  [
    "neither of the two",
    [budget()],
    "it says neither minAvailable nor maxUnavailable, so that no pod may be evicted. Say maxUnavailable: 1 in spec.",
  ],
  ["as many as there are beside a Job, whose pods end", [budget({ minAvailable: 3 }), workload(), ending], "3 pods"],
  [
    "as many as there are",
    [budget({ minAvailable: 3 }), workload()],
    "minAvailable 3 lets no pod be evicted, and there are 3 pods. Set spec.minAvailable below 3",
  ],
  ["more than there are", [budget({ minAvailable: 4 }), workload()], "and there are 3 pods"],
  ["67 % of three, which are three", [budget({ minAvailable: "67%" }), workload()], 'minAvailable "67%"'],
  ["the only pod", [budget({ minAvailable: 1 }), workload("Deployment", { replicas: 1 })], "and there is 1 pod."],
  ["the only pod, by itself", [budget({ minAvailable: 1 }), bare], "and there is 1 pod."],
  [
    "as many as an autoscaler leaves",
    [budget({ minAvailable: 1 }), open, autoscaler({ minReplicas: 1 })],
    "1 to 5 pods, by HorizontalPodAutoscaler web",
  ],
  [
    "as many as it leaves by default",
    [budget({ minAvailable: 1 }), open, autoscaler({ minReplicas: undefined })],
    "1 to 5 pods",
  ],
  [
    "as many as two workloads have",
    [budget({ minAvailable: 6 }), workload(), workload("StatefulSet")],
    "6 pods at the fewest",
  ],
  [
    "as many as a list has",
    [listOf(budget({ minAvailable: 3 }), workload())],
    "Set items[0].spec.minAvailable below 3",
  ],
])("refuses a budget of %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test.each(replicatedKinds)("counts the pods of %s", (kind) => {
  expect(said(budget({ minAvailable: 3 }), workload(kind))).toHaveLength(1);
  expect(said(budget({ minAvailable: 2 }), workload(kind))).toEqual([]);
});

test("is undecided while an amount is not known, its own or a workload's", () => {
  expect(said(budget({ minAvailable: unknown }))).toEqual([expect.stringContaining("spec.minAvailable is not known")]);
  expect(said(budget({ minAvailable: 2 }), workload("Deployment", { replicas: unknown }))).toEqual([
    expect.stringContaining("spec.replicas of Deployment shop/web is not known"),
  ]);
  const labelled = workload("Deployment", { template: { metadata: { labels: { app: unknown } }, spec: pod() } });
  expect(said(budget({ minAvailable: 3 }), labelled)).toEqual([
    expect.stringContaining("labels.app of Deployment shop/web is not known"),
  ]);
  expect(said(budget({ maxUnavailable: 1 }), labelled)).toEqual([]);
});
