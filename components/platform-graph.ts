/** The connectivity graph of this platform: the half of every component, once. */
import { backendHalf } from "./backend-plan.ts";
import { bookstoreHalf } from "./bookstore-plan.ts";
import type { BookstoreConfig } from "./bookstore-schema.ts";
import { certManagerHalf, certManagerNamespace } from "./cert-manager-plan.ts";
import { leafDaysOf } from "./certificates-plan.ts";
import type { CertificatesConfig } from "./certificates-schema.ts";
import type { ClusterFacts, Contradiction } from "./cluster/facts.ts";
import { clusterDns, clusterHalf } from "./cluster/half.ts";
import { type Edge, everyPodOf, type Graph, graphOf, type Half } from "./connectivity-graph.ts";
import { coreDnsHalf } from "./coredns-plan.ts";
import { type DnsFacts, type DnsSettings, dnsWay } from "./coredns-schema.ts";
import { etcdBackupHalf, etcdBackupNamespace } from "./etcd-backup-plan.ts";
import type { EtcdBackupConfig } from "./etcd-backup-schema.ts";
import { externalDnsHalf, externalDnsNamespace } from "./external-dns-plan.ts";
import { externalsHalf } from "./externals-plan.ts";
import { gatewayNamespace } from "./gateway-plan.ts";
import { gatewayRef, ingressHalf } from "./ingress-plan.ts";
import type { IngressConfig } from "./ingress-schema.ts";
import { istioCniHalf, istioCniNamespace } from "./istio-cni-plan.ts";
import { istioNamespace, istiodRef, proxyPorts } from "./istio-names.ts";
import { istioHalf } from "./istio-plan.ts";
import { jwtHalf } from "./jwt-schema.ts";
import { type MeshConfig, revisionsOf } from "./mesh-schema.ts";
import type { Insight } from "./monitoring/insight.ts";
import { loggingHalf } from "./logging/half.ts";
import { collectorNamespace, loggingNamespace } from "./logging/names.ts";
import type { LoggingConfig } from "./logging/schema.ts";
import { blackboxHalf } from "./monitoring/blackbox-plan.ts";
import { monitoringHalf } from "./monitoring/half.ts";
import { insightsOf } from "./monitoring/insights.ts";
import { blackboxNamespace, monitoringNamespace, nodeExporterNamespace } from "./monitoring/names.ts";
import { type Probe, probesOf } from "./monitoring/probes.ts";
import type { MonitoringConfig } from "./monitoring/schema.ts";
import { spansFrom, tracingHalf } from "./tracing/jaeger-plan.ts";
import { tracingNamespace } from "./tracing/names.ts";
import type { TracingConfig } from "./tracing/schema.ts";
import { tenantHalf } from "./tenant-half.ts";
import type { Tenants } from "./tenant-schema.ts";

/** The name of the sample backend's objects. */
export const backendApp = "backend";

/** What decides who talks to whom. */
export interface Network {
  readonly facts: DnsFacts &
    Pick<ClusterFacts, "controlPlaneMetrics" | "apiServer" | "enforcesNetworkPolicy" | "system" | "publicZone">;
  readonly dns: DnsSettings;
  readonly network: { readonly defaultDeny: boolean };
  readonly tenants: Tenants;
  readonly backend: { readonly namespace: string };
  readonly bookstore: BookstoreConfig;
  readonly certificates: Pick<CertificatesConfig, "issuer">;
  readonly ingress: IngressConfig;
  readonly mesh: Pick<MeshConfig, "revisions" | "current"> & Partial<Pick<MeshConfig, "externals">>;
  readonly backup: { readonly kind: "none" } | Pick<EtcdBackupConfig, "kind" | "s3" | "schedule">;
  readonly monitoring: MonitoringConfig;
  readonly logging: Pick<LoggingConfig, "kind">;
  readonly tracing: Pick<TracingConfig, "kind">;
}

