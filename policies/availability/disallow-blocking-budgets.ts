/** A budget says how many pods must stay, and lets the others go. */
import { z } from "zod";
import { budgetOf, isBudget, lasts, protectedBy } from "../lib/availability/disruption-budgets.ts";
import { isNone, labelledPods, type Replicas, replicasOf, saidOf } from "../lib/availability/replicas.ts";
import { shown } from "../lib/labels/problems.ts";
import { elsewhere } from "../lib/lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, type Finding } from "../lib/rule.ts";
import { at, isAbsent, text } from "../lib/values.ts";

/** Refuses a budget that never lets a pod be evicted. */
export const disallowBlockingBudgets = defineRule({
  name: "availability-disallow-blocking-budgets",
  severity: "high",
  level: "mandatory",
  title: "Every PodDisruptionBudget lets at least one pod be evicted while all are well.",
  why: "A drain waits for it for ever: the node is neither upgraded nor removed until somebody deletes the budget.",
  fix: "Say maxUnavailable: 1, or a minAvailable below the fewest pods that there are.",
  sees: "stack",
  parameters: z.strictObject({}).prefault({}),
  *check(object, { objects }) {
    if (!isBudget(object)) return;
    const [min, max] = ["minAvailable", "maxUnavailable"].map((key) => at(object.value, "spec", key));
    if (isAbsent(min) && isAbsent(max)) {
      const problem = "it says neither minAvailable nor maxUnavailable, so that no pod may be evicted";
      yield { path: "spec", problem, fix: "Say maxUnavailable: 1 in {path}." };
    }
    if (isNone(max)) {
      const problem = `maxUnavailable ${shown(max)} lets no pod be evicted`;
      yield { path: "spec.maxUnavailable", problem, fix: "Set {path} to 1 or more." };
    }
    const share = shareOf(min);
    if (share >= 100) {
      const problem = `minAvailable ${shown(min)} lets no pod be evicted`;
      yield { path: "spec.minAvailable", problem, fix: "Lower {path}, or say maxUnavailable: 1." };
    } else if (!isAbsent(min)) yield* tooMany(object, objects, min, share);
  },
});

function* tooMany(object: KubernetesObject, objects: Objects, min: unknown, share: number): Iterable<Finding> {
  // A workload more may make it right, and one that is not known may be that one.
  labelledPods(objects).mustHaveRead(namespaceOf(object));
  const found = protectedBy(budgetOf(object), objects).filter(lasts);
  const counts = found.map((pods) => {
    const of = pods.workload.object;
    return of.kind === "Pod" ? single : elsewhere(of, () => replicasOf(of, objects));
  });
  const all = counts.flatMap((count) => count ?? []);
  // Nobody says how many pods some of them have.
  if (all.length < counts.length) return;
  const least = all.reduce((sum, one) => sum + one.least, 0);
  // Where something else scales it there may be more.
  if (least === 0 || all.some(({ open }) => open === true)) return;
  const stay = Number.isNaN(share) ? Number(min) : Math.ceil((least * share) / 100);
  if (!(stay >= least)) return;
  const [one] = all;
  const there =
    all.length === 1 && one !== undefined ? saidOf(one) : `and there are ${String(least)} pods at the fewest`;
  const problem = `minAvailable ${shown(min)} lets no pod be evicted, ${there}`;
  yield { path: "spec.minAvailable", problem, fix: `Set {path} below ${String(least)}, or say maxUnavailable: 1.` };
}

/** The percent that an amount is; NaN of what is no share. */
const shareOf = (amount: unknown): number => Number(/^(\d+)%$/.exec(text(amount) ?? "")?.[1]);

const single: Replicas = { least: 1, most: 1 };
