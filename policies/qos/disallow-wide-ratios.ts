/** What may be taken stays near what is promised, so that a node that is full is not promised many times over. */
import { z } from "zod";
import { amountOf } from "../lib/amounts.ts";
import { defineRule, each } from "../lib/rule.ts";
import { at } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

const atLeastOne = z.number().min(1, "must be 1 or more: a limit is never below its request");

/** Refuses a container whose limit is many times what it requests. */
export const disallowWideRatios = defineRule({
  name: "qos-disallow-wide-ratios",
  severity: "medium",
  level: "mandatory",
  title: "No container may take many times what it requests: cpu up to 50 times, memory up to 4 times.",
  why: "Nodes are filled by requests: where all take their limits at once, cpu is throttled and memory is taken from pods by killing them.",
  fix: "Request what is used on most days, and limit to what is needed on the worst.",
  sees: "object",
  /** How many times its request a container's limit may be. */
  parameters: z.strictObject({ cpu: atLeastOne.default(50), memory: atLeastOne.default(4) }).prefault({}),
  *check(object, { parameters }) {
    const containers = workloadOf(object)?.containers ?? [];
    yield* each(containers, ({ name, path, value }) =>
      each(["cpu", "memory"] as const, function* (resource) {
        const amount = (side: string) => amountOf(at(value, "resources", side, resource)) ?? 0n;
        const [request, limit] = [amount("requests"), amount("limits")];
        if (request <= 0n || Number(limit) <= Number(request) * parameters[resource]) return;
        const times = (Number(limit) / Number(request)).toFixed(1).replace(/\.0$/, "");
        const problem = `container "${name}" may take ${times} times the ${resource} that it requests, above the ${String(parameters[resource])} times that are allowed`;
        const fix = `Raise {path} or lower ${path}.resources.limits.${resource}.`;
        yield { path: `${path}.resources.requests.${resource}`, problem, fix };
      }),
    );
  },
});
