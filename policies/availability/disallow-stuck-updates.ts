/** A rolling update may begin somewhere. */
import { isNone } from "../lib/availability/replicas.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at, isAbsent, property } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Where each kind says how it is updated. */
const places: Readonly<Record<string, string>> = { Deployment: "strategy", DaemonSet: "updateStrategy" };

/** Refuses a rolling update that may neither add a pod nor take one away. */
export const disallowStuckUpdates = defineRule({
  name: "availability-disallow-stuck-updates",
  severity: "high",
  level: "mandatory",
  title: "A rolling update may add a pod or take one away.",
  why: "With maxSurge and maxUnavailable both 0 nothing can be replaced, and the API server refuses it once the update has begun.",
  fix: "Set maxSurge: 1, or maxUnavailable: 1 where there is no room for one more.",
  sees: "object",
  notCel: "it says what the API server itself refuses",
  parameters: noParameters,
  *check(object) {
    const place = places[object.kind];
    if (place === undefined || workloadOf(object) === undefined) return;
    const strategy = at(object.value, "spec", place);
    if ((property(strategy, "type") ?? "RollingUpdate") !== "RollingUpdate") return;
    const [unavailable, surge] = ["maxUnavailable", "maxSurge"].map((key) => at(strategy, "rollingUpdate", key));
    // A DaemonSet adds no pods unless it says so; all other defaults are above zero.
    const adds = isAbsent(surge) ? object.kind === "Deployment" : !isNone(surge);
    if (adds || !isNone(unavailable)) return;
    const path = `spec.${place}.rollingUpdate`;
    const problem = "maxUnavailable and maxSurge are both 0, so that no pod can be replaced";
    yield { path, problem, fix: "Set maxSurge or maxUnavailable in {path} to 1." };
  },
});
