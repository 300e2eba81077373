/** What lies between the outside and the backend, as plain manifests: no Pulumi here. */
import { parseQuantity } from "../quantity.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import { lookups } from "./cluster/half.ts";
import { anyone, type Half, holds, type NamespaceRules, type Peer } from "./connectivity-graph.ts";
import { waitFor } from "./definitions-plan.ts";
import { localRateLimit, patchPriority, rateLimitOf, rateLimitType } from "./envoy-rate-limit.ts";
import { type Exposure, gatewayLabels, gatewayName, gatewayNamespace, gatewayPorts } from "./gateway-plan.ts";
import type { GatewayConfig } from "./ingress-schema.ts";
import { istiodRef } from "./istio-names.ts";
import { gatewayClass } from "./istio-plan.ts";

/** Every address there is. */
export const everybody = "0.0.0.0/0";

/** The gateway's pods, as edges write them. */
export const gatewayRef = `${gatewayNamespace}/${gatewayName}`;

/** The Secret with the certificate of the public names. */
export const certificateName = "public";

/** Where clients find the platform, as far as it is known before anything is made. */
export interface Front {
  readonly exposure: Exposure;
  /** The ports that clients call. */
  readonly ports: Readonly<Record<"http" | "https", number>>;
  /** The addresses to point the names at; none are known yet behind a load balancer of a cloud. */
  readonly addresses: readonly string[];
}

/** How the outside reaches the gateway of a cluster: by what answers for a load balancer there. */
export function frontOf(
  config: GatewayConfig,
  facts: Pick<ClusterFacts, "nodes" | "loadBalancer" | "hostAddress" | "awsLoadBalancers">,
): Front {
  const { loadBalancer, hostAddress, awsLoadBalancers: by = "other" } = facts;
  if (loadBalancer === "cloud") {
    const { reachableFrom, sources = [] } = config;
    return { exposure: { kind: "cloud", by, reachableFrom, sources }, ports: { http: 80, https: 443 }, addresses: [] };
  }
  const workers = facts.nodes.filter(({ role }) => role === "worker");
  const { nodes: wanted } = config;
  const named = wanted && facts.nodes.filter(({ name }) => wanted.includes(name));
  const chosen = named ?? (workers.length === 0 ? facts.nodes : workers);
  const addresses = chosen.map(({ address }) => address);
  return {
    exposure: { kind: "nodes", nodes: chosen.map(({ name }) => name), ports: config.nodePorts },
    ports: config.clientPorts ?? config.nodePorts,
    addresses: loadBalancer === "host" && hostAddress !== undefined ? [hostAddress] : addresses,
  };
}

/** The address under which clients find the backend. */
export function publicUrl(
  { host, path }: Pick<GatewayConfig, "host" | "path">,
  { ports }: Pick<Front, "ports">,
): string {
  return `https://${host}${ports.https === 443 ? "" : `:${String(ports.https)}`}${path}`;
}

/** What the ingress adds to the connectivity graph. */
export function ingressHalf(
  { sources = [everybody] }: Pick<GatewayConfig, "sources">,
  { facts, backend, closed }: NamespaceRules & { readonly facts: ClientFacts; readonly backend: string },
): Half {
  const from = sources.includes(everybody) ? anyone : "clients";
  const edge = (port: "http" | "https", why: string) => ({ from, to: gatewayRef, port, why });
  const { http, https, metrics } = gatewayPorts;
  return {
    of: "ingress",
    namespaces: { [gatewayNamespace]: { closed, meshed: "closed" } },
    workloads: [
      {
        namespace: gatewayNamespace,
        name: gatewayName,
        labels: gatewayLabels,
        ports: { http: { port: http }, https: { port: https }, metrics: { port: metrics } },
        serviceAccount: gatewayName,
        gateway: true,
      },
    ],
    peers: from === anyone ? {} : { clients: clientsOf(sources, facts) },
    edges: [
      edge("https", "clients call the platform"),
      edge("http", "clients are sent on to HTTPS"),
      { from: gatewayRef, to: istiodRef, port: "xds", why: "it gets its configuration and its certificates" },
      ...lookups(gatewayRef, "istiod is resolved"),
      { from: gatewayRef, to: backend, port: "http", why: "what clients ask is passed on" },
      { from: "api-server", to: gatewayRef, port: "metrics", why: "what the gateway has counted is read through it" },
    ],
  };
}

/** What tells clients from pods. */
type ClientFacts = Pick<ClusterFacts, "podCidr" | "serviceCidr" | "nodeRanges">;

/** The clients of these networks, who are no pods; where pods have addresses of the outside, nothing tells them apart. */
function clientsOf(sources: readonly string[], { podCidr, serviceCidr, nodeRanges }: ClientFacts): Peer {
  if (nodeRanges !== undefined) return { cidrs: sources, amongPods: true };
  const inside = [podCidr, serviceCidr].filter((range) => sources.some((source) => holds(source, range)));
  return { cidrs: sources, except: inside };
}

/** A Service that clients reach below a path, which it does not see. */
export interface PublicService {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly path: string;
}

/** What decides the routes. */
export interface IngressSpec extends Pick<GatewayConfig, "host" | "aliases" | "path" | "limits" | "trustedProxies"> {
  readonly ports: Front["ports"];
  /** The domain of Services' names. */
  readonly clusterDomain: string;
  readonly backend: Omit<PublicService, "path">;
  /** The Services beside the backend. @default none */
  readonly others?: readonly PublicService[];
  /** Whether anybody looks after the objects, so that they are waited for. */
  readonly live: boolean;
}

