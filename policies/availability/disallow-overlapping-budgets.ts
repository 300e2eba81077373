/** Each pod has one budget at most. */
import { budgetOf, budgets, isBudget, lasts, protectedBy } from "../lib/availability/disruption-budgets.ts";
import { labelledPods } from "../lib/availability/replicas.ts";
import { picks } from "../lib/labels/selector.ts";
import { nameOf } from "../lib/lookup.ts";
import { namespaceOf, titleOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/** Refuses a budget over pods that another one is over, too. */
export const disallowOverlappingBudgets = defineRule({
  name: "availability-disallow-overlapping-budgets",
  severity: "high",
  level: "mandatory",
  title: "No two PodDisruptionBudgets select the same pods.",
  why: "The API server answers 500 to every eviction of a pod with two budgets, so that its node is never drained.",
  fix: "Narrow one selector, or keep one budget.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isBudget(object)) return;
    const [own, namespace] = [budgetOf(object), namespaceOf(object)];
    const others = budgets(objects).at(namespace);
    if (others.length < 2) return;
    const found = protectedBy(own, objects).filter(lasts);
    const place = others.findIndex((other) => other.object === object);
    // The later of two is told.
    for (const earlier of others.slice(0, Math.max(place, 0))) {
      const both = found.find(({ labels }) => picks(earlier.selector, labels));
      if (both === undefined) continue;
      const problem = `it selects the pods of ${titleOf(both.workload.object)}, as PodDisruptionBudget ${nameOf(earlier.object)} does`;
      yield { path: "spec.selector", problem, fix: "Narrow {path}, or keep one of the two." };
    }
    labelledPods(objects).mustHaveRead(namespace);
  },
});
