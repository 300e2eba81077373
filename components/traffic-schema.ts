/** The shape of `quintet:traffic`: how requests between Services of the mesh are routed, guarded and spread. */
import { z } from "zod";
import { parseDuration } from "../duration.ts";
import { section } from "../problems.ts";
import { dnsLabel } from "./cluster/facts.ts";
import { whole } from "./ingress-schema.ts";
import { re2 } from "./re2.ts";
import { keyed } from "./registries.ts";

/** A length of time above zero, as "250ms". */
export const duration = z
  .string()
  .refine((text) => (parseDuration(text) ?? 0) > 0, 'must be a length of time above zero like "250ms", "5s" or "2m"');

const percentProblem = "must be a number above 0, up to 100";
const percent = z.number(percentProblem).gt(0, percentProblem).max(100, percentProblem);

/** A Service of the mesh, as a key. */
export const serviceKey = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a Service as namespace/name, like bookstore/catalog",
  );

/** What Istio reads as something else than a header where headers are matched, and so matches nothing by it. */
const noHeaders = ["uri", "scheme", "method", "authority", "host"];

/** A header's name, in lower case as HTTP/2 sends it. */
export const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, "must be a header's name in lower case, like x-version")
  .refine(
    (name) => !noHeaders.includes(name),
    `must be no header of ${noHeaders.join(", ")}, by which nothing is matched here`,
  );

