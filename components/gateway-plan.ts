/** What the pods of the gateway are, and where the outside finds them, as plain manifests: no Pulumi here. */
import { type LoadBalancerWish, loadBalancerService } from "./cluster/eks/load-balancer.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import { discoveryAddress, proxyPorts } from "./istio-names.ts";
import { lostNodeTolerations, spread } from "./pod-plan.ts";
import { proxyContainer, proxyUser, proxyVolumes } from "./proxy-plan.ts";
import { callsMade, callsOfClients } from "./proxy-statistics.ts";
import { replicated } from "./workload-plan.ts";

/** The namespace of the gateway. */
export const gatewayNamespace = "istio-ingress";

/** The name of every object of the gateway. */
export const gatewayName = "gateway";

/** What its pods carry; `istio` is what Istio's own kinds pick gateways by. */
export const gatewayLabels = { "app.kubernetes.io/name": gatewayName, istio: "ingress" } as const;

/** By this annotation a Service asks external-dns for names. */
const namesAnnotation = "external-dns.alpha.kubernetes.io/hostname";

/** Where its pods listen: above 1024, so that they need no capability. */
export const gatewayPorts = {
  http: 8080,
  https: 8443,
  status: proxyPorts.status,
  metrics: proxyPorts.metrics,
} as const;

/** How the outside reaches the gateway's pods. */
export type Exposure =
  /** A load balancer of the cloud passes connections on to all nodes. */
  | ({
      readonly kind: "cloud";
      readonly by: NonNullable<ClusterFacts["awsLoadBalancers"]> | "other";
    } & LoadBalancerWish)
  /** Nodes listen themselves, each for the pods that run on it. */
  | {
      readonly kind: "nodes";
      readonly nodes: readonly string[];
      readonly ports: Readonly<Record<"http" | "https", number>>;
    };

/** What decides the shape of the gateway's pods. */
export interface GatewaySpec {
  /** The revision whose istiod it asks. */
  readonly revision: string;
  readonly image: string;
  /** How many pods there are; behind ports of nodes, on each node that answers. */
  readonly replicas: number;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
  /** The domain of Services' names. */
  readonly clusterDomain: string;
  readonly exposure: Exposure;
  /** How many HTTP proxies stand in front. */
  readonly trustedProxies: number;
  /** The names that external-dns is to lead here. @default it is not asked */
  readonly publicNames?: readonly string[] | undefined;
}

/**
 * What a pod is promised and what it may take at most. Envoy takes 65 MiB with this configuration and its agent 30, and
 * one core passes on some thousand requests in a second.
 */
const amounts = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/**
 * The time in seconds for a stop without a lost request: as long as it takes until nobody sends new connections, then as
 * long as open connections are told to close, and as much again before the kill. A load balancer of a cloud finds out by
 * probes, three times every ten seconds.
 */
const shutdown = { endpoints: { nodes: 10, cloud: 45 }, drain: 15, kill: 30 } as const;

/** How many pods there are in all. */
const podsOf = ({ replicas, exposure }: GatewaySpec) =>
  exposure.kind === "nodes" ? replicas * exposure.nodes.length : replicas;

/** Every manifest of the gateway's pods; namespaces are added by who applies it. */
export function planGateway(spec: GatewaySpec) {
  const meta = { name: gatewayName, labels: gatewayLabels };
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    // istiod hands a gateway the Secrets that its account may read.
    rights: { cluster: [], namespace: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }] },
    service: serviceOf(spec),
    ...replicated(gatewayName, gatewayLabels, podsOf(spec), podOf(spec), { "istio.io/rev": spec.revision }),
  };
}

/**
 * The Service in front. A node passes connections on to its own pods alone (`Local`): that way nobody hides the caller's
 * address behind the node's.
 */
function serviceOf({ exposure, publicNames }: GatewaySpec) {
  const listen = (name: "http" | "https", port: number) => ({
    name,
    port,
    targetPort: gatewayPorts[name],
    appProtocol: name,
    ...(exposure.kind === "nodes" ? { nodePort: exposure.ports[name] } : {}),
  });
  const spec = { selector: gatewayLabels, ports: [listen("http", 80), listen("https", 443)] };
  const meta = { name: gatewayName, labels: gatewayLabels };
  if (exposure.kind === "nodes") {
    return { metadata: meta, spec: { ...spec, type: "NodePort", externalTrafficPolicy: "Local" } };
  }
  const aws =
    exposure.by === "other" ? undefined : loadBalancerService({ autoMode: exposure.by === "auto-mode" }, exposure);
  const annotations = {
    ...aws?.annotations,
    ...(publicNames === undefined ? {} : { [namesAnnotation]: publicNames.join(",") }),
  };
  return {
    metadata: { ...meta, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      ...spec,
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      ...aws?.spec,
      loadBalancerSourceRanges: [...exposure.sources],
    },
  };
}

function podOf(spec: GatewaySpec) {
  const { exposure } = spec;
  const wait = shutdown.endpoints[exposure.kind];
  return {
    serviceAccountName: gatewayName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      ...proxyUser,
      fsGroup: proxyUser.runAsGroup,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationGracePeriodSeconds: wait + shutdown.drain + shutdown.kill,
    ...(exposure.kind === "nodes" ? { affinity: onNodes(exposure.nodes) } : {}),
    topologySpreadConstraints: spread(gatewayLabels, spec.racks),
    tolerations: lostNodeTolerations,
    containers: [containerOf(spec, wait)],
    volumes: proxyVolumes(),
  };
}

/** Keeps pods on the nodes that answer; spread among them, each has as many as the others. */
const onNodes = (nodes: readonly string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [...nodes].sort() }] },
      ],
    },
  },
});

/** Envoy with its agent, and the ports of the gateway. */
function containerOf(spec: GatewaySpec, wait: number) {
  return {
    ...proxyContainer({ ...spec, role: "router", environment: environmentOf(spec) }),
    ports: [
      { name: "http", containerPort: gatewayPorts.http },
      { name: "https", containerPort: gatewayPorts.https },
      { name: "http-envoy-prom", containerPort: gatewayPorts.metrics },
    ],
    resources: amounts,
    lifecycle: { preStop: { sleep: { seconds: wait } } },
  };
}

/** What the agent is told of this gateway; `PROXY_CONFIG` is Istio's ProxyConfig. */
function environmentOf({ revision, trustedProxies }: GatewaySpec) {
  return {
    PROXY_CONFIG: JSON.stringify({
      discoveryAddress: discoveryAddress(revision),
      concurrency: 1, // as many as the limit's cores
      drainDuration: `${String(shutdown.drain)}s`,
      terminationDrainDuration: `${String(shutdown.drain)}s`,
      // A sidecar is told by the mesh's configuration, which no gateway reads.
      proxyStatsMatcher: { inclusionRegexps: [callsMade, callsOfClients] },
      ...(trustedProxies === 0 ? {} : { gatewayTopology: { numTrustedProxies: trustedProxies } }),
    }),
    ISTIO_META_WORKLOAD_NAME: gatewayName,
    ISTIO_META_OWNER: `kubernetes://apis/apps/v1/namespaces/${gatewayNamespace}/deployments/${gatewayName}`,
  };
}
