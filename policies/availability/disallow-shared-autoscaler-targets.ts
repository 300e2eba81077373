/** One autoscaler decides how many pods a workload has. */
import { autoscalers, targetOf } from "../lib/availability/autoscalers.ts";
import { isKind } from "../lib/lookup.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/** Refuses a second autoscaler for the same workload. */
export const disallowSharedAutoscalerTargets = defineRule({
  name: "availability-disallow-shared-autoscaler-targets",
  severity: "high",
  level: "mandatory",
  title: "No two HorizontalPodAutoscalers scale the same workload.",
  why: "Each takes back what the other has done, so that pods come and go for ever.",
  fix: "Put all metrics into one autoscaler, which takes the largest answer.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isKind(object, "autoscaling", "HorizontalPodAutoscaler")) return;
    const target = targetOf(object);
    if (target === undefined) return;
    const all = autoscalers(objects).at(`${namespaceOf(object)} ${target.kind} ${target.name}`);
    const [first] = all;
    // The later of two is told.
    if (first === undefined || first.object === object || !all.some((one) => one.object === object)) return;
    const problem = `HorizontalPodAutoscaler ${first.name} scales ${target.kind} ${target.name}, too`;
    yield { path: "spec.scaleTargetRef", problem, fix: "Put the metrics of both into one of them, or correct {path}." };
  },
});
