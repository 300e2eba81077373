/** The connectivity graph of this platform: the half of every component, once. */
import { backendHalf } from "./backend-plan.ts";
import { bookstoreHalf } from "./bookstore-plan.ts";
import type { BookstoreConfig } from "./bookstore-schema.ts";
import { certManagerHalf, certManagerNamespace } from "./cert-manager-plan.ts";
import type { CertificatesConfig } from "./certificates-schema.ts";
import type { ClusterFacts, Contradiction } from "./cluster/facts.ts";
import { clusterHalf } from "./cluster/half.ts";
import { type Graph, graphOf, type Half } from "./connectivity-graph.ts";
import { coreDnsHalf } from "./coredns-plan.ts";
import { type DnsFacts, type DnsSettings, dnsWay } from "./coredns-schema.ts";
import { externalDnsHalf, externalDnsNamespace } from "./external-dns-plan.ts";
import { gatewayNamespace } from "./gateway-plan.ts";
import { ingressHalf } from "./ingress-plan.ts";
import type { IngressConfig } from "./ingress-schema.ts";
import { istioCniHalf, istioCniNamespace } from "./istio-cni-plan.ts";
import { istioNamespace } from "./istio-names.ts";
import { istioHalf, meshHalf } from "./istio-plan.ts";
import { type MeshConfig, revisionsOf } from "./mesh-schema.ts";
import { tenantHalf } from "./tenant-half.ts";
import type { Tenants } from "./tenant-schema.ts";

/** The name of the sample backend's objects. */
export const backendApp = "backend";

/** What decides who talks to whom. */
export interface Network {
  readonly facts: DnsFacts & Pick<ClusterFacts, "apiServer" | "enforcesNetworkPolicy" | "system" | "publicZone">;
  readonly dns: DnsSettings;
  readonly network: { readonly defaultDeny: boolean };
  readonly tenants: Tenants;
  readonly backend: { readonly namespace: string };
  readonly bookstore: BookstoreConfig;
  readonly certificates: Pick<CertificatesConfig, "issuer">;
  readonly ingress: IngressConfig;
  readonly mesh: Pick<MeshConfig, "revisions" | "current">;
}

/** The namespaces of the platform itself, which no tenant may have. */
export function platformNamespaces(
  { backend, bookstore, certificates, ingress }: Pick<Network, "backend" | "bookstore" | "certificates" | "ingress">,
  { publicZone }: Pick<ClusterFacts, "publicZone">,
): string[] {
  return [
    backend.namespace,
    ...(bookstore.kind === "none" ? [] : [bookstore.namespace]),
    ...(certificates.issuer.kind === "existing" ? [] : [certManagerNamespace]),
    ...(ingress.kind === "none" ? [] : [istioNamespace, istioCniNamespace, gatewayNamespace]),
    ...(ingress.kind === "none" || publicZone === undefined ? [] : [externalDnsNamespace]),
  ];
}

/** Every component's half. */
function platformHalves(network: Network): Half[] {
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
  } = network;
  const closed = defaultDeny ? "every-pod" : "none";
  const around = {
    facts,
    pullSecrets: {},
    platformNamespaces: platformNamespaces({ backend, bookstore, certificates, ingress }, facts),
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
          meshHalf([backend.namespace, ...(bookstore.kind === "none" ? [] : [bookstore.namespace])]),
          ingressHalf(ingress, { facts, backend: `${backend.namespace}/${backendApp}`, closed }),
          ...(facts.publicZone === undefined ? [] : [externalDnsHalf(facts, { closed })]),
        ]),
    backendHalf(backendApp, { namespace: backend.namespace, closed, open: ingress.kind === "none" }),
    ...(bookstore.kind === "none" ? [] : [bookstoreHalf(bookstore, { closed })]),
    tenantHalf(tenants, around),
  ];
}

/** Who talks to whom on this platform. */
export const platformGraph = (network: Network): Graph => graphOf(network.facts, platformHalves(network));

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
