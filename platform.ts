/** The story: every component once, in dependency order, no logic. */
import { meshedNamespaces, planAuthorization } from "./components/authorization-plan.ts";
import { Authorization } from "./components/authorization.ts";
import { Backend } from "./components/backend.ts";
import { bookstoreRoutes } from "./components/bookstore-plan.ts";
import { Bookstore } from "./components/bookstore.ts";
import { Certificates } from "./components/certificates.ts";
import { createCluster } from "./components/cluster/index.ts";
import { cniFoldersOf, minorOf, racksOf } from "./components/cluster/facts.ts";
import { planPolicies } from "./components/connectivity-policies.ts";
import { CoreDns } from "./components/coredns.ts";
import { gatewayLabels } from "./components/gateway-plan.ts";
import { Definitions } from "./components/definitions.ts";
import { ExternalDns } from "./components/external-dns.ts";
import { planExternals } from "./components/externals-plan.ts";
import { Externals } from "./components/externals.ts";
import { frontOf, namesOf } from "./components/ingress-plan.ts";
import type { GatewayConfig } from "./components/ingress-schema.ts";
import { Ingress } from "./components/ingress.ts";
import { IstioCni } from "./components/istio-cni.ts";
import { istioNamespace } from "./components/istio-names.ts";
import { meshLabels } from "./components/istio-plan.ts";
import { Istio } from "./components/istio.ts";
import { revisionsOf } from "./components/mesh-schema.ts";
import { Namespace } from "./components/namespace.ts";
import { backendApp, meshedOf, platformGraph, platformNamespaces } from "./components/platform-graph.ts";
import { ports } from "./components/podinfo-plan.ts";
import { serviceRef } from "./components/mesh-service.ts";
import { meshServices } from "./components/mesh-services.ts";
import { planMeshTraffic } from "./components/rollout-plan.ts";
import { TenantGuard } from "./components/tenant-guard.ts";
import { planTenants } from "./components/tenant-plan.ts";
import { Tenant } from "./components/tenant.ts";
import { Traffic } from "./components/traffic.ts";
import type { PlatformConfig } from "./config.ts";
import { versions } from "./versions.ts";

