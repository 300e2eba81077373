/** The part of Istio's API networking.istio.io/v1 that the platform writes (istio.io/latest/docs/reference/config/networking). */
import type { Labels } from "./network-policy.ts";

/** A length of time in the JSON of Protocol Buffers, as "1.5s". */
type Duration = string;

/** Exactly one of them. */
export interface StringMatch {
  readonly exact?: string | undefined;
  readonly prefix?: string | undefined;
  readonly regex?: string | undefined;
}

/** The pods of a Service, or those of one subset. */
export interface Destination {
  readonly host: string;
  readonly subset?: string | undefined;
  readonly port: { readonly number: number };
}

/** What happens to requests that match. */
export interface HttpRoute {
  readonly name: string;
  readonly match?: readonly {
    readonly headers?: Readonly<Record<string, StringMatch>> | undefined;
    readonly uri?: StringMatch | undefined;
  }[];
  readonly route: readonly { readonly destination: Destination; readonly weight?: number }[];
  readonly timeout?: Duration | undefined;
  readonly retries?:
    | {
        readonly attempts: number;
        readonly perTryTimeout?: Duration | undefined;
        readonly retryOn?: string | undefined;
      }
    | undefined;
  readonly fault?:
    | {
        readonly delay?: { readonly fixedDelay: Duration; readonly percentage: { readonly value: number } } | undefined;
        readonly abort?: { readonly httpStatus: number; readonly percentage: { readonly value: number } } | undefined;
      }
    | undefined;
  readonly mirrors?:
    readonly { readonly destination: Destination; readonly percentage: { readonly value: number } }[] | undefined;
}

/** How requests to a host are routed. */
export interface VirtualServiceSpec {
  readonly hosts: readonly string[];
  readonly http: readonly HttpRoute[];
}

/** How a new pod is warmed up. */
interface Warmup {
  readonly duration: Duration;
  readonly minimumPercent?: number | undefined;
  readonly aggression?: number | undefined;
}

/** What holds for requests once they are routed. */
export interface TrafficPolicy {
  readonly loadBalancer:
    | { readonly simple: "LEAST_REQUEST" | "ROUND_ROBIN" | "RANDOM"; readonly warmup?: Warmup | undefined }
    | { readonly consistentHash: { readonly httpHeaderName: string } };
  readonly connectionPool?:
    | {
        readonly tcp: {
          readonly maxConnections?: number | undefined;
          readonly connectTimeout?: Duration | undefined;
        };
        readonly http: {
          readonly http1MaxPendingRequests?: number | undefined;
          readonly http2MaxRequests?: number | undefined;
          readonly maxRequestsPerConnection?: number | undefined;
          readonly idleTimeout?: Duration | undefined;
        };
      }
    | undefined;
  readonly outlierDetection?:
    | {
        readonly consecutive5xxErrors: number;
        readonly interval: Duration;
        readonly baseEjectionTime: Duration;
        readonly maxEjectionPercent: number;
      }
    | undefined;
  readonly retryBudget?: { readonly percent: number; readonly minRetryConcurrency: number } | undefined;
}

/** The subsets of a host's pods, and what holds for all of them. */
export interface DestinationRuleSpec {
  readonly host: string;
  readonly trafficPolicy: TrafficPolicy;
  readonly subsets: readonly { readonly name: string; readonly labels: Labels }[];
}

/** Somebody outside the mesh, as its proxies know them. */
export interface ServiceEntrySpec {
  readonly hosts: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports: readonly {
    readonly number: number;
    readonly name: string;
    readonly protocol: "HTTP" | "HTTPS" | "TCP";
  }[];
  readonly location: "MESH_EXTERNAL";
  readonly resolution: "DNS" | "STATIC";
  readonly endpoints?: readonly { readonly address: string }[];
  /** The namespaces whose proxies get it. */
  readonly exportTo: readonly string[];
}

/** What the proxies of a namespace know of others, or those of some pods in it. */
export interface SidecarSpec {
  readonly workloadSelector?: { readonly labels: Labels };
  /** Hosts as `namespace/name`, where `.` is the Sidecar's own namespace. */
  readonly egress: readonly { readonly hosts: readonly string[] }[];
}
