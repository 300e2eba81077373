/** A budget protects somebody. */
import { z } from "zod";
import { budgetOf, isBudget, protectedBy } from "../lib/availability/disruption-budgets.ts";
import { labelledPods } from "../lib/availability/replicas.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** Tells of a budget whose selector no workload of the stack has the labels for. */
export const disallowUnmatchedBudgets = defineRule({
  name: "availability-disallow-unmatched-budgets",
  severity: "medium",
  // Operators make pods that no stack shows.
  level: "advisory",
  title: "Every PodDisruptionBudget selects the pods of some workload of the stack.",
  why: "A label that is mistyped selects nobody, and no one is told: the pods that were to stay are evicted all at once.",
  fix: "Correct the selector, or the labels of the pods.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    if (!isBudget(object)) return;
    const namespace = namespaceOf(object);
    if (Object.hasOwn(parameters.system, namespace)) return;
    if (protectedBy(budgetOf(object), objects).length > 0) return;
    labelledPods(objects).mustHaveRead(namespace);
    const problem = `no workload of the stack in ${namespace} has the labels that it selects`;
    yield { path: "spec.selector", problem, fix: "Correct {path}, or the labels of the pods." };
  },
});
