/** Who scales a workload is not contradicted at every update. */
import { autoscalersOf } from "../lib/availability/autoscalers.ts";
import { shown } from "../lib/labels/problems.ts";
import { isOwned } from "../lib/lookup.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at, isAbsent } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses spec.replicas in a workload that an autoscaler scales. */
export const disallowFixedReplicas = defineRule({
  name: "availability-disallow-fixed-replicas",
  severity: "high",
  level: "mandatory",
  title: "A workload that a HorizontalPodAutoscaler scales leaves spec.replicas out.",
  why: "Each update otherwise sets it back to that number, on the busiest day as well, and the autoscaler begins anew.",
  fix: "Remove spec.replicas; minReplicas of the autoscaler is the fewest pods there are.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (workloadOf(object) === undefined || isOwned(object)) return;
    const replicas = at(object.value, "spec", "replicas");
    if (isAbsent(replicas)) return;
    const [autoscaler] = autoscalersOf(object, objects);
    if (autoscaler === undefined) return;
    const problem = `it says ${shown(replicas)} replicas, and HorizontalPodAutoscaler ${autoscaler.name} scales it`;
    yield { path: "spec.replicas", problem, fix: "Remove {path}." };
  },
});
