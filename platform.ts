/** The story: every component once, in dependency order, no logic. */
import { createAdmission } from "./components/admission.ts";
import { planAuthorization } from "./components/authorization-plan.ts";
import { Backend } from "./components/backend.ts";
import { Bookstore } from "./components/bookstore.ts";
import { createBackups } from "./components/backups.ts";
import { Certificates } from "./components/certificates.ts";
import { minorOf, racksOf } from "./components/cluster/facts.ts";
import { createCluster } from "./components/cluster/index.ts";
import { planPolicies } from "./components/connectivity-policies.ts";
import { CoreDns } from "./components/coredns.ts";
import { Definitions } from "./components/definitions.ts";
import { createEdge } from "./components/edge.ts";
import { roleBucketOf } from "./components/etcd-backup-schema.ts";
import { meshLabels } from "./components/istio-plan.ts";
import { createLogging } from "./components/logging/index.ts";
import { meshCalls } from "./components/mesh-calls.ts";
import { revisionsOf } from "./components/mesh-schema.ts";
import { createMesh, createMeshRules } from "./components/mesh.ts";
import { createBlackbox } from "./components/monitoring/blackbox.ts";
import { createMonitoring } from "./components/monitoring/create.ts";
import { Namespace } from "./components/namespace.ts";
import { platformGraph } from "./components/platform-graph.ts";
import { backendApp, surroundingsOf } from "./components/platform-network.ts";
import { TenantGuard } from "./components/tenant-guard.ts";
import { planTenants } from "./components/tenant-plan.ts";
import { Tenant } from "./components/tenant.ts";
import { createTracing } from "./components/tracing/index.ts";
import type { PlatformConfig } from "./config.ts";
import { versions } from "./versions.ts";

/** Builds the whole platform and returns what to show about it; never a secret. */
export async function createPlatform(config: PlatformConfig) {
  const { backend: backendConfig, bookstore: bookstoreConfig, registryCredentials: credentials } = config;
  const graph = platformGraph({ ...config, facts: config.cluster.facts });
  const policies = planPolicies(graph);
  const jwt = config.ingress.kind === "none" ? undefined : config.ingress.jwt;
  const { atGateway, elsewhere } = planAuthorization(graph, jwt);

  const { provider, id, facts, systemNamespace, deletedWith } = await createCluster(
    config.cluster,
    policies,
    config.stack,
    roleBucketOf(config.backup),
  );
  const kubernetesMinor = minorOf(facts.kubernetesVersion);
  const shape = { racks: racksOf(facts).length > 1, live: facts.mode === "nodes", clusterDomain: facts.dns.domain };
  const owned = { owner: config.stack, kubernetesMinor, policies };

  const made = deletedWith === undefined ? { provider } : { provider, deletedWith };
  const { served } = new Definitions("definitions", { definitions: config.definitions }, made);
  const dependsOn = [...served.certManager, ...served.mesh];
  const inCluster = { ...made, dependsOn };

  const dns = { facts, settings: config.dns, owner: config.stack, namespace: systemNamespace };
  const names = new CoreDns("coredns", dns, inCluster);

  new TenantGuard("tenant-guard", {}, inCluster);
  createAdmission({ ...owned, config }, inCluster);

  const { images } = versions;
  const { issuing } = new Certificates(
    "certificates",
    {
      ...shape,
      ...owned,
      ...config.certificates,
      images: {
        controller: images.certManagerController,
        webhook: images.certManagerWebhook,
        cainjector: images.certManagerCainjector,
        acmesolver: images.certManagerAcmesolver,
      },
      definitions: served.certManager,
    },
    inCluster,
  );

  createBackups({ ...owned, config, facts, clusterId: id }, inCluster);

  const withNames = { ...inCluster, dependsOn: [...dependsOn, ...names.ready] };
  createMonitoring({ ...owned, config, facts }, withNames);
  createLogging({ ...owned, config, facts }, withNames);
  createTracing({ ...owned, config }, withNames);

  const around = surroundingsOf(config, facts, config.registries.pullSecrets);
  const tenants = planTenants(config.tenants, around).map(
    (plan) => new Tenant(plan.name, { ...owned, plan, credentials }, inCluster),
  );

  const inMesh = config.ingress.kind !== "none";
  const after = [...served.mesh, ...names.ready];
  const mesh = createMesh({ ...shape, ...owned, config, facts, graph, after }, inCluster);
  const revision = inMesh ? revisionsOf(config.mesh).current.name : undefined;

  const labels = inMesh ? meshLabels : {};
  const homeOf = (namespace: string) => new Namespace(namespace, { ...owned, namespace, labels }, inCluster);
  const backendHome = homeOf(backendConfig.namespace);
  const bookstoreHome = bookstoreConfig.kind === "none" ? undefined : homeOf(bookstoreConfig.namespace);
  const homes = [backendHome, bookstoreHome].flatMap((home) => home?.resource ?? []);

  const ready = [...mesh, ...homes];
  const { clusterDomain } = shape;
  const rules = createMeshRules({ config, graph, clusterDomain, policies: elsewhere, ready, tenants }, inCluster);

  const podinfo = { image: images.podinfo, racks: shape.racks, revision };
  const inMeshOf = (home: Namespace) => ({
    provider,
    deletedWith: home.resource,
    dependsOn: [...dependsOn, ...mesh, ...rules],
  });
  const backend = new Backend(
    "backend",
    { ...backendConfig, ...podinfo, app: backendApp, namespace: backendHome.namespace },
    inMeshOf(backendHome),
  );
  const bookstore =
    bookstoreConfig.kind === "none" || bookstoreHome === undefined
      ? undefined
      : new Bookstore(
          "bookstore",
          { ...bookstoreConfig, ...podinfo, namespace: bookstoreHome.namespace },
          inMeshOf(bookstoreHome),
        );

  const edge = { ...shape, ...owned, config, facts, issuing, authorization: atGateway, after: [...ready, ...rules] };
  const ingress = createEdge(edge, inCluster);

  createBlackbox({ ...owned, config, facts, issuing, after: [ingress ?? backend] }, inCluster);

  const { kind } = config.cluster;
  const { mode, kubernetesVersion, nodes } = facts;
  return {
    environment: config.environment,
    cluster: { id, kind, mode, kubernetesVersion, nodes: nodes.map(({ name }) => name) },
    backend: {
      namespace: backendHome.namespace,
      service: backend.service,
      clusterIp: backend.clusterIp,
      url: backend.url,
    },
    bookstore: bookstore && { namespace: bookstoreHome?.namespace, url: bookstore.url },
    ingress: ingress && { url: ingress.url, names: ingress.names, addresses: ingress.addresses },
    mesh: ingress && { calls: meshCalls(graph) },
  };
}
