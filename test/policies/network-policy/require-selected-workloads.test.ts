import { requireSelectedWorkloads } from "../../../policies/network-policy/require-selected-workloads.ts";
import { closed, labelled, policy, unknown } from "../network-policies.ts";
import { forms, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireSelectedWorkloads], objects);
const selecting = (podSelector: object) => closed({ podSelector });

test.each<[string, object]>([
  ["an empty selector", {}],
  ["matchLabels", { matchLabels: { app: "web" } }],
  ["In", { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }],
  ["NotIn, of a label that is not there", { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["x"] }] }],
  ["Exists", { matchExpressions: [{ key: "app", operator: "Exists" }] }],
  ["DoesNotExist", { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }],
])("accepts pods selected by %s", (_, selector) => {
  expect(said(labelled(), selecting(selector))).toEqual([]);
});

test("accepts pods in their node's network and in system namespaces, which no policy binds", () => {
  expect(said(labelled({}, pod({ hostNetwork: true })))).toEqual([]);
  expect(said(labelled({}, pod(), "web", "kube-system"))).toEqual([]);
});

test("accepts a Job that is selected by the label that its controller adds", () => {
  const [, job = {}] = forms.find(([kind]) => kind === "Job") ?? [];
  expect(said(job, selecting({ matchLabels: { "batch.kubernetes.io/job-name": "web" } }))).toEqual([]);
});

test.each<[string, object[], string]>([
  ["without a policy", [], "Ingress or Egress, so that they may be called by anybody and call anybody"],
  ["with other labels", [selecting({ matchLabels: { app: "db" } })], "Ingress or Egress"],
  ["with a label more", [selecting({ matchLabels: { app: "web", tier: "x" } })], "Ingress or Egress"],
  [
    "kept out by NotIn",
    [selecting({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] })],
    "Ingress",
  ],
  ["of another namespace", [policy("a", closed().spec, { namespace: "other" })], "Ingress or Egress"],
  [
    "selected by what the API server refuses",
    [selecting({ matchExpressions: [{ key: "app", operator: "in" }] })],
    "Ingress",
  ],
  ["selected for ingress alone", [closed({ policyTypes: ["Ingress"] })], "Egress, so that they may call anybody"],
  [
    "selected for egress alone",
    [closed({ policyTypes: ["Egress"] })],
    "Ingress, so that they may be called by anybody",
  ],
])("refuses pods %s", (_, policies, message) => {
  expect(said(labelled(), ...policies)).toEqual([
    expect.stringContaining(`Deployment shop/web: no NetworkPolicy of namespace shop selects its pods for ${message}`),
  ]);
});

test.each(forms.filter(([kind]) => kind !== "PodTemplate"))("sees %s", (kind, object) => {
  expect(said(object)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${kind} shop/web: no NetworkPolicy of namespace shop .* Select the labels in ([\\w.]+\\.)?metadata.labels, or every pod of shop, in a policy.$`,
      ),
    ),
  ]);
  expect(said(object, closed())).toEqual([]);
});

test("is undecided while the labels, or a policy, are not known", () => {
  expect(said(labelled({ app: unknown }), selecting({ matchLabels: { app: "web" } }))).toEqual([
    expect.stringContaining("spec.template.metadata.labels.app is not known until then"),
  ]);
  expect(said(labelled(), selecting({ matchLabels: { app: unknown } }))).toEqual([
    expect.stringContaining("spec.podSelector.matchLabels.app of NetworkPolicy shop/default is not known"),
  ]);
  expect(said(labelled(), selecting({ matchLabels: { app: unknown } }), closed())).toEqual([]);
});
