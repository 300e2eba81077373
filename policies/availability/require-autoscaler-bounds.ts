/** An autoscaler has room to scale in. */
import { isKind } from "../lib/lookup.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at, numberOf } from "../lib/values.ts";

/** Refuses an autoscaler whose bounds contradict each other. */
export const requireAutoscalerBounds = defineRule({
  name: "availability-require-autoscaler-bounds",
  severity: "high",
  level: "mandatory",
  title: "Every HorizontalPodAutoscaler has a maxReplicas, and no minReplicas above it.",
  why: "The API server refuses it once the update has begun, and until then the workload has whatever pods it had.",
  fix: "Raise maxReplicas or lower minReplicas.",
  sees: "object",
  notCel: "it says what the API server itself refuses",
  parameters: noParameters,
  *check(object) {
    if (!isKind(object, "autoscaling", "HorizontalPodAutoscaler")) return;
    // One is what the API server sets.
    const [min = 1, max] = ["minReplicas", "maxReplicas"].map((key) => numberOf(at(object.value, "spec", key)));
    const path = "spec.maxReplicas";
    if (max === undefined || max < 1) {
      yield { path, problem: "it does not say how many pods there may be at most", fix: "Set {path} to 1 or more." };
    } else if (min > max) {
      const problem = `minReplicas ${String(min)} is above maxReplicas ${String(max)}`;
      yield { path, problem, fix: "Raise {path}, or lower spec.minReplicas." };
    }
  },
});
