/** Who scales a workload is not contradicted at every update. */
import { autoscalersOf } from "../lib/availability/autoscalers.ts";
import { shown } from "../lib/labels/problems.ts";
import { isOwned } from "../lib/lookup.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at, isAbsent, property } from "../lib/values.ts";
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
    if (isAbsent(replicas) || isLeftOut(object.value)) return;
    const [autoscaler] = autoscalersOf(object, objects);
    if (autoscaler === undefined) return;
    const problem = `it says ${shown(replicas)} replicas, and HorizontalPodAutoscaler ${autoscaler.name} scales it`;
    yield { path: "spec.replicas", problem, fix: "Remove {path}." };
  },
});

/**
 * Whether nobody has written the number of an object that a cluster has answered with: the engine shows a whole stack so
 * once it is updated, and the API server puts a number there where none was, and the autoscaler its own.
 */
function isLeftOut(value: unknown): boolean {
  const managed = at(value, "metadata", "managedFields");
  if (!Array.isArray(managed)) return false;
  return !managed.some(
    (entry: unknown) =>
      property(entry, "subresource") !== "scale" && at(entry, "fieldsV1", "f:spec", "f:replicas") !== undefined,
  );
}
