/** How a Service of the mesh is called, as plain manifests of Istio's: no Pulumi here. */
import { parseDuration, protobufDuration } from "../duration.ts";
import { localRateLimit, patchPriority, rateLimitOf } from "./envoy-rate-limit.ts";
import type {
  Destination,
  DestinationRuleSpec,
  HttpRoute,
  TrafficPolicy,
  VirtualServiceSpec,
} from "./istio-networking.ts";
import type { MeshService } from "./mesh-service.ts";
import { sharedLabels } from "./traffic-problems.ts";
import { ownRoutes, type ServiceTraffic, type TrafficRoute, type Weights } from "./traffic-schema.ts";

/** What decides how a Service is called. */
export interface TrafficSpec {
  readonly service: MeshService;
  /** What is wanted, free of problems. */
  readonly traffic: ServiceTraffic;
  /** The domain of Services' names. */
  readonly clusterDomain: string;
}

/** Every manifest for one Service; those that it needs not are `undefined`. */
export function planTraffic(spec: TrafficSpec) {
  const { service, traffic } = spec;
  const metadata = { name: service.name, namespace: service.namespace };
  const { rateLimit } = traffic;
  return {
    destinationRule: { metadata, spec: destinationRule(spec) },
    // No sidecar asks it for a Service that the gateway alone calls.
    virtualService: service.gatewayOnly === true ? undefined : { metadata, spec: virtualService(spec) },
    rateLimit:
      rateLimit === undefined
        ? undefined
        : {
            metadata: { ...metadata, name: `${service.name}-rate-limit` },
            spec: {
              priority: patchPriority,
              workloadSelector: { labels: sharedLabels(service) },
              configPatches: [inboundLimit(rateLimit)],
            },
          },
  };
}

const hostOf = ({ service, clusterDomain }: TrafficSpec): string =>
  `${service.name}.${service.namespace}.svc.${clusterDomain}`;

/** A length of time as Istio reads it; the schema has checked it. */
const time = (text: string): string => protobufDuration(parseDuration(text) ?? 0);
const optionalTime = (text: string | undefined): string | undefined => (text === undefined ? undefined : time(text));

function destinationRule(spec: TrafficSpec): DestinationRuleSpec {
  return {
    host: hostOf(spec),
    trafficPolicy: trafficPolicy(spec.traffic),
    subsets: Object.entries(spec.service.versions).map(([name, labels]) => ({ name, labels })),
  };
}

/** No `tls`: with istiod's automatic mTLS a client certificate is shown to whoever has a sidecar. */
function trafficPolicy({ loadBalancing, connections, outliers, retryBudget }: ServiceTraffic): TrafficPolicy {
  return {
    loadBalancer: loadBalancer(loadBalancing),
    connectionPool: connections && {
      tcp: { maxConnections: connections.max, connectTimeout: optionalTime(connections.connectTimeout) },
      http: {
        http1MaxPendingRequests: connections.maxPendingRequests,
        http2MaxRequests: connections.maxRequests, // Istio's name: it counts those of HTTP/1.1, too
        maxRequestsPerConnection: connections.maxRequestsPerConnection,
        idleTimeout: optionalTime(connections.idleTimeout),
      },
    },
    outlierDetection: outliers && {
      consecutive5xxErrors: outliers.consecutive5xx,
      interval: time(outliers.interval),
      baseEjectionTime: time(outliers.baseEjectionTime),
      maxEjectionPercent: outliers.maxEjectionPercent,
    },
    retryBudget: retryBudget && {
      percent: retryBudget.percent,
      minRetryConcurrency: retryBudget.minConcurrency,
    },
  };
}

const simple = { "least-request": "LEAST_REQUEST", "round-robin": "ROUND_ROBIN", random: "RANDOM" } as const;

function loadBalancer(wanted: ServiceTraffic["loadBalancing"]): TrafficPolicy["loadBalancer"] {
  if (wanted.kind === "hash") return { consistentHash: { httpHeaderName: wanted.header } };
  const warmup = wanted.kind === "random" ? undefined : wanted.warmup;
  return { simple: simple[wanted.kind], warmup: warmup && { ...warmup, duration: time(warmup.duration) } };
}

function virtualService(spec: TrafficSpec): VirtualServiceSpec {
  const { traffic } = spec;
  return {
    hosts: [hostOf(spec)],
    http: [
      ...traffic.routes.map((route) => ({
        name: route.name,
        match: [matchOf(route.match)],
        ...actionOf(spec, {
          timeout: route.timeout ?? traffic.deadline,
          retries: route.retries ?? traffic.retries,
          weights: route.weights ?? traffic.weights,
          mirror: route.mirror ?? (route.weights === undefined ? traffic.mirror : undefined),
          fault: route.fault,
        }),
      })),
      // Without it what no route matches would be answered 404.
      {
        name: ownRoutes.rest,
        ...actionOf(spec, {
          timeout: traffic.deadline,
          retries: traffic.retries,
          weights: traffic.weights,
          mirror: traffic.mirror,
          fault: undefined,
        }),
      },
    ],
  };
}

const matchOf = ({ headers, path }: TrafficRoute["match"]) => ({
  headers: Object.keys(headers).length === 0 ? undefined : headers,
  uri: path,
});

type Action = Pick<TrafficRoute, "timeout" | "retries" | "weights" | "mirror" | "fault">;

function actionOf(spec: TrafficSpec, { timeout, retries, weights, mirror, fault }: Action): Omit<HttpRoute, "name"> {
  const percentage = (value: number) => ({ percentage: { value } });
  return {
    route: destinations(spec, weights),
    timeout: optionalTime(timeout),
    retries: retries && {
      attempts: retries.attempts,
      perTryTimeout: optionalTime(retries.perTryTimeout),
      retryOn: retries.on?.join(","),
    },
    fault: fault && {
      delay: fault.delay === undefined ? undefined : { fixedDelay: time(fault.delay), ...percentage(fault.percent) },
      abort: fault.abort === undefined ? undefined : { httpStatus: fault.abort, ...percentage(fault.percent) },
    },
    mirrors: mirror && [{ destination: destination(spec, mirror.version), ...percentage(mirror.percent) }],
  };
}

function destinations(spec: TrafficSpec, weights: Weights | undefined): HttpRoute["route"] {
  if (weights === undefined) return [{ destination: destination(spec) }];
  return Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .map(([version, weight]) => ({ destination: destination(spec, version), weight }));
}

function destination(spec: TrafficSpec, subset?: string): Destination {
  return { host: hostOf(spec), ...(subset === undefined ? {} : { subset }), port: { number: spec.service.port } };
}

/** The pods' own proxies count: one that is called by many is not to be overrun by all of them together. */
const inboundLimit = ({ requestsPerSecond, burst = requestsPerSecond }: NonNullable<ServiceTraffic["rateLimit"]>) => ({
  applyTo: "HTTP_FILTER",
  match: {
    context: "SIDECAR_INBOUND",
    listener: {
      filterChain: {
        filter: {
          name: "envoy.filters.network.http_connection_manager",
          subFilter: { name: "envoy.filters.http.router" },
        },
      },
    },
  },
  patch: {
    operation: "INSERT_BEFORE",
    value: { name: localRateLimit, typed_config: rateLimitOf({ prefix: "service", requestsPerSecond, burst }) },
  },
});