/** Builds the whole platform and returns what to show about it; never a secret. */
export async function createPlatform(config: PlatformConfig) {
  const graph = platformGraph({ ...config, facts: config.cluster.facts });
  const policies = planPolicies(graph);
  const { atGateway, elsewhere } = planAuthorization(
    graph,
    config.ingress.kind === "none" ? undefined : config.ingress.jwt,
  );
  const { provider, id, facts, systemNamespace, deletedWith } = await createCluster(
    config.cluster,
    policies,
    config.stack,
  );
  const kubernetesMinor = minorOf(facts.kubernetesVersion);
  const racks = racksOf(facts).length > 1;
  const made = deletedWith === undefined ? { provider } : { provider, deletedWith };
  const { definitions } = config;
  const { served } = new Definitions("definitions", { definitions }, made);
  const dependsOn = [...served.certManager, ...served.mesh];
  const inCluster = { ...made, dependsOn };

  const names = new CoreDns(
    "coredns",
    { facts, settings: config.dns, owner: config.stack, namespace: systemNamespace },
    inCluster,
  );

  new TenantGuard("tenant-guard", {}, inCluster);

  const { images } = versions;
  const { issuing } = new Certificates(
    "certificates",
    {
      images: {
        controller: images.certManagerController,
        webhook: images.certManagerWebhook,
        cainjector: images.certManagerCainjector,
        acmesolver: images.certManagerAcmesolver,
      },
      definitions: served.certManager,
      issuer: config.certificates.issuer,
      replicas: config.certificates.replicas,
      racks,
      live: facts.mode === "nodes",
      owner: config.stack,
      kubernetesMinor,
      policies,
    },
    inCluster,
  );

  const { pullSecrets } = config.registries;
  const around = {
    facts,
    pullSecrets,
    platformNamespaces: platformNamespaces(config, facts),
    meshedNamespaces: meshedOf(config),
  };
  const credentials = config.registryCredentials;
  const tenants = planTenants(config.tenants, around).map(
    (plan) => new Tenant(plan.name, { plan, policies, credentials, owner: config.stack, kubernetesMinor }, inCluster),
  );

  const shape = {
    racks,
    live: facts.mode === "nodes",
    clusterDomain: facts.dns.domain,
  };
  const labels = config.ingress.kind === "none" ? {} : meshLabels;
  const owned = { owner: config.stack, kubernetesMinor, policies };
  const { revisions, current } = revisionsOf(config.mesh);
  const revision = config.ingress.kind === "none" ? undefined : current.name;
  const mesh = config.ingress.kind === "none" ? [] : createMesh(config.ingress);
  function createMesh(wanted: GatewayConfig) {
    const cni = new IstioCni(
      "istio-cni",
      { ...owned, image: current.images.cni, folders: cniFoldersOf(facts), excluded: ["kube-system", istioNamespace] },
      inCluster,
    );
    const istio = new Istio(
      "istio",
      {
        ...shape,
        ...owned,
        revisions,
        current: current.name,
        replicas: config.mesh.controlPlane.replicas,
        imageSource: facts.imageSource,
        namespaces: meshedNamespaces(graph),
        definitions: definitions.mesh,
        sidecars: config.mesh.sidecars,
        ingressGateway: wanted.classic ? gatewayLabels.istio : undefined,
        after: [...served.mesh, ...names.ready],
      },
      inCluster,
    );
    return [...istio.ready, cni.ready];
  }

  const namespaceOf = (name: string) => new Namespace(name, { ...owned, namespace: name, labels }, inCluster);
  const namespace = namespaceOf(config.backend.namespace);
  const bookstoreHome = config.bookstore.kind === "none" ? undefined : namespaceOf(config.bookstore.namespace);
  const homes = [namespace, ...(bookstoreHome === undefined ? [] : [bookstoreHome])].map(({ resource }) => resource);

  // No pod of the mesh comes before what decides whom it lets in.
  const guarded = config.ingress.kind === "none" ? [] : createGuards();
  function createGuards() {
    const policies = { policies: elsewhere, after: [...mesh, ...homes, ...tenants] };
    for (const spec of planMeshTraffic(meshServices(config), config)) {
      const traffic = { ...spec, clusterDomain: shape.clusterDomain, after: [...mesh, ...homes] };
      new Traffic(`traffic-${serviceRef(spec.service)}`, traffic, inCluster);
    }
    const externals = { plan: planExternals(config.mesh.externals, graph), after: policies.after };
    return [
      ...new Authorization("authorization", policies, inCluster).ready,
      ...new Externals("externals", externals, inCluster).ready,
    ];
  }

  const backend = new Backend(
    "backend",
    {
      app: backendApp,
      namespace: namespace.namespace,
      image: images.podinfo,
      replicas: config.backend.replicas,
      resources: config.backend.resources,
      limits: config.backend.limits,
      racks,
      revision,
    },
    { provider, deletedWith: namespace.resource, dependsOn: [...dependsOn, ...mesh, ...guarded] },
  );

  const bookstore =
    config.bookstore.kind === "none" || bookstoreHome === undefined
      ? undefined
      : new Bookstore(
          "bookstore",
          { ...config.bookstore, namespace: bookstoreHome.namespace, image: images.podinfo, racks, revision },
          { provider, deletedWith: bookstoreHome.resource, dependsOn: [...dependsOn, ...mesh, ...guarded] },
        );

  const ingress = config.ingress.kind === "none" ? undefined : createIngress(config.ingress);
  function createIngress(wanted: GatewayConfig) {
    const { publicZone } = facts;
    const keepers =
      publicZone === undefined
        ? []
        : [new ExternalDns("external-dns", { ...owned, zone: publicZone, recordsOwner: config.stack }, inCluster)];
    return new Ingress(
      "ingress",
      {
        ...shape,
        ...owned,
        ...wanted,
        revision: current.name,
        image: current.images.proxy,
        front: frontOf(wanted, facts),
        backend: { namespace: config.backend.namespace, service: backendApp, port: ports.service },
        others: bookstoreRoutes(config.bookstore),
        issuing,
        authorization: atGateway,
        publicNames: publicZone && namesOf(wanted),
        after: [...mesh, ...guarded, ...keepers.map(({ ready }) => ready), ...homes],
      },
      inCluster,
    );
  }

  return {
    environment: config.environment,
    cluster: {
      id,
      kind: config.cluster.kind,
      mode: facts.mode,
      kubernetesVersion: facts.kubernetesVersion,
      nodes: facts.nodes.map(({ name }) => name),
    },
    backend: {
      namespace: namespace.namespace,
      service: backend.service,
      clusterIp: backend.clusterIp,
      url: backend.url,
    },
    bookstore: bookstore && { namespace: bookstoreHome?.namespace, url: bookstore.url },
    ingress:
      ingress === undefined ? undefined : { url: ingress.url, names: ingress.names, addresses: ingress.addresses },
  };
}
