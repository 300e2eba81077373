/** Pods fit what their namespace's LimitRange allows. */
import { z } from "zod";
import { namespaceOf } from "../lib/object.ts";
import { admitted, limitItemsIn } from "../lib/qos/admitted.ts";
import { whole } from "../lib/qos/amounts.ts";
import { sidecarParameters } from "../lib/qos/injection.ts";
import { breaksOf } from "../lib/qos/limit-range.ts";
import { defineRule } from "../lib/rule.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses a workload whose pods the LimitRange of their namespace would refuse. */
export const requireLimitRangeFit = defineRule({
  name: "qos-require-limit-range-fit",
  severity: "high",
  level: "mandatory",
  title: "Every pod and container, and the sidecar of the mesh, is within its namespace's LimitRange.",
  why: "The API server takes the workload and then refuses every pod of it, which only its events say.",
  fix: "Ask for less or more, or change the LimitRange.",
  sees: "stack",
  parameters: z.strictObject({ sidecar: sidecarParameters }).prefault({}),
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch) return;
    const items = limitItemsIn(namespaceOf(object), objects);
    if (items.length === 0) return;
    const pod = admitted(workload, objects, parameters.sidecar);
    const total = { requests: whole(pod, "requests"), limits: whole(pod, "limits") };
    const fix = "Correct {path}, or the LimitRange.";
    for (const item of items) {
      if (item.type === "Pod") {
        for (const [, problem] of breaksOf(total, item))
          yield { path: workload.path, problem: `the pod ${problem}`, fix };
      } else if (item.type === "Container") {
        for (const share of pod.containers) {
          for (const [, problem] of breaksOf(share, item)) {
            yield { path: share.path ?? workload.path, problem: `${share.title} ${problem}`, fix };
          }
        }
      }
    }
  },
});
