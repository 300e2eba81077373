/** What in `quintet:traffic` cannot be true together, or not of these Services. */
import { parseDuration, protobufDuration } from "../duration.ts";
import type { Contradiction } from "./cluster/facts.ts";
import { type MeshService, serviceRef } from "./mesh-service.ts";
import { callerKeys, type ServiceTraffic, type Traffic, type TrafficRoute, type Weights } from "./traffic-schema.ts";

/** What traffic is held against. */
export interface TrafficSurroundings {
  /** Every Service of the mesh. */
  readonly services: readonly MeshService[];
  /** Whether there is a mesh. */
  readonly mesh: boolean;
  /** Any moment of the day on which it is asked. */
  readonly today: Date;
}

/** How far ahead a fault may expire, in days: who needs it for longer says so again. */
export const longestFault = 30;

type Path = (string | number)[];

const day = 24 * 60 * 60 * 1000;

/** What is wrong with traffic that has the right shape, by its path under `quintet:`. */
export function trafficProblems(traffic: Traffic, around: TrafficSurroundings): Contradiction[] {
  const refs = Object.keys(traffic);
  if (!around.mesh) {
    return refs.length === 0
      ? []
      : [[["traffic"], "has no effect without the mesh: leave it out, or say gateway in quintet:ingress.kind"]];
  }
  return Object.entries(traffic).flatMap(([ref, wanted]) => {
    const at = ["traffic", ref];
    const service = around.services.find((one) => serviceRef(one) === ref);
    return service === undefined
      ? [[at, unknownService(ref, around.services)] as const]
      : [
          ...versionProblems(at, service, wanted),
          ...deadlineProblems(at, wanted),
          ...routeProblems(at, wanted, around.today),
          ...outlierProblems(at, service, wanted),
          ...budgetProblems(at, wanted),
          ...rateProblems(at, service, wanted),
        ];
  });
}

/** That there is no such Service, and which there are. */
export const unknownService = (ref: string, services: readonly MeshService[]): string =>
  `there is no Service ${ref} in the mesh, its Services are ${services.map(serviceRef).join(", ")}`;

/** That a Service has no such version, and which it has; `undefined` when it has it. */
export function versionProblem(service: MeshService, version: string): string | undefined {
  if (Object.hasOwn(service.versions, version)) return undefined;
  const known = Object.keys(service.versions).join(", ");
  return `${serviceRef(service)} has no version ${version}, so no pod would answer: its versions are ${known}`;
}

/** Versions that there are not, copies to where requests go anyway, and what only a sidecar would do. */
function versionProblems(at: Path, service: MeshService, wanted: ServiceTraffic): Contradiction[] {
  if (service.gatewayOnly === true) {
    return callerKeys
      .filter((key) => (key === "routes" ? wanted.routes.length > 0 : wanted[key] !== undefined))
      .map((key) => [
        [...at, key],
        `has no effect, since only the gateway calls ${serviceRef(service)}, by its own routes: leave it out`,
      ]);
  }
  const one = (where: Path, { weights, mirror }: Pick<TrafficRoute, "weights" | "mirror">): Contradiction[] => {
    const sent = weights ?? wanted.weights;
    const found = Object.keys(weights ?? {}).flatMap((version): Contradiction[] =>
      withPath([...where, "weights", version], versionProblem(service, version)),
    );
    if (mirror === undefined) return found;
    const unknown = versionProblem(service, mirror.version);
    const itself =
      unknown === undefined && gets(sent, mirror.version)
        ? `${mirror.version} gets the requests themselves, and would do everything twice: name a version that gets none`
        : undefined;
    return [...found, ...withPath([...where, "mirror", "version"], unknown ?? itself)];
  };
  return [...one(at, wanted), ...wanted.routes.flatMap((route, index) => one([...at, "routes", index], route))];
}

const withPath = (path: Path, problem: string | undefined): Contradiction[] =>
  problem === undefined ? [] : [[path, problem]];

/** Whether a version gets requests; without weights every pod does. */
const gets = (weights: Weights | undefined, version: string): boolean =>
  weights === undefined || (weights[version] ?? 0) > 0;

const milliseconds = (text: string) => parseDuration(text) ?? 0; // the schema has checked it

