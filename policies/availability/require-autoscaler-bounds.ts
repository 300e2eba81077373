/** An autoscaler has room to scale in. */
import { isKind } from "../lib/lookup.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Refuses an autoscaler whose bounds contradict each other. */
export const requireAutoscalerBounds = defineRule({
  name: "availability-require-autoscaler-bounds",
  severity: "high",
  level: "mandatory",
  title: "Every HorizontalPodAutoscaler has a maxReplicas, and no minReplicas above it.",
  why: "The API server refuses it once the update has begun, and until then the workload has whatever pods it had.",
  fix: "Raise maxReplicas or lower minReplicas.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isKind(object, "autoscaling", "HorizontalPodAutoscaler")) return;
    const [min, max] = ["minReplicas", "maxReplicas"].map((key) => at(object.value, "spec", key));
    const path = "spec.maxReplicas";
    if (typeof max !== "number" || max < 1) {
      yield { path, problem: "it does not say how many pods there may be at most", fix: "Set {path} to 1 or more." };
    } else if (typeof min === "number" && min > max) {
      const problem = `minReplicas ${String(min)} is above maxReplicas ${String(max)}`;
      yield { path, problem, fix: "Raise {path}, or lower spec.minReplicas." };
    }
  },
});
