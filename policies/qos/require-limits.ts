/** Every container says what it needs and what it may take, so that one workload cannot starve its neighbours. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parseQuantity } from "../../quantity.ts";
import { judgeAll } from "../lib/judge-all.ts";
import { type PodSpec, podSpecsOf, property, text } from "../lib/pod-specs.ts";

/** Refuses a workload with a container that lacks a valid request or limit for cpu or memory. */
export const requireLimits: ResourceValidationPolicy = {
  name: "qos-require-limits",
  description: "Every container has cpu and memory requests and limits, and no request exceeds its limit.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    judgeAll(podSpecsOf(type, props), (podSpec) => {
      judgeAll(containersOf(podSpec, reportViolation), (container) => {
        judgeAll(["cpu", "memory"], (resource) => {
          judge(container, resource, reportViolation);
        });
      });
    });
  },
};

type Report = (message: string) => void;

/** A container, and what its pod grants to all of its containers together. */
interface Container {
  readonly object: string;
  readonly path: string;
  readonly value: unknown;
  readonly podResources: unknown;
}

/** Ephemeral containers are left out: the API server refuses resources on them. */
function containersOf({ object, path, spec, patch }: PodSpec, report: Report): Container[] {
  const lists = ["initContainers", "containers"].map((list) => ({ list, items: property(spec, list) }));
  if (!patch && !Array.isArray(lists[1]?.items)) {
    report(`${object}: ${path}.containers is no list of containers, so their limits cannot be seen. Write them there.`);
  }
  return lists.flatMap(({ list, items }) =>
    (Array.isArray(items) ? items : []).map((value: unknown, index) => ({
      object,
      path: `${path}.${list}[${String(index)}]`,
      value,
      podResources: property(spec, "resources"),
    })),
  );
}

function judge({ object, path, value, podResources }: Container, resource: string, report: Report): void {
  const who = `${object}: container "${text(property(value, "name")) ?? ""}"`;
  const amounts = (["requests", "limits"] as const).map((side) => {
    const where = `${path}.resources.${side}.${resource}`;
    const amount = property(property(property(value, "resources"), side), resource);
    if (amount === undefined || amount === null) {
      const granted = property(property(podResources, side), resource) !== undefined;
      if (!granted) report(`${who} has no ${resource} ${singular[side]}, ${reasons[side]}. Set ${where}.`);
      return undefined;
    }
    const nanos = parseQuantity(text(amount) ?? "");
    if (nanos !== undefined && nanos > 0n) return nanos;
    report(
      `${who} has ${resource} ${singular[side]} ${JSON.stringify(amount)}, not a quantity above zero. Correct ${where}.`,
    );
    return undefined;
  });
  const [request, limit] = amounts;
  if (request !== undefined && limit !== undefined && request > limit) {
    report(
      `${who} requests more ${resource} than its limit, which the API server refuses. ` +
        `Lower ${path}.resources.requests.${resource} or raise ${path}.resources.limits.${resource}.`,
    );
  }
}

const singular = { requests: "request", limits: "limit" } as const;
const reasons = {
  requests: "so the scheduler places it as if it needed none",
  limits: "so it can take what its neighbours need",
} as const;
