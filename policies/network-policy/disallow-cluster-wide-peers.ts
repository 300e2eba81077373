/** Nobody is let in for being somewhere in the cluster. */
import { rulesOf } from "../../components/network-policy.ts";
import { directions, selectsAll } from "../lib/network-policy/network-policies.ts";
import { policiesOf } from "../lib/network-policy/reading.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/** Refuses a peer that stands for every pod of every namespace. */
export const disallowClusterWidePeers = defineRule({
  name: "network-policy-disallow-cluster-wide-peers",
  severity: "medium",
  level: "mandatory",
  title: "No peer of a NetworkPolicy stands for every pod of every namespace.",
  why: "An empty namespaceSelector picks all namespaces, those of other tenants and those of tomorrow among them.",
  fix: "Name the namespaces by kubernetes.io/metadata.name, or the pods by their labels.",
  sees: "object",
  notCel:
    "it is about NetworkPolicies, and those of the CEL are about workloads; the platform writes them, and tenants may not",
  parameters: noParameters,
  *check(object) {
    for (const { spec } of policiesOf(object)) {
      for (const direction of directions) {
        const [side, key] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
        for (const [rule, { peers = [] }] of rulesOf(spec, direction).entries()) {
          for (const [index, { namespaceSelector, podSelector = {} }] of peers.entries()) {
            if (namespaceSelector === undefined || !selectsAll(namespaceSelector) || !selectsAll(podSelector)) continue;
            const path = `spec.${side}[${String(rule)}].${key}[${String(index)}].namespaceSelector`;
            const problem = "the empty selector stands for every pod of every namespace";
            yield { path, problem, fix: "Say in {path} which namespaces, or add a podSelector beside it." };
          }
        }
      }
    }
  },
});
