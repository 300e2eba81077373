/** Who gets into a cluster. */
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import * as pulumi from "@pulumi/pulumi";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksAccess}. */
export interface EksAccessArgs {
  readonly cluster: Cluster;
  readonly access: EksConfig["access"];
  /** Whether the break-glass entry is kept from being deleted. */
  readonly protect: boolean;
}

/** EKS's own policies for what a role may do in the cluster. */
const clusterPolicies = {
  admin: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  view: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
} as const;

/** Who gets into a cluster. */
export class EksAccess extends pulumi.ComponentResource {
  /** Known once the role that runs `pulumi up` may do everything in the cluster. */
  public readonly deployer: pulumi.Output<string>;

  public constructor(name: string, args: EksAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksAccess", name, {}, opts);
    const { cluster, access } = args;
    const child = { parent: this, deletedWith: cluster };
    const admit = (role: string, principalArn: string, policy: keyof typeof clusterPolicies, protect: boolean) => {
      const entry = new AccessEntry(
        `${name}-${role}`,
        { clusterName: cluster.name, principalArn, type: "STANDARD" },
        { ...child, protect },
      );
      return new AccessPolicyAssociation(
        `${name}-${role}-policy`,
        {
          clusterName: cluster.name,
          principalArn: entry.principalArn,
          policyArn: clusterPolicies[policy],
          accessScope: { type: "cluster" },
        },
        { ...child, protect },
      );
    };
    admit("break-glass", access.breakGlass, "admin", args.protect);
    this.deployer = admit("deployer", access.deployer, "admin", false).id;
    for (const [key, role] of Object.entries(access.admins)) admit(`admin-${key}`, role, "admin", false);
    for (const [key, role] of Object.entries(access.viewers)) admit(`viewer-${key}`, role, "view", false);
    for (const [key, { role, groups }] of Object.entries(access.teams)) {
      new AccessEntry(
        `${name}-team-${key}`,
        { clusterName: cluster.name, principalArn: role, kubernetesGroups: groups, type: "STANDARD" },
        child,
      );
    }
    this.registerOutputs({});
  }
}