/** What takes longer than anybody waits for it. */
function deadlineProblems(at: Path, { deadline, retries, routes, connections }: ServiceTraffic): Contradiction[] {
  const tries = [
    { where: [...at, "retries"], retries, timeout: deadline },
    ...routes.flatMap((route, index) =>
      route.retries === undefined && route.timeout === undefined
        ? []
        : [
            {
              where: [...at, "routes", index, route.retries === undefined ? "timeout" : "retries"],
              retries: route.retries ?? retries,
              timeout: route.timeout ?? deadline,
            },
          ],
    ),
  ];
  const bounded = [
    { where: [...at, "connections", "connectTimeout"], length: connections?.connectTimeout },
    ...routes.map(({ timeout }, index) => ({ where: [...at, "routes", index, "timeout"], length: timeout })),
  ];
  return [
    ...tries.flatMap(({ where, retries, timeout }): Contradiction[] => {
      const each = retries?.perTryTimeout;
      if (retries === undefined || each === undefined || timeout === undefined) return [];
      const all = (retries.attempts + 1) * milliseconds(each);
      if (all <= milliseconds(timeout)) return [];
      const sum = `${String(retries.attempts + 1)} tries of ${each} take ${protobufDuration(all)}`;
      return [[where, `${sum}, and callers wait ${timeout}: allow fewer or shorter tries, or more time`]];
    }),
    ...bounded.flatMap(({ where, length }): Contradiction[] =>
      length !== undefined && deadline !== undefined && milliseconds(length) > milliseconds(deadline)
        ? [[where, `${length} is beyond the deadline of the Service, ${deadline}`]]
        : [],
    ),
  ];
}

/** Routes that are never reached, and faults without a scope or an end. */
function routeProblems(at: Path, { routes }: ServiceTraffic, today: Date): Contradiction[] {
  return routes.flatMap(({ name, match, fault }, index): Contradiction[] => {
    const where = [...at, "routes", index];
    const earlier = routes.slice(0, index);
    const twin = earlier.find((other) => sorted(other.match) === sorted(match));
    return [
      ...(earlier.some((other) => other.name === name)
        ? [[[...where, "name"], `there is a route ${name} already`] satisfies Contradiction]
        : []),
      ...(twin === undefined
        ? []
        : [[[...where, "match"], `is never reached: ${twin.name} matches the same requests`] satisfies Contradiction]),
      ...(fault === undefined ? [] : faultProblems(where, match, fault.expires, today)),
    ];
  });
}

/** A fault is for requests that ask for it by a header, and for days. */
function faultProblems(where: Path, { headers }: TrafficRoute["match"], expires: string, today: Date): Contradiction[] {
  const scoped = Object.values(headers).some(({ exact }) => exact !== undefined);
  const scope: Contradiction[] = scoped
    ? []
    : [
        [
          [...where, "fault"],
          "would hit whoever comes along: match a header with an exact value, which only a test sends",
        ],
      ];
  const left = (Date.parse(expires.slice(0, 10)) - Math.floor(today.getTime() / day) * day) / day;
  const at = [...where, "fault", "expires"];
  if (left < 0) return [...scope, [at, `${expires.slice(0, 10)} is over: take the fault out, or say a later day`]];
  if (left <= longestFault) return scope;
  const far = `is ${String(left)} days ahead, and a fault may stay ${String(longestFault)}: say an earlier day`;
  return [...scope, [at, far]];
}

/** The same text for the same requests, in whatever order its parts were written. */
const sorted = ({ headers, path }: TrafficRoute["match"]): string =>
  JSON.stringify([Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)), path]);

/** An ejection that never happens, or leaves nobody; Envoy takes no pod that goes above the percentage. */
function outlierProblems(at: Path, service: MeshService, { outliers }: ServiceTraffic): Contradiction[] {
  const { leastPods: pods } = service;
  if (outliers === undefined || pods === undefined) return [];
  const where = [...at, "outliers"];
  const who = `a version of ${serviceRef(service)}`;
  if (pods === 1) {
    return [[where, `${who} may have one pod, and without it nobody answers: allow it more pods, or leave this out`]];
  }
  if (outliers.maxEjectionPercent * pods >= 100) return [];
  const least = String(Math.ceil(100 / pods));
  return [
    [
      [...where, "maxEjectionPercent"],
      `${String(outliers.maxEjectionPercent)} percent of ${String(pods)} pods is less than one, so none is ever ejected: say ${least} or more`,
    ],
  ];
}

/** A budget for retries that nobody makes. */
function budgetProblems(at: Path, { retryBudget, retries, routes }: ServiceTraffic): Contradiction[] {
  const never = [{ retries }, ...routes].every((one) => (one.retries ?? retries)?.attempts === 0);
  return retryBudget !== undefined && never
    ? [[[...at, "retryBudget"], "has no effect, since nothing is tried again: leave it out"]]
    : [];
}

/** A limit that no label puts on the Service's pods alone. */
function rateProblems(at: Path, service: MeshService, { rateLimit }: ServiceTraffic): Contradiction[] {
  return rateLimit !== undefined && Object.keys(sharedLabels(service)).length === 0
    ? [[[...at, "rateLimit"], `cannot be had: no label tells the pods of ${serviceRef(service)} from others`]]
    : [];
}

/** The labels that the pods of all versions have. */
export function sharedLabels({ versions }: Pick<MeshService, "versions">): Readonly<Record<string, string>> {
  const [first = {}, ...others] = Object.values(versions);
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((labels) => labels[key] === value)),
  );
}
