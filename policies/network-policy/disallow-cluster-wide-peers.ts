/** Nobody is let in for being somewhere in the cluster. */
import { networkPolicies } from "../lib/cel/kinds.ts";
import { egress, ingress, lists } from "../lib/cel/peers.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** That a selector picks some, and not whatever there is. */
const picks = (selector: string) =>
  ["matchLabels", "matchExpressions"]
    .map((key) => `(has(${selector}.${key}) && ${selector}.${key}.size() > 0)`)
    .join(" || ");

/** Refuses a peer that stands for every pod of every namespace. */
export const disallowClusterWidePeers = celRule({
  name: "network-policy-disallow-cluster-wide-peers",
  severity: "medium",
  level: "mandatory",
  title: "No peer of a NetworkPolicy stands for every pod of every namespace.",
  why: "An empty namespaceSelector picks all namespaces, those of other tenants and those of tomorrow among them.",
  fix: "Name the namespaces by kubernetes.io/metadata.name, or the pods by their labels.",
  parameters: noParameters,
  about: networkPolicies,
  cel: () => ({
    lists,
    checks: [ingress, egress].map(({ each, keys, keyPath }) => ({
      each,
      keys,
      valid: `!has(key.namespaceSelector) || ${picks("key.namespaceSelector")} || (has(key.podSelector) && (${picks("key.podSelector")}))`,
      path: `${keyPath}.namespaceSelector`,
      problem: "the empty selector stands for every pod of every namespace",
      fix: "Say in {path} which namespaces, or add a podSelector beside it.",
    })),
  }),
});
