/** NetworkPolicies are made where they have an effect. */
import { z } from "zod";
import { isNetworkPolicy } from "../lib/network-policy/reading.ts";
import { defineRule } from "../lib/rule.ts";

/** Refuses a NetworkPolicy on a cluster whose network does not heed any. */
export const requireEnforcement = defineRule({
  name: "network-policy-require-enforcement",
  severity: "high",
  level: "mandatory",
  title: "NetworkPolicies are made on clusters whose network heeds them.",
  why: "The API server takes a policy in every cluster, and nothing says that the network does nothing about it.",
  fix: "Turn on what enforces policies in the cluster's network: quintet:cluster says how.",
  sees: "object",
  notCel: "it follows from the configuration of the stack, and the cluster is the same for every request",
  /** Whether the cluster's network heeds policies; of a stack it follows from its `quintet:cluster`. */
  parameters: z.strictObject({ enforced: z.boolean().default(true) }).prefault({}),
  *check(object, { parameters }) {
    if (!isNetworkPolicy(object) || parameters.enforced) return;
    const problem = "the network of this cluster heeds no NetworkPolicy, so that this one closes nothing";
    yield { path: "spec", problem, fix: "Turn on in quintet:cluster what enforces policies." };
  },
});