const text = z.string().min(1, "is empty, and would match nothing");
const path = text.regex(/^\//, "must start with /");
const oneWay = (match: object) => Object.keys(match).length === 1;
const ways = "must say one of exact, prefix and regex";

/** What a whole value is, what it starts with, or which regular expression of RE2's matches the whole of it. */
const valueMatch = section({ exact: text.optional(), prefix: text.optional(), regex: re2.optional() }).refine(
  oneWay,
  ways,
);
const pathMatch = section({ exact: path.optional(), prefix: path.optional(), regex: re2.optional() }).refine(
  oneWay,
  ways,
);

/** Which requests a route is for: those that match all of it. */
const match = section({
  /** Headers by name. */
  headers: keyed(headerName, valueMatch).default({}),
  /** The path without its query. */
  path: pathMatch.optional(),
}).refine(({ headers, path }) => Object.keys(headers).length > 0 || path !== undefined, {
  error: "matches every request: say headers or a path, or say it of the Service itself",
});

/** How many of a hundred requests each version gets. */
const weights = keyed(dnsLabel, whole(0, 100)).superRefine((parts, context) => {
  const sum = Object.values(parts).reduce((all, part) => all + part, 0);
  if (sum !== 100) context.addIssue(`sum to ${String(sum)}, they must sum to 100`);
});

/** Envoy's conditions, as far as Istio passes them on (its `retryOn`). */
const conditions = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "retriable-4xx",
  "refused-stream",
  "envoy-ratelimited",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

const condition = z.union(
  [z.enum(conditions), z.int().min(400).max(599)],
  `must be a status from 400 to 599, or one of ${conditions.join(", ")}`,
);

/** What is tried again. */
const retries = section({
  /** How often after the first try; 0 for never. */
  attempts: whole(0, 10),
  /** How long each try, the first one too, may take. @default as long as is left */
  perTryTimeout: duration.optional(),
  /** After what. @default Istio's: connect-failure, refused-stream, unavailable, cancelled */
  on: z.array(condition).min(1, "names nothing, name something or leave the key out").optional(),
}).superRefine(({ attempts, perTryTimeout, on }, context) => {
  if (attempts === 0 && (perTryTimeout !== undefined || on !== undefined)) {
    context.addIssue({ code: "custom", path: ["attempts"], message: "is 0, and nothing else has an effect then" });
  }
});

/** A copy of requests, whose answers nobody waits for. */
const mirror = section({
  /** The version that gets the copies. */
  version: dnsLabel,
  /** Of how many of a hundred requests. */
  percent: percent.default(100),
});

/** A day by UTC. A bare one in YAML is a moment to some, among them the engine, which writes it as Go does. */
const day = z.string().refine((text) => {
  const bare = text.replace(/(T00:00:00Z| 00:00:00 \+0000 UTC)$/, "");
  const date = new Date(`${bare}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === bare;
}, "must be a day like 2026-12-31");

/** What is broken on purpose, until a day. Envoy counts neither timeouts nor retries for what it breaks itself. */
const fault = section({
  /** How long a request is held back before it is passed on. */
  delay: duration.optional(),
  /** The status with which a request is answered at once. */
  abort: whole(200, 599).optional(),
  /** How many of a hundred requests it hits. */
  percent,
  /** The last day, by UTC: `up` is refused after it, for as long as the fault is there. */
  expires: day,
}).refine(({ delay, abort }) => delay !== undefined || abort !== undefined, "breaks nothing: say delay, abort or both");

/** The names that the planner gives to routes of its own. */
export const ownRoutes = { rest: "rest", rollout: "rollout" } as const;

/**
 * Requests that are treated in their own way. What a route leaves out is as the Service says, where `weights` and
 * `mirror` go together.
 */
const route = section({
  name: dnsLabel.refine(
    (name) => !Object.values<string>(ownRoutes).includes(name),
    `must be none of ${Object.values(ownRoutes).join(", ")}, which are the platform's own`,
  ),
  match,
  weights: weights.optional(),
  /** How long a caller waits, tries included. @default the Service's deadline */
  timeout: duration.optional(),
  retries: retries.optional(),
  mirror: mirror.optional(),
  fault: fault.optional(),
});

/** When callers are turned away at once (circuit breaking), in each calling proxy for itself. */
const connections = section({
  /** Connections at once. */
  max: whole(1, 1_000_000).optional(),
  connectTimeout: duration.optional(),
  /** Requests that wait for a connection. */
  maxPendingRequests: whole(1, 1_000_000).optional(),
  /** Requests at once. */
  maxRequests: whole(1, 1_000_000).optional(),
  /** After how many requests a connection is closed. */
  maxRequestsPerConnection: whole(1, 1_000_000).optional(),
  /** After how long without a request a connection is closed. */
  idleTimeout: duration.optional(),
}).refine((limits) => Object.keys(limits).length > 0, "limits nothing, say a limit or leave the key out");

/** Which pods get no requests for a while (outlier ejection), in each calling proxy and for each version by itself. */
const outliers = section({
  /** After how many answers of 500 and above in a row. */
  consecutive5xx: whole(1, 1000).default(5),
  /** How often it is looked. */
  interval: duration.default("10s"),
  /** For how long, times how often it was so before. */
  baseEjectionTime: duration.default("30s"),
  /** Of how many of a hundred pods at most. Envoy's own default, 10, never takes one of less than ten pods. */
  maxEjectionPercent: whole(1, 100).default(50),
});

/** A new pod gets more requests little by little (slow start). */
const warmup = section({
  /** From its start on, for how long. */
  duration,
  /** Of its part, how many percent it gets at first. @default Istio's, 10 */
  minimumPercent: percent.optional(),
  /** How much steeper than a line it goes up. @default Istio's, 1: a line */
  aggression: z.number("must be a number above 0").gt(0, "must be a number above 0").optional(),
});

/**
 * Which pod gets a request. "least-request" compares two pods by the requests that they have not answered yet, so that
 * it is the one that heeds latency: a slow pod has more of them. Envoy's peak EWMA is an alpha of its contrib builds:
 * Istio has no setting for it, and the Envoy of the embedded mirror lacks it.
 */
const loadBalancing = z.discriminatedUnion(
  "kind",
  [
    section({ kind: z.literal("least-request"), warmup: warmup.optional() }),
    section({ kind: z.literal("round-robin"), warmup: warmup.optional() }),
    section({ kind: z.literal("random") }),
    /** Requests with one value of a header go to one pod, as long as it is there. */
    section({ kind: z.literal("hash"), header: headerName }),
  ],
  'expected an object with kind "least-request", "round-robin", "random" or "hash"',
);

/** How many of the requests under way may be retries, in each calling proxy. */
const retryBudget = section({
  percent,
  /** How many may be, whatever the percentage. */
  minConcurrency: whole(1, 1000).default(3),
});

/** How many requests each pod takes; others are answered 429 by its own proxy. */
const rateLimit = section({
  requestsPerSecond: whole(1, 100_000),
  /** How many at once, after a pause. @default as many as in a second */
  burst: whole(1, 100_000).optional(),
}).superRefine(({ requestsPerSecond, burst }, context) => {
  if (burst !== undefined && burst < requestsPerSecond) {
    const message = `must not be below requestsPerSecond ${String(requestsPerSecond)}`;
    context.addIssue({ code: "custom", path: ["burst"], message });
  }
});

/**
 * How one Service is called. What decides the route of a request (`deadline`, `retries`, `weights`, `mirror`, `routes`)
 * is done by the calling pod's sidecar; the gateway goes by its HTTPRoute instead.
 */
export const serviceTraffic = section({
  /** How long a caller waits at most, tries included. @default no limit */
  deadline: duration.optional(),
  /** @default Istio's: 2 more tries when no connection came about */
  retries: retries.optional(),
  /** @default whichever pods the Service has, of all versions alike */
  weights: weights.optional(),
  mirror: mirror.optional(),
  /** The first that matches is taken. */
  routes: z.array(route).default([]),
  connections: connections.optional(),
  outliers: outliers.optional(),
  loadBalancing: loadBalancing.prefault({ kind: "least-request" }),
  retryBudget: retryBudget.optional(),
  rateLimit: rateLimit.optional(),
});

/** The shape of `quintet:traffic`: Services as namespace/name to how they are called. */
export const trafficSchema = keyed(serviceKey, serviceTraffic).default({});

/** How one Service is called. */
export type ServiceTraffic = z.infer<typeof serviceTraffic>;

/** How Services are called, by namespace/name. */
export type Traffic = z.infer<typeof trafficSchema>;

/** Requests that are treated in their own way. */
export type TrafficRoute = ServiceTraffic["routes"][number];

/** How many of a hundred requests each version gets. */
export type Weights = Readonly<Record<string, number>>;

/** What of a Service is done by the calling pod's sidecar. */
export const callerKeys = ["deadline", "retries", "weights", "mirror", "routes"] as const;
