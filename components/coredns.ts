/** The cluster's DNS: CoreDNS, installed or set up where it is, and a check of it on every node. */
import { DaemonSet } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import { type CoreDnsSpec, planCoreDns } from "./coredns-plan.ts";
import { placedIn } from "./namespace.ts";

/** Arguments of {@link CoreDns}. */
export interface CoreDnsArgs extends CoreDnsSpec {
  /** The name of kube-system, known once the NetworkPolicies there exist. */
  readonly namespace: pulumi.Input<string>;
}

/** How long `up` waits for each part, the pull of its image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "5m" };

/**
 * The cluster's DNS: CoreDNS, installed or set up where it is, and a check of it on every node. A CoreDNS that was there
 * before stays as it was set up when this goes, since the cluster goes on needing names.
 */
export class CoreDns extends pulumi.ComponentResource {
  /** What whoever needs names is to come after: they resolve on every node. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: CoreDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:CoreDns", name, {}, opts);
    const { installed, imported, podDisruptionBudget, check } = planCoreDns(args);
    const placed = placedIn(args.namespace);
    const child = {
      parent: this,
      customTimeouts,
      ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
    };
    const before: pulumi.Resource[] = [];
    if (installed !== undefined) {
      const rights = [
        new ServiceAccount(`${name}-service-account`, placed(installed.serviceAccount), child),
        new ClusterRole(`${name}-role`, installed.clusterRole, child),
        new ClusterRoleBinding(`${name}-role-binding`, installed.clusterRoleBinding, child),
        new ConfigMap(`${name}-config`, placed(installed.configMap), child),
      ];
      // They are named by plain strings.
      const pods = new Deployment(`${name}-deployment`, placed(installed.deployment), { ...child, dependsOn: rights });
      before.push(pods, new Service(`${name}-service`, placed(installed.service), child));
    }
    if (imported !== undefined) {
      const files = new ConfigMap(`${name}-config`, placed(imported.configMap), child);
      const patch = { ...child, dependsOn: [files], retainOnDelete: true };
      before.push(new DeploymentPatch(`${name}-deployment`, placed(imported.deploymentPatch), patch));
    }
    if (podDisruptionBudget !== undefined) {
      const replicas = { ...child, dependsOn: [...before] };
      before.push(new PodDisruptionBudget(`${name}-disruption-budget`, placed(podDisruptionBudget), replicas));
    }
    this.ready =
      check === undefined ? [] : [new DaemonSet(`${name}-check`, placed(check), { ...child, dependsOn: before })];
    this.registerOutputs({});
  }
}