/** The names by which clients call. */
export const namesOf = ({ host, aliases }: Pick<GatewayConfig, "host" | "aliases">) => [host, ...aliases];

const accepted = '{.status.parents[0].conditions[?(@.type=="Accepted")].status}';

/** The Gateway, as its routes name it. */
const parent = {
  group: "gateway.networking.k8s.io",
  kind: "Gateway",
  name: gatewayName,
  namespace: gatewayNamespace,
};

const labels = { "app.kubernetes.io/name": gatewayName };

const whenAccepted = (live: boolean) => (live ? { annotations: waitFor(`jsonpath=${accepted}=True`) } : {});

/** The way of clients to a Service. */
export function planRoute(
  { namespace, service, port, path }: PublicService,
  spec: Pick<IngressSpec, "host" | "aliases" | "live">,
) {
  return {
    metadata: { name: service, namespace, labels, ...whenAccepted(spec.live) },
    spec: {
      parentRefs: [{ ...parent, sectionName: "https" }],
      hostnames: namesOf(spec),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path } }],
          ...(path === "/"
            ? {}
            : {
                filters: [
                  { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
                ],
              }),
          backendRefs: [{ group: "", kind: "Service", name: service, port, weight: 1 }],
        },
      ],
    },
  };
}

/**
 * Every manifest between the gateway's pods and the backend, without the routes to others; namespaces are part of them,
 * since they lie in two.
 */
export function planIngress(spec: IngressSpec) {
  const names = namesOf(spec);
  const routed = [...new Set([spec.backend, ...(spec.others ?? [])].map(({ namespace }) => namespace))].sort();
  return {
    gateway: {
      metadata: {
        name: gatewayName,
        namespace: gatewayNamespace,
        labels,
        ...(spec.live ? { annotations: waitFor("condition=Programmed") } : {}),
      },
      spec: {
        gatewayClassName: gatewayClass,
        // The pods are ours: named, it is theirs, and istiod makes none.
        addresses: [{ type: "Hostname", value: `${gatewayName}.${gatewayNamespace}.svc.${spec.clusterDomain}` }],
        listeners: [
          { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
          {
            name: "https",
            port: 443,
            protocol: "HTTPS",
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: certificateName }] },
            allowedRoutes: {
              namespaces: {
                from: "Selector",
                selector: {
                  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: routed }],
                },
              },
            },
          },
        ],
      },
    },
    redirect: {
      metadata: { name: "redirect", namespace: gatewayNamespace, labels, ...whenAccepted(spec.live) },
      spec: {
        parentRefs: [{ ...parent, sectionName: "http" }],
        hostnames: names,
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            filters: [
              {
                type: "RequestRedirect",
                requestRedirect: { scheme: "https", port: spec.ports.https, statusCode: 301 },
              },
            ],
          },
        ],
      },
    },
    route: planRoute({ ...spec.backend, path: spec.path }, spec),
    limits: {
      metadata: { name: "limits", namespace: gatewayNamespace, labels },
      spec: {
        priority: patchPriority,
        workloadSelector: { labels: gatewayLabels },
        configPatches: patchesOf(spec),
      },
    },
  };
}

const type = (name: string) => `type.googleapis.com/envoy.${name}`;

/** What Envoy is told beyond what the Gateway API can say (www.envoyproxy.io/docs/envoy/latest/api-v3). */
function patchesOf(spec: IngressSpec) {
  const { requestsPerSecond, burst = requestsPerSecond, body, headersKiB } = spec.limits;
  const anyConnection = {
    context: "GATEWAY",
    listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } },
  };
  const bytes = Number((parseQuantity(body) ?? 0n) / 1_000_000_000n); // quantities are counted in billionths
  return [
    {
      applyTo: "NETWORK_FILTER",
      match: anyConnection,
      patch: {
        operation: "MERGE",
        value: {
          typed_config: {
            "@type": type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            max_request_headers_kb: headersKiB,
            request_headers_timeout: "10s",
            common_http_protocol_options: { headers_with_underscores_action: "REJECT_REQUEST" },
            // Nobody but a trusted proxy may say who the client is.
            ...(spec.trustedProxies === 0 ? { early_header_mutation_extensions: [dropForwardedFor] } : {}),
          },
        },
      },
    },
    filterPatch(anyConnection, "INSERT_FIRST", localRateLimit, {
      "@type": rateLimitType,
      stat_prefix: "ingress", // without a bucket it counts nothing: each public name has its own
    }),
    filterPatch(
      {
        ...anyConnection,
        listener: {
          filterChain: {
            filter: { ...anyConnection.listener.filterChain.filter, subFilter: { name: "envoy.filters.http.router" } },
          },
        },
      },
      "INSERT_BEFORE",
      "envoy.filters.http.buffer",
      { "@type": type("extensions.filters.http.buffer.v3.Buffer"), max_request_bytes: bytes },
    ),
    ...namesOf(spec).map((name) => ({
      applyTo: "VIRTUAL_HOST",
      match: { context: "GATEWAY", routeConfiguration: { vhost: { name: `${name}:443` } } },
      patch: {
        operation: "MERGE",
        value: {
          typed_per_filter_config: {
            [localRateLimit]: rateLimitOf({ prefix: "ingress", requestsPerSecond, burst }),
          },
        },
      },
    })),
  ];
}

const filterPatch = (match: object, operation: string, name: string, config: object) => ({
  applyTo: "HTTP_FILTER",
  match,
  patch: { operation, value: { name, typed_config: config } },
});

const dropForwardedFor = {
  name: "envoy.http.early_header_mutation.header_mutation",
  typed_config: {
    "@type": type("extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"),
    mutations: [{ remove: "x-forwarded-for" }],
  },
};
