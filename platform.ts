/** The story: every component once, in dependency order, no logic. */
import { Backend } from "./components/backend.ts";
import { createCluster } from "./components/cluster/index.ts";
import { minorOf, racksOf } from "./components/cluster/facts.ts";
import { planPolicies } from "./components/connectivity-policies.ts";
import { CoreDns } from "./components/coredns.ts";
import { Namespace } from "./components/namespace.ts";
import { backendApp, platformGraph } from "./components/platform-graph.ts";
import { TenantGuard } from "./components/tenant-guard.ts";
import { planTenants } from "./components/tenant-plan.ts";
import { Tenant } from "./components/tenant.ts";
import type { PlatformConfig } from "./config.ts";
import { versions } from "./versions.ts";

/** Builds the whole platform and returns what to show about it; never a secret. */
export async function createPlatform(config: PlatformConfig) {
  const policies = planPolicies(platformGraph({ ...config, facts: config.cluster.facts }));
  const { provider, id, facts, systemNamespace, deletedWith } = await createCluster(
    config.cluster,
    policies,
    config.stack,
  );
  const kubernetesMinor = minorOf(facts.kubernetesVersion);
  const inCluster = deletedWith === undefined ? { provider } : { provider, deletedWith };

  new CoreDns("coredns", { facts, settings: config.dns, owner: config.stack, namespace: systemNamespace }, inCluster);

  new TenantGuard("tenant-guard", {}, inCluster);
  const { pullSecrets } = config.registries;
  const around = { facts, pullSecrets, platformNamespaces: [config.backend.namespace] };
  for (const plan of planTenants(config.tenants, around)) {
    const credentials = config.registryCredentials;
    new Tenant(plan.name, { plan, policies, credentials, owner: config.stack, kubernetesMinor }, inCluster);
  }

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
      image: versions.images.podinfo,
      replicas: config.backend.replicas,
      resources: config.backend.resources,
      limits: config.backend.limits,
      racks: racksOf(facts).length > 1,
    },
    { provider, deletedWith: namespace.resource },
  );

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
  };
}
