import { disallowClusterWidePeers } from "../../../policies/network-policy/disallow-cluster-wide-peers.ts";
import { closed, unknown } from "../network-policies.ts";
import { saidOf } from "../workloads.ts";

const said = (rules: object) => saidOf([disallowClusterWidePeers], [closed(rules)]);
const named = { matchLabels: { "kubernetes.io/metadata.name": "edge" } };

test.each<[string, object]>([
  ["nobody", {}],
  ["a namespace", { ingress: [{ from: [{ namespaceSelector: named }] }] }],
  ["its own namespace", { ingress: [{ from: [{ podSelector: {} }] }] }],
  ["some pods of any", { egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { a: "b" } } }] }] }],
])("accepts %s", (_, rules) => {
  expect(said(rules)).toEqual([]);
});

test.each<[string, object, string]>([
  ["every namespace", { ingress: [{ from: [{ namespaceSelector: {} }] }] }, "spec.ingress[0].from[0]"],
  [
    "it beside others",
    { egress: [{}, { to: [{ podSelector: {} }, { namespaceSelector: {} }] }] },
    "spec.egress[1].to[1]",
  ],
  ["all pods of all", { ingress: [{ from: [{ namespaceSelector: {}, podSelector: {} }] }] }, "spec.ingress[0].from[0]"],
  [
    "it in more words",
    { ingress: [{ from: [{ namespaceSelector: { matchLabels: {}, matchExpressions: [] } }] }] },
    "spec.ingress[0].from[0]",
  ],
])("refuses %s", (_, rules, path) => {
  expect(said(rules)).toEqual([
    `NetworkPolicy shop/default: the empty selector stands for every pod of every namespace. Say in ${path}.namespaceSelector which namespaces, or add a podSelector beside it.`,
  ]);
});

test("is undecided while a peer is not known", () => {
  expect(said({ ingress: [{ from: [{ namespaceSelector: unknown }] }] })).toEqual([
    expect.stringContaining("spec.ingress[0].from[0].namespaceSelector is not known until then"),
  ]);
});
