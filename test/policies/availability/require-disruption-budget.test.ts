import { requireDisruptionBudget } from "../../../policies/availability/require-disruption-budget.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, budget, listOf, replicatedKinds, workload } from "../manifests.ts";
import { forms, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireDisruptionBudget], objects);
const selecting = (selector: unknown, metadata: object = {}) => budget({ minAvailable: 1, selector }, metadata);
const open = (kind: string) => workload(kind, { replicas: undefined });

test.each<[string, object[]]>([
  ["a budget by matchLabels", [workload(), budget()]],
  ["a budget of v1beta1 by matchLabels", [workload(), { ...budget(), apiVersion: "policy/v1beta1" }]],
  ["a budget over the whole namespace", [workload(), selecting({})]],
  ["a budget by an expression", [workload(), selecting({ matchExpressions: [{ key: "app", operator: "Exists" }] })]],
  ["a list of both", [listOf(workload(), budget())]],
  ["a single pod", [workload("Deployment", { replicas: 1 })]],
  ["no pod", [workload("Deployment", { replicas: 0 })]],
  ["one pod at most by an autoscaler", [open("Deployment"), autoscaler({ minReplicas: 1, maxReplicas: 1 })]],
  ["several pods in a system namespace", [workload("Deployment", {}, pod(), { namespace: "kube-system" })]],
  [
    "a ReplicaSet that a Deployment keeps",
    [workload("ReplicaSet", {}, pod(), { ownerReferences: [{ kind: "Deployment" }] })],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each(forms.filter(([kind]) => !replicatedKinds.some((one) => one === kind)))("asks none of a %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each(replicatedKinds)("sees %s", (kind) => {
  expect(said(workload(kind))).toEqual([
    `${kind} shop/web: no PodDisruptionBudget of namespace shop selects its pods, and there are 3 pods. Add one to shop that selects the labels in spec.template.metadata.labels.`,
  ]);
  expect(said(listOf(workload(kind)))).toEqual([expect.stringContaining("items[0].spec.template.metadata.labels")]);
  expect(said(open(kind))).toEqual([expect.stringContaining("and spec.replicas is left out")]);
});

test.each<[string, object[]]>([
  ["other labels", [selecting({ matchLabels: { app: "db" } })]],
  ["another namespace", [budget({}, { namespace: "bank" })]],
  ["an object that keeps its own", [budget({}, { ownerReferences: [{ kind: "Database", name: "web" }] })]],
  ["no selector", [selecting(undefined)]],
  ["a selector that the API server refuses", [selecting({ matchExpressions: [{ key: "app", operator: "in" }] })]],
  ["the empty selector of v1beta1", [{ ...selecting({}), apiVersion: "policy/v1beta1" }]],
])("refuses pods with a budget of %s", (_, budgets) => {
  expect(said(workload(), ...budgets)).toHaveLength(1);
});

test("pays no heed to a patch of a budget", () => {
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  const patch = objectsOfResource("kubernetes:policy/v1:PodDisruptionBudgetPatch", budget());
  const objects = new Objects([...objectsOfResource("kubernetes:apps/v1:Deployment", workload()), ...patch]);
  expect(judge([requireDisruptionBudget], objects, settings)).toHaveLength(1);
});

test("refuses two pods already", () => {
  expect(said(workload("Deployment", { replicas: 2 }))).toEqual([expect.stringContaining("and there are 2 pods")]);
});

test("refuses pods of which an autoscaler makes several", () => {
  expect(said(open("Deployment"), autoscaler())).toEqual([
    expect.stringContaining("2 to 5 pods, by HorizontalPodAutoscaler web"),
  ]);
});

test("is undecided while the budget, the labels or the bounds are not known", () => {
  expect(said(workload(), selecting({ matchLabels: { app: unknown } }))).toEqual([
    expect.stringContaining("spec.selector.matchLabels.app of PodDisruptionBudget shop/web is not known until then"),
  ]);
  const unlabelled = workload("Deployment", { template: { metadata: { labels: { app: unknown } }, spec: pod() } });
  expect(said(unlabelled, budget())).toEqual([expect.stringContaining("labels.app is not known until then")]);
  expect(said(open("Deployment"), autoscaler({ maxReplicas: unknown }))).toEqual([
    expect.stringContaining("spec.maxReplicas of HorizontalPodAutoscaler shop/web is not known"),
  ]);
  expect(said(workload("Deployment", { replicas: unknown }))).toEqual([
    expect.stringContaining("spec.replicas is not"),
  ]);
});
