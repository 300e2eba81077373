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

/**
 * What an entry is called: by its role, never by its key in the configuration. EKS refuses a second entry of a role
 * while the first is there, so a role that is renamed in the configuration, or promoted, must keep the one it has.
 */
const identityOf = (role: string) => role.replace("arn:aws:iam::", "").replace(":role/", "-");

/** Who gets into a cluster. */
export class EksAccess extends pulumi.ComponentResource {
  /** Known once the role that runs `pulumi up` may do everything in the cluster. */
  public readonly deployer: pulumi.Output<string>;

  public constructor(name: string, args: EksAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksAccess", name, {}, opts);
    const { cluster, access } = args;
    const child = { parent: this, deletedWith: cluster };
    const admit = (who: string, principalArn: string, policy: keyof typeof clusterPolicies, protect: boolean) => {
      const entry = new AccessEntry(
        `${name}-${who}`,
        { clusterName: cluster.name, principalArn, type: "STANDARD" },
        { ...child, protect },
      );
      return new AccessPolicyAssociation(
        `${name}-${who}-policy`,
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
    this.deployer = admit(identityOf(access.deployer), access.deployer, "admin", false).id;
    for (const role of Object.values(access.admins)) admit(identityOf(role), role, "admin", false);
    for (const role of Object.values(access.viewers)) admit(identityOf(role), role, "view", false);
    for (const { role, groups } of Object.values(access.teams)) {
      new AccessEntry(
        `${name}-team-${identityOf(role)}`, // apart from the others: the provider would not take its groups away
        { clusterName: cluster.name, principalArn: role, kubernetesGroups: groups, type: "STANDARD" },
        child,
      );
    }
    this.registerOutputs({});
  }
}
