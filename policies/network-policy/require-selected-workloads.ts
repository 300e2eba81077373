/** Every pod is closed in both directions by some policy. */
import { z } from "zod";
import { bindingOf, directions, mustHaveRead, networkOf } from "../lib/network-policy/network-policies.ts";
import { podsOf } from "../lib/network-policy/reading.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** Refuses a workload that no NetworkPolicy selects for calls to it, or for its own. */
export const requireSelectedWorkloads = defineRule({
  name: "network-policy-require-selected-workloads",
  severity: "high",
  level: "mandatory",
  title: "Some NetworkPolicy selects every workload for ingress, and some for egress.",
  why: "A pod that no policy selects may be called by everybody, and may call everybody.",
  fix: "Give its namespace a policy with an empty podSelector and both policyTypes.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    for (const pods of podsOf(object)) {
      const { namespace, hostNetwork, workload } = pods;
      if (hostNetwork === true || Object.hasOwn(parameters.system, namespace)) continue;
      const network = networkOf(objects);
      const open = directions.filter((direction) => bindingOf(network, pods, direction).length === 0);
      if (open.length === 0) continue;
      mustHaveRead(network, ["policy"], namespace);
      const path = `${workload.metadataPath}.labels`;
      const who = open.map((one) => (one === "Ingress" ? "be called by anybody" : "call anybody")).join(" and ");
      const problem = `no NetworkPolicy of namespace ${namespace} selects its pods for ${open.join(" or ")}, so that they may ${who}`;
      yield { path, problem, fix: `Select the labels in {path}, or every pod of ${namespace}, in a policy.` };
    }
  },
});
