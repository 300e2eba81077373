/** The shape of `quintet:rollouts`, and what of it cannot be had: one version of a Service takes over from another. */
import { z } from "zod";
import { section } from "../problems.ts";
import { type Contradiction, dnsLabel } from "./cluster/facts.ts";
import { type MeshService, serviceRef } from "./mesh-service.ts";
import { keyed } from "./registries.ts";
import { unknownService, versionProblem } from "./traffic-problems.ts";
import { duration, headerName, serviceKey, type Traffic } from "./traffic-schema.ts";

const part = "must be a whole number from 1 to 100";

/** How many of a hundred requests the new version gets, step by step. */
const steps = z
  .array(z.int(part).min(1, part).max(100, part))
  .min(1, "has no step: name one")
  .refine((list) => list.every((one, index) => index === 0 || one > (list[index - 1] ?? 0)), "must rise with each step")
  .refine((list) => list.at(-1) === 100, "must end with 100, or the old version would stay for ever");

const strategy = z.discriminatedUnion(
  "kind",
  [
    /** The new version gets more and more. */
    section({ kind: z.literal("canary"), steps: steps.default([10, 30, 50, 100]) }),
    /** The new version gets all at once. */
    section({ kind: z.literal("blue-green") }),
  ],
  'expected an object with kind "canary" or "blue-green"',
);

const percentage = "must be a number from 50 to 99.999";

/** What the new version has to keep, as its callers see it. */
const slo = section({
  /** How many percent of the answers are below 500. */
  availability: z.number(percentage).min(50, percentage).max(99.999, percentage).default(99.9),
  /** In how many milliseconds 99 of 100 requests are answered. */
  p99Milliseconds: z.number("must be above 0").gt(0, "must be above 0").default(300),
  /** For how long each step has to keep it before the next one. */
  window: duration.default("60s"),
  /** How many requests a step must have seen; with fewer it is waited, for ten windows at most. */
  leastRequests: z.int("must be a whole number").min(1, "must be above 0").default(1000),
}).superRefine(({ availability, leastRequests }, context) => {
  const least = Math.ceil(100 / (100 - availability) - 1e-6); // 100 - 99.9 is a little more than 0.1
  if (Number.isFinite(least) && leastRequests < least) {
    const message = `${String(leastRequests)} requests cannot show ${String(availability)} percent, of which one failure takes ${String(least)}: say that or more`;
    context.addIssue({ code: "custom", path: ["leastRequests"], message });
  }
});

const rollout = section({
  /** The version that is there. */
  from: dnsLabel,
  /** The version that takes over. */
  to: dnsLabel,
  strategy: strategy.prefault({ kind: "canary" }),
  /** Requests with this header always reach the new version, at every step. */
  header: section({ name: headerName, value: z.string().min(1, "is empty, and would match nothing") }).optional(),
  /** How far it is: 0 is the old version alone. `npm run rollout` counts it on. */
  step: z.int("must be a whole number").min(0, "must not be below 0").default(0),
  slo: slo.prefault({}),
}).superRefine(({ from, to, strategy, step }, context) => {
  if (from === to) context.addIssue({ code: "custom", path: ["to"], message: `${to} is the version that is there` });
  const last = stepsOf(strategy).length;
  if (step > last) {
    context.addIssue({
      code: "custom",
      path: ["step"],
      message: `${String(step)} is beyond the last one, ${String(last)}`,
    });
  }
});

/** The shape of `quintet:rollouts`: Services as namespace/name to what takes over there. */
export const rolloutsSchema = keyed(serviceKey, rollout).default({});

/** How one version of a Service takes over from another. */
export type Rollout = z.infer<typeof rollout>;

/** The rollouts of Services, by namespace/name. */
export type Rollouts = z.infer<typeof rolloutsSchema>;

/** How many of a hundred requests the new version gets at each step after 0. */
export const stepsOf = (strategy: Rollout["strategy"]): readonly number[] =>
  strategy.kind === "canary" ? strategy.steps : [100];

/** What is wrong with rollouts that have the right shape, by its path under `quintet:`. */
export function rolloutProblems(
  rollouts: Rollouts,
  {
    services,
    mesh,
    traffic,
  }: { readonly services: readonly MeshService[]; readonly mesh: boolean; readonly traffic: Traffic },
): Contradiction[] {
  if (!mesh) {
    return Object.keys(rollouts).length === 0
      ? []
      : [[["rollouts"], "has no effect without the mesh: leave it out, or say gateway in quintet:ingress.kind"]];
  }
  return Object.entries(rollouts).flatMap(([ref, { from, to }]): Contradiction[] => {
    const at = ["rollouts", ref];
    const service = services.find((one) => serviceRef(one) === ref);
    if (service === undefined) return [[at, unknownService(ref, services)]];
    if (service.gatewayOnly === true) {
      return [[at, `has no effect, since only the gateway calls ${ref}, by its own routes: leave it out`]];
    }
    const versions = Object.entries({ from, to }).flatMap(([key, version]): Contradiction[] => {
      const problem = versionProblem(service, version);
      return problem === undefined ? [] : [[[...at, key], problem]];
    });
    const own = Object.hasOwn(traffic, ref) ? traffic[ref] : undefined;
    return own === undefined ? versions : [...versions, ...rivals(ref, [from, to], own)];
  });
}

/** What a Service says of its versions itself, which the rollout decides. */
function rivals(
  ref: string,
  versions: readonly string[],
  { weights, mirror, routes }: Traffic[string],
): Contradiction[] {
  const one = (where: (string | number)[], own: Pick<Traffic[string], "weights" | "mirror">): Contradiction[] => [
    ...(own.weights === undefined
      ? []
      : [[[...where, "weights"], `are what quintet:rollouts.${ref} decides: leave them out`] satisfies Contradiction]),
    ...(own.mirror === undefined || !versions.includes(own.mirror.version)
      ? []
      : [
          [
            [...where, "mirror", "version"],
            `${own.mirror.version} takes part in quintet:rollouts.${ref}, and would get requests twice: leave the mirror out`,
          ] satisfies Contradiction,
        ]),
  ];
  const at = ["traffic", ref];
  return [...one(at, { weights, mirror }), ...routes.flatMap((route, index) => one([...at, "routes", index], route))];
}