/** The namespaces of the platform itself, which no tenant may have. */
export function platformNamespaces(
  {
    backend,
    bookstore,
    certificates,
    ingress,
    backup,
    monitoring,
    logging,
    tracing,
  }: Pick<
    Network,
    "backend" | "bookstore" | "certificates" | "ingress" | "backup" | "monitoring" | "logging" | "tracing"
  >,
  { publicZone }: Pick<ClusterFacts, "publicZone">,
): string[] {
  return [
    backend.namespace,
    ...(bookstore.kind === "none" ? [] : [bookstore.namespace]),
    ...(certificates.issuer.kind === "existing" ? [] : [certManagerNamespace]),
    ...(ingress.kind === "none" ? [] : [istioNamespace, istioCniNamespace, gatewayNamespace]),
    ...(ingress.kind === "none" || publicZone === undefined ? [] : [externalDnsNamespace]),
    ...(backup.kind === "none" ? [] : [etcdBackupNamespace]),
    ...(monitoring.kind === "none" ? [] : [monitoringNamespace, nodeExporterNamespace, blackboxNamespace]),
    ...(logging.kind === "none" ? [] : [loggingNamespace, collectorNamespace]),
    ...(tracing.kind === "none" ? [] : [tracingNamespace]),
  ];
}

/** The namespaces of the platform whose pods are in the mesh; `undefined` without one. */
export const meshedOf = ({
  backend,
  bookstore,
  ingress,
}: Pick<Network, "backend" | "bookstore" | "ingress">): string[] | undefined =>
  ingress.kind === "none"
    ? undefined
    : [gatewayNamespace, backend.namespace, ...(bookstore.kind === "none" ? [] : [bookstore.namespace])];

/** What the parts of this platform say of themselves to whoever watches it. */
export function platformInsights(network: Omit<Network, "dns" | "network" | "tenants" | "mesh">): Insight[] {
  const { facts, backup, certificates, backend, ingress, logging, tracing } = network;
  const sidecars = meshedOf(network)?.filter((namespace) => namespace !== gatewayNamespace);
  const own = certificates.issuer.kind !== "existing";
  const service = { namespace: backend.namespace, name: backendApp };
  const { issuer } = certificates;
  return insightsOf({
    facts,
    backup,
    certificates: own,
    sidecars,
    backend: service,
    probes: platformProbes(network),
    logging: logging.kind !== "none",
    tracing: tracing.kind !== "none",
    certificateDays: ingress.kind === "none" ? undefined : (leafDaysOf(issuer) ?? shortestLife),
  });
}

/** How long certificates live at least where their issuer decides: those of ACME servers, in days. */
const shortestLife = 90;

/** What of this platform is asked as its users ask it. */
export const platformProbes = ({
  facts,
  ingress,
  certificates,
  backend,
}: Pick<Network, "facts" | "ingress" | "certificates" | "backend">): Probe[] =>
  probesOf({ facts, ingress, certificates, backend: { namespace: backend.namespace, name: backendApp } });

/** Every component's half, but for what the sidecars of all of them need. */
function ownHalves(network: Network): Half[] {
  const {
    facts,
    dns,
    network: { defaultDeny },
    tenants,
    backend,
    bookstore,
    certificates,
    ingress,
    mesh,
    backup,
    monitoring,
    logging,
    tracing,
  } = network;
  const closed = defaultDeny ? "every-pod" : "none";
  const around = {
    facts,
    pullSecrets: {},
    platformNamespaces: platformNamespaces(network, facts),
    meshedNamespaces: meshedOf(network),
  };
  const { issuer } = certificates;
  const gateway = issuer.kind === "acme" ? issuer.solver.gateway : undefined;
  return [
    clusterHalf(facts, defaultDeny ? "workloads" : "none"),
    ...(facts.system === undefined ? [] : [facts.system]),
    coreDnsHalf(dns, facts),
    ...(issuer.kind === "existing" ? [] : [certManagerHalf(facts, { closed, gateway })]),
    ...(ingress.kind === "none"
      ? []
      : [
          istioHalf(revisionsOf(mesh).current, { closed }),
          istioCniHalf({ closed }),
          ingressHalf(ingress, { facts, backend: `${backend.namespace}/${backendApp}`, closed }),
          ...(ingress.jwt === undefined ? [] : [jwtHalf(ingress.jwt, facts)]),
          externalsHalf(mesh.externals ?? {}, facts),
          ...(facts.publicZone === undefined ? [] : [externalDnsHalf(facts, { closed })]),
        ]),
    backendHalf(backendApp, { namespace: backend.namespace, closed, open: ingress.kind === "none" }),
    ...(bookstore.kind === "none" ? [] : [bookstoreHalf(bookstore, { closed })]),
    ...(backup.kind === "none" ? [] : [etcdBackupHalf(backup, facts, { closed })]),
    ...(monitoring.kind === "none"
      ? []
      : [
          monitoringHalf(monitoring, platformInsights(network), facts, { closed }),
          blackboxHalf(platformProbes(network), { closed }),
        ]),
    ...(logging.kind === "none" ? [] : [loggingHalf({ closed })]),
    ...(tracing.kind === "none" ? [] : [tracingHalf(gatewayRef, { closed })]),
    tenantHalf(tenants, around),
  ];
}

