/** Every container says what it needs and what it may take, so that one workload cannot starve its neighbours. */
import type { Check } from "../lib/cel/form.ts";
import { given } from "../lib/cel/form.ts";
import { isPositive } from "../lib/cel/quantities.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const singular = { requests: "request", limits: "limit" } as const;
const reasons = {
  requests: "so the scheduler places it as if it needed none",
  limits: "so it can take what its neighbours need",
} as const;
const amounts = (["cpu", "memory"] as const).flatMap((resource) =>
  (["requests", "limits"] as const).map((side) => ({ resource, side })),
);

/** Refuses a workload with a container that lacks a valid request or limit for cpu or memory. */
export const requireLimits = celRule({
  name: "qos-require-limits",
  severity: "high",
  level: "mandatory",
  title: "Every container has cpu and memory requests and limits above zero.",
  why: "A container without them is placed as if it needed nothing, and takes what its neighbours need.",
  fix: "Write requests and limits for cpu and memory in each container, or for the whole pod in spec.resources.",
  parameters: noParameters,
  cel: () => ({
    checks: [
      {
        each: "pod",
        valid: "variables.patch || has(variables.spec.containers)",
        path: "{it.path}.containers",
        problem: "There is no list of containers, so their limits cannot be seen",
        fix: "Write them in {path}.",
      },
      ...amounts.flatMap(({ resource, side }) => checksOf(resource, side)),
    ],
  }),
});

function checksOf(resource: "cpu" | "memory", side: "requests" | "limits"): Check[] {
  const amount = `it.value.resources.${side}.${resource}`;
  const shared = {
    each: "containers",
    where: 'it.role != "ephemeral"', // the API server refuses resources on those
    path: `{it.path}.resources.${side}.${resource}`,
  } as const;
  return [
    {
      ...shared,
      valid: `(${given(amount)}) || (${given(`variables.spec.resources.${side}.${resource}`)})`,
      problem: `{it.who} has no ${resource} ${singular[side]}, ${reasons[side]}`,
      fix: "Set {path}.",
    },
    {
      ...shared,
      valid: `!(${given(amount)}) || ${isPositive(amount)}`,
      problem: `{it.who} has ${resource} ${singular[side]} "{${amount}}", not a quantity above zero`,
      fix: "Correct {path}.",
    },
  ];
}
