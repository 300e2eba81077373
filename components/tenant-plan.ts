/** What tenants are, as plain manifests: no Pulumi here. */
import { meshLabels } from "./istio-plan.ts";
import type { PodSecurity } from "./namespace.ts";
import type { Surroundings } from "./tenant-problems.ts";
import { type Containers, namespaceName, type Quota, type TenantConfig, type Tenants } from "./tenant-schema.ts";

/** The label that says whose a namespace is; the tenant itself cannot write it, since no role of its own reaches it. */
export const tenantLabel = "quintet.dev/tenant";

/** The Secret in each namespace that holds the logins for registries. */
export const pullSecretName = "registry-credentials";

/** What one tenant is. */
export interface TenantPlan {
  readonly name: string;
  readonly namespaces: readonly NamespacePlan[];
}

/** One namespace of a tenant with every object in it. What has no namespace in its metadata gets it from who applies it. */
export type NamespacePlan = ReturnType<typeof planNamespace>;

/** What every tenant is, but for its NetworkPolicies: tenant-half.ts. */
export function planTenants(tenants: Tenants, around: Surroundings): TenantPlan[] {
  return Object.entries(tenants).map(([name, tenant]) => ({
    name,
    namespaces: Object.keys(tenant.namespaces).map((key) => planNamespace(name, key, tenant, around)),
  }));
}

function planNamespace(name: string, key: string, tenant: TenantConfig, around: Surroundings) {
  const own = tenant.namespaces[key] ?? {};
  const namespace = namespaceName(name, key, own);
  const quota = own.quota ?? tenant.quota;
  const registries = Object.entries(around.pullSecrets)
    .filter(([, to]) => to.tenants.includes(name) || to.namespaces.includes(namespace))
    .map(([host]) => host)
    .sort();
  const podSecurity: PodSecurity = own.podSecurity ?? tenant.podSecurity;
  return {
    /** What is composed with the tenant's name into the names of the resources. */
    key,
    namespace,
    podSecurity,
    labels: { [tenantLabel]: name, ...injectionLabel(tenant.mesh) },
    resourceQuota: { metadata: { name: "tenant" }, spec: { hard: hardLimits(quota) } },
    limitRange: {
      metadata: { name: "tenant" },
      spec: { limits: [containerLimits(own.containers ?? tenant.containers, quota)] },
    },
    roleBindings: roleBindings(tenant.groups),
    /** The registries whose logins this namespace gets. */
    registries,
    serviceAccount: {
      metadata: { name: "default" },
      automountServiceAccountToken: false,
      ...(registries.length === 0 ? {} : { imagePullSecrets: [{ name: pullSecretName }] }),
    },
  };
}

/** Istio's own labels: the revision's, or the one that means the default revision. */
function injectionLabel(mesh: TenantConfig["mesh"]): Record<string, string> {
  if (mesh === undefined) return {};
  return mesh.revision === undefined ? meshLabels : { "istio.io/rev": mesh.revision };
}

function hardLimits(quota: Quota): Record<string, string> {
  return {
    "requests.cpu": quota.requests.cpu,
    "requests.memory": quota.requests.memory,
    "limits.cpu": quota.limits.cpu,
    "limits.memory": quota.limits.memory,
    "requests.storage": quota.storage,
    pods: String(quota.pods),
    "services.loadbalancers": String(quota.loadBalancers),
    "services.nodeports": String(quota.nodePorts),
  };
}

function containerLimits(containers: Containers, quota: Quota) {
  return {
    type: "Container",
    defaultRequest: containers.requests,
    default: containers.limits,
    max: containers.max ?? quota.limits,
  };
}

/** Kubernetes' own roles for people in a namespace; what they must not reach there, {@link TenantGuard} keeps. */
const roles = ["view", "edit", "admin"] as const;

function roleBindings(groups: TenantConfig["groups"]) {
  const apiGroup = "rbac.authorization.k8s.io";
  return roles.flatMap((role) => {
    const subjects = (groups[role] ?? []).map((name) => ({ kind: "Group", apiGroup, name }));
    if (subjects.length === 0) return [];
    const metadata = { name: `tenant-${role}` };
    return [{ role, manifest: { metadata, subjects, roleRef: { kind: "ClusterRole", apiGroup, name: role } } }];
  });
}