/** The namespaces whose pods have sidecars, which those of gateways are not. */
function withSidecars(halves: readonly Half[]): string[] {
  const gateways = halves.flatMap(({ workloads = [] }) => workloads.filter(({ gateway }) => gateway === true));
  return halves
    .flatMap(({ namespaces: own = {} }) =>
      Object.entries(own).flatMap(([name, { meshed }]) => (meshed === undefined ? [] : [name])),
    )
    .filter((name) => !gateways.some(({ namespace }) => namespace === name));
}

/** The namespaces whose pods have sidecars, with the workloads that are known in each. */
export function sidecarsOf(network: Network): Record<string, string[]> {
  const halves = ownHalves(network);
  const workloads = halves.flatMap(({ workloads: own = [] }) => own);
  return Object.fromEntries(
    withSidecars(halves).map((name) => [
      name,
      workloads.flatMap((workload) => (workload.namespace === name ? [workload.name] : [])),
    ]),
  );
}

/** What sidecars need of others, wherever there are some; gateways have said it of themselves. */
function sidecarHalf(halves: readonly Half[], traced: boolean): Half {
  const keyOf = ({ from, to, port }: Edge) => `${from} ${to} ${port}`;
  const declared = new Set(halves.flatMap(({ edges = [] }) => edges.map(keyOf)));
  return {
    of: "sidecars",
    edges: withSidecars(halves)
      .flatMap((name): Edge[] => {
        const from = everyPodOf(name);
        return [
          { from, to: istiodRef, port: "xds", why: "sidecars get their configuration and their certificates" },
          {
            from: "api-server",
            to: from,
            port: `${String(proxyPorts.metrics)}/TCP`,
            why: "what callers have counted is read through it",
          },
          ...["dns", "dns-tcp"].map((port) => ({ from, to: clusterDns, port, why: "sidecars resolve istiod" })),
          ...(traced ? [spansFrom(from)] : []),
        ];
      })
      .filter((edge) => !declared.has(keyOf(edge))),
  };
}

/** Who talks to whom on this platform. */
export function platformGraph(network: Network): Graph {
  const halves = ownHalves(network);
  return graphOf(network.facts, [...halves, sidecarHalf(halves, network.tracing.kind !== "none")]);
}

/** What of the network cannot be had on this cluster, by its path under `quintet:`. */
export function networkProblems({
  facts,
  network,
  certificates,
  ingress,
}: Pick<Network, "facts" | "network" | "certificates" | "ingress">): Contradiction[] {
  const known = facts.apiServer !== undefined || facts.nodes.some(({ role }) => role === "control-plane");
  const calls = dnsWay(facts) !== "leave" || certificates.issuer.kind !== "existing" || ingress.kind !== "none";
  const nameless: Contradiction[] =
    known || !calls
      ? []
      : [
          [
            ["cluster", "facts", "apiServer"],
            "is missing, and no node is of the control plane: say where calls to the API server arrive, since pods of the platform make some",
          ],
        ];
  if (!network.defaultDeny || facts.enforcesNetworkPolicy || facts.mode === "simulated") return nameless;
  return [
    ...nameless,
    [
      ["network", "defaultDeny"],
      "is on, but nothing on this cluster enforces a NetworkPolicy, so it would only look closed: say false, or bring a network that enforces",
    ],
  ];
}
