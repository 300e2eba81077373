/** NetworkPolicies are such that the API server takes them. */
import { z } from "zod";
import { problemsOf } from "../lib/network-policy/problems.ts";
import { isNetworkPolicy } from "../lib/network-policy/reading.ts";
import { defineRule } from "../lib/rule.ts";

/** Refuses a NetworkPolicy that the API server would refuse, before anything else of the change is made. */
export const requireValid = defineRule({
  name: "network-policy-require-valid",
  severity: "high",
  level: "mandatory",
  title: "Every NetworkPolicy is one that the API server takes.",
  why: "What it refuses binds nobody, and it refuses only once the update has begun: the pods that were to be closed off are there by then.",
  fix: "Correct what the message names.",
  sees: "object",
  notCel: "it says what the API server itself refuses",
  /** Whether networks with leading zeros or bits beyond their prefix are refused, as they are from v1.36. */
  parameters: z.strictObject({ strictCidrs: z.boolean().default(true) }).prefault({}),
  check: (object, { parameters }) => (isNetworkPolicy(object) ? problemsOf(object.value, parameters) : []),
});
