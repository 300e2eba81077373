/** The story: every component once, in dependency order, no logic. */
import { meshedNamespaces, planAuthorization } from "./components/authorization-plan.ts";
import { Authorization } from "./components/authorization.ts";
import { ports } from "./components/backend-plan.ts";
import { Backend } from "./components/backend.ts";
import { Certificates } from "./components/certificates.ts";
import { createCluster } from "./components/cluster/index.ts";
import { minorOf, racksOf } from "./components/cluster/facts.ts";
import { planPolicies } from "./components/connectivity-policies.ts";
import { CoreDns } from "./components/coredns.ts";
import { gatewayLabels } from "./components/gateway-plan.ts";
import { Definitions } from "./components/definitions.ts";
import { ExternalDns } from "./components/external-dns.ts";
import { frontOf, namesOf } from "./components/ingress-plan.ts";
import type { GatewayConfig } from "./components/ingress-schema.ts";
import { Ingress } from "./components/ingress.ts";
import { Istio } from "./components/istio.ts";
import { Namespace } from "./components/namespace.ts";
import { backendApp, meshedOf, platformGraph, platformNamespaces } from "./components/platform-graph.ts";
import { TenantGuard } from "./components/tenant-guard.ts";
import { planTenants } from "./components/tenant-plan.ts";
import { Tenant } from "./components/tenant.ts";
import type { PlatformConfig } from "./config.ts";
import { versions } from "./versions.ts";

/** Builds the whole platform and returns what to show about it; never a secret. */
export async function createPlatform(config: PlatformConfig) {
  const graph = platformGraph({ ...config, facts: config.cluster.facts });
  const policies = planPolicies(graph);
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

  const namespace = new Namespace(
    config.backend.namespace,
    { namespace: config.backend.namespace, owner: config.stack, kubernetesMinor, policies },
    inCluster,
  );

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
    },
    { provider, deletedWith: namespace.resource, dependsOn },
  );

  const ingress = config.ingress.kind === "none" ? undefined : createIngress(config.ingress);
  function createIngress(wanted: GatewayConfig) {
    const shape = {
      version: versions.istio,
      racks,
      live: facts.mode === "nodes",
      clusterDomain: facts.dns.domain,
    };
    const owned = { owner: config.stack, kubernetesMinor, policies };
    const istio = new Istio(
      "istio",
      {
        ...shape,
        ...owned,
        image: images.istioPilot,
        replicas: wanted.controlPlaneReplicas,
        imageSource: facts.imageSource,
        namespaces: meshedNamespaces(graph),
        definitions: definitions.mesh,
        ingressGateway: wanted.classic ? gatewayLabels.istio : undefined,
        after: [...served.mesh, ...names.ready],
      },
      inCluster,
    );
    const { atGateway, elsewhere } = planAuthorization(graph, wanted.jwt);
    const { ready } = new Authorization(
      "authorization",
      { policies: elsewhere, after: [...istio.ready, namespace.resource, ...tenants] },
      inCluster,
    );
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
        image: images.istioProxy,
        front: frontOf(wanted, facts),
        backend: { namespace: config.backend.namespace, service: backendApp, port: ports.service },
        issuing,
        authorization: atGateway,
        publicNames: publicZone && namesOf(wanted),
        after: [...istio.ready, ...ready, ...keepers.map((keeper) => keeper.ready), namespace.resource],
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
    ingress:
      ingress === undefined ? undefined : { url: ingress.url, names: ingress.names, addresses: ingress.addresses },
  };
}
