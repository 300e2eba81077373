/** What is promised is never more than what may be taken: in a container, in the pod, and in the one of the other. */
import { amountOf, kept, podAmountsOf, together } from "../lib/amounts.ts";
import { shown } from "../lib/limit-range.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, entries, property } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses requests above limits, as the API server does: for a Deployment it would only do so once pods are made. */
export const disallowRequestsAboveLimits = defineRule({
  name: "qos-disallow-requests-above-limits",
  severity: "high",
  level: "mandatory",
  title: "No request is above its limit, and what containers request together fits into what their pod requests.",
  why: "The API server takes the workload and then refuses every pod of it, which only its events say.",
  fix: "Lower the request or raise the limit.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    const containers = workload.containers.filter(({ role }) => role !== "ephemeral");
    yield* each(containers, ({ name, path, value }) =>
      aboveOwnLimits(`container "${name}"`, `${path}.resources`, property(value, "resources")),
    );
    yield* aboveOwnLimits("the pod", `${workload.path}.resources`, workload.resources);
    const { pod, containers: shares } = kept(podAmountsOf(containers, workload.resources));
    if (pod === undefined) return;
    const asked = together(shares, "requests");
    for (const [resource, granted] of pod.requests) {
      const all = asked.get(resource);
      if (all === undefined || granted === undefined || all <= granted) continue;
      const path = `${workload.path}.resources.requests.${resource}`;
      const problem = `the containers request ${shown(resource, all)} of ${resource} together, more than the ${shown(resource, granted)} of their pod, which the API server refuses`;
      yield { path, problem, fix: "Raise {path}, or lower what the containers request." };
    }
    yield* each(containers, function* ({ name, path, value }) {
      for (const [resource, written] of entries(at(value, "resources", "limits"))) {
        const [limit, whole] = [amountOf(written), pod.limits.get(resource)];
        if (limit === undefined || whole === undefined || limit <= whole) continue;
        const problem = `container "${name}" is limited to ${shown(resource, limit)} of ${resource}, more than the ${shown(resource, whole)} of its pod, which the API server refuses`;
        yield { path: `${path}.resources.limits.${resource}`, problem, fix: "Lower {path}, or raise the pod's limit." };
      }
    });
  },
});

function* aboveOwnLimits(who: string, path: string, resources: unknown): Iterable<Finding> {
  yield* each(entries(property(resources, "requests")), function* ([resource, written]) {
    const [request, limit] = [amountOf(written), amountOf(at(resources, "limits", resource))];
    if (request === undefined || limit === undefined || request <= limit) return;
    const problem = `${who} requests more ${resource} than its limit, which the API server refuses`;
    const fix = `Lower {path} or raise ${path}.limits.${resource}.`;
    yield { path: `${path}.requests.${resource}`, problem, fix };
  });
}
