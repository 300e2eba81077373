/** Every container says what it needs and what it may take, so that one workload cannot starve its neighbours. */
import { amountOf } from "../lib/amounts.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";
import { type Container, workloadOf } from "../lib/workload.ts";

const singular = { requests: "request", limits: "limit" } as const;
const reasons = {
  requests: "so the scheduler places it as if it needed none",
  limits: "so it can take what its neighbours need",
} as const;
const amounts = (["cpu", "memory"] as const).flatMap((resource) =>
  (["requests", "limits"] as const).map((side) => ({ resource, side })),
);

/** Refuses a workload with a container that lacks a valid request or limit for cpu or memory. */
export const requireLimits = defineRule({
  name: "qos-require-limits",
  severity: "high",
  level: "mandatory",
  title: "Every container has cpu and memory requests and limits above zero.",
  why: "A container without them is placed as if it needed nothing, and takes what its neighbours need.",
  fix: "Write requests and limits for cpu and memory in each container, or for the whole pod in spec.resources.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    if (!workload.hasContainers) {
      yield {
        path: `${workload.path}.containers`,
        problem: "There is no list of containers, so their limits cannot be seen",
        fix: "Write them in {path}.",
      };
    }
    // The API server refuses resources on ephemeral containers.
    const containers = workload.containers.filter(({ role }) => role !== "ephemeral");
    yield* each(containers, (container) =>
      each(amounts, ({ resource, side }) => problemsOf(container, workload.resources, resource, side)),
    );
  },
});

function* problemsOf(
  { name, path, value }: Container,
  podResources: unknown,
  resource: "cpu" | "memory",
  side: "requests" | "limits",
): Iterable<Finding> {
  const [who, where] = [`container "${name}"`, `${path}.resources.${side}.${resource}`];
  const amount = at(value, "resources", side, resource);
  if (amount === undefined || amount === null) {
    if (at(podResources, side, resource) !== undefined) return;
    yield { path: where, problem: `${who} has no ${resource} ${singular[side]}, ${reasons[side]}`, fix: "Set {path}." };
    return;
  }
  const nanos = amountOf(amount);
  if (nanos !== undefined && nanos > 0n) return;
  const problem = `${who} has ${resource} ${singular[side]} ${JSON.stringify(amount)}, not a quantity above zero`;
  yield { path: where, problem, fix: "Correct {path}." };
}
