/** What decides who talks to whom on this platform, and what of it does not go together. */
import type { BookstoreConfig } from "./bookstore-schema.ts";
import { certManagerNamespace } from "./cert-manager-plan.ts";
import type { CertificatesConfig } from "./certificates-schema.ts";
import type { ClusterFacts, Contradiction } from "./cluster/facts.ts";
import { type DnsFacts, type DnsSettings, dnsWay } from "./coredns-schema.ts";
import { etcdBackupNamespace } from "./etcd-backup-plan.ts";
import type { BackupKind } from "./etcd-backup-schema.ts";
import { externalDnsNamespace } from "./external-dns-plan.ts";
import { gatewayNamespace } from "./gateway-plan.ts";
import type { IngressConfig } from "./ingress-schema.ts";
import { istioCniNamespace } from "./istio-cni-plan.ts";
import { istioNamespace } from "./istio-names.ts";
import { collectorNamespace, loggingNamespace } from "./logging/names.ts";
import type { LokiConfig } from "./logging/schema.ts";
import type { MeshConfig } from "./mesh-schema.ts";
import { blackboxNamespace, monitoringNamespace, nodeExporterNamespace } from "./monitoring/names.ts";
import type { MonitoringConfig } from "./monitoring/schema.ts";
import { objectBackupNamespace } from "./object-backup-plan.ts";
import type { Surroundings } from "./tenant-problems.ts";
import type { Tenants } from "./tenant-schema.ts";
import { tracingNamespace } from "./tracing/names.ts";
import type { TracingConfig } from "./tracing/schema.ts";

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
  readonly backup: BackupKind;
  readonly monitoring: MonitoringConfig;
  readonly logging: { readonly kind: "none" } | Pick<LokiConfig, "kind" | "notify">;
  readonly tracing: Pick<TracingConfig, "kind">;
}

/** What of the network decides which namespaces the platform has. */
type Housed = Pick<
  Network,
  "backend" | "bookstore" | "certificates" | "ingress" | "backup" | "monitoring" | "logging" | "tracing"
>;

/** The namespaces of the platform itself, which no tenant may have. */
export function platformNamespaces(
  { backend, bookstore, certificates, ingress, backup, monitoring, logging, tracing }: Housed,
  { publicZone }: Pick<ClusterFacts, "publicZone">,
): string[] {
  return [
    backend.namespace,
    ...(bookstore.kind === "none" ? [] : [bookstore.namespace]),
    ...(certificates.issuer.kind === "existing" ? [] : [certManagerNamespace]),
    ...(ingress.kind === "none" ? [] : [istioNamespace, istioCniNamespace, gatewayNamespace]),
    ...(ingress.kind === "none" || publicZone === undefined ? [] : [externalDnsNamespace]),
    ...(backup.kind === "etcd" ? [etcdBackupNamespace] : []),
    ...(backup.kind === "objects" ? [objectBackupNamespace] : []),
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

/** What the tenants of a platform are held against. */
export const surroundingsOf = <Facts extends Surroundings["facts"] & Pick<ClusterFacts, "publicZone">>(
  network: Housed,
  facts: Facts,
  pullSecrets: Surroundings["pullSecrets"],
) => ({
  facts,
  pullSecrets,
  platformNamespaces: platformNamespaces(network, facts),
  meshedNamespaces: meshedOf(network),
});

/** What of the network cannot be had on this cluster, by its path under `quintet:`. */
export function networkProblems({
  facts,
  network,
  certificates,
  ingress,
  backup,
}: Pick<Network, "facts" | "network" | "certificates" | "ingress" | "backup">): Contradiction[] {
  const known = facts.apiServer !== undefined || facts.nodes.some(({ role }) => role === "control-plane");
  const calls =
    dnsWay(facts) !== "leave" ||
    certificates.issuer.kind !== "existing" ||
    ingress.kind !== "none" ||
    backup.kind === "objects";
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
