/** The connectivity graph of this platform: the half of every component, once. */
import { backendHalf } from "./backend-plan.ts";
import { bookstoreHalf } from "./bookstore-plan.ts";
import { certManagerHalf } from "./cert-manager-plan.ts";
import { clusterHalf } from "./cluster/half.ts";
import { type Graph, graphOf, type Half } from "./connectivity-graph.ts";
import { coreDnsHalf } from "./coredns-plan.ts";
import { etcdBackupHalf } from "./etcd-backup-plan.ts";
import { externalDnsHalf } from "./external-dns-plan.ts";
import { externalsHalf } from "./externals-plan.ts";
import { gatewayRef, ingressHalf } from "./ingress-plan.ts";
import { istioCniHalf } from "./istio-cni-plan.ts";
import { istioHalf } from "./istio-plan.ts";
import { jwtHalf } from "./jwt-schema.ts";
import { loggingHalf } from "./logging/half.ts";
import { revisionsOf } from "./mesh-schema.ts";
import { blackboxHalf } from "./monitoring/blackbox-plan.ts";
import { monitoringHalf } from "./monitoring/half.ts";
import { objectBackupHalf } from "./object-backup-plan.ts";
import { platformInsights, platformProbes } from "./platform-insights.ts";
import { backendApp, type Network, surroundingsOf } from "./platform-network.ts";
import { sidecarHalf, withSidecars } from "./sidecar-half.ts";
import { tenantHalf } from "./tenant-half.ts";
import { tracingHalf } from "./tracing/jaeger-plan.ts";

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
    ...(backup.kind === "etcd" ? [etcdBackupHalf(backup, facts, { closed })] : []),
    ...(backup.kind === "objects" ? [objectBackupHalf(backup, facts, { closed })] : []),
    ...(monitoring.kind === "none"
      ? []
      : [
          monitoringHalf(
            monitoring,
            platformInsights(network),
            facts,
            { closed },
            { logs: logging.kind !== "none", traces: tracing.kind !== "none" },
          ),
          blackboxHalf(platformProbes(network), { closed }),
        ]),
    ...(logging.kind === "none" ? [] : [loggingHalf(monitoring.kind !== "none", { closed })]),
    ...(tracing.kind === "none" ? [] : [tracingHalf(gatewayRef, { closed })]),
    tenantHalf(tenants, surroundingsOf(network, facts, {})),
  ];
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

/** Who talks to whom on this platform. */
export function platformGraph(network: Network): Graph {
  const halves = ownHalves(network);
  return graphOf(network.facts, [...halves, sidecarHalf(halves, network.tracing.kind !== "none")]);
}
