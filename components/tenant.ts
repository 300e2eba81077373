/** A tenant: namespaces of its own, with a bound on what runs in them, who may enter, and whom they may call. */
import { LimitRange } from "@pulumi/kubernetes/core/v1/limitRange.js";
import { ResourceQuota } from "@pulumi/kubernetes/core/v1/resourceQuota.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { ServiceAccountPatch } from "@pulumi/kubernetes/core/v1/serviceAccountPatch.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import { Namespace, placedIn } from "./namespace.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import { dockerConfigJson, type RegistryCredentials } from "./registries.ts";
import { type NamespacePlan, pullSecretName, type TenantPlan } from "./tenant-plan.ts";

/** Arguments of {@link Tenant}. */
export interface TenantArgs {
  /** What it is: one of those that {@link planTenants} makes. */
  readonly plan: TenantPlan;
  /** The stack that makes it, by its full name. */
  readonly owner: string;
  /** The Kubernetes minor release whose definition of the Pod Security level holds, as in "1.36". */
  readonly kubernetesMinor: string;
  /** The NetworkPolicies of all namespaces, of which its own get theirs. */
  readonly policies: readonly NetworkPolicy[];
  /** The logins for the registries that the plan names, each by its host. A secret. */
  readonly credentials: pulumi.Input<RegistryCredentials>;
}

/** A tenant: namespaces of its own, with a bound on what runs in them, who may enter, and whom they may call. */
export class Tenant extends pulumi.ComponentResource {
  /** The names of its namespaces, known once they exist. */
  public readonly namespaces: pulumi.Output<string[]>;

  public constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Tenant", name, {}, opts);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    this.namespaces = pulumi.all(
      args.plan.namespaces.map(({ key, namespace, podSecurity, labels, ...content }) => {
        const inside = `${name}-${key}`;
        const { owner, kubernetesMinor, policies } = args;
        const made = new Namespace(inside, { namespace, owner, podSecurity, labels, kubernetesMinor, policies }, child);
        this.furnish(inside, content, made, pulumi.secret(args.credentials));
        return made.namespace;
      }),
    );
    this.registerOutputs({ namespaces: this.namespaces });
  }

  /** Makes what is in a namespace; all of it goes with the namespace. */
  private furnish(
    name: string,
    plan: Omit<NamespacePlan, "key" | "namespace" | "podSecurity" | "labels">,
    { namespace, resource }: Namespace,
    credentials: pulumi.Output<RegistryCredentials>,
  ): void {
    const child = { parent: this, deletedWith: resource };
    const placed = placedIn(namespace);
    new ResourceQuota(`${name}-quota`, placed(plan.resourceQuota), child);
    new LimitRange(`${name}-limits`, placed(plan.limitRange), child);
    for (const { role, manifest } of plan.roleBindings) new RoleBinding(`${name}-${role}`, placed(manifest), child);
    // The cluster makes this account itself; two of its fields are ours, and the rest stays the cluster's.
    new ServiceAccountPatch(`${name}-service-account`, placed(plan.serviceAccount), child);
    if (plan.registries.length === 0) return;
    const content = credentials.apply((logins) =>
      Buffer.from(dockerConfigJson(logins, plan.registries)).toString("base64"),
    );
    new Secret(
      `${name}-pull-secret`,
      placed({
        metadata: { name: pullSecretName },
        type: "kubernetes.io/dockerconfigjson",
        data: { ".dockerconfigjson": content },
      }),
      child,
    );
  }
}
