/** The roles in AWS of the add-ons' pods. */
import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import * as pulumi from "@pulumi/pulumi";
import { externalDnsName, externalDnsNamespace } from "../../external-dns-plan.ts";
import { objectBackupName, objectBackupNamespace } from "../../object-backup-plan.ts";
import type { IdentifiedAddOn } from "./add-on-plan.ts";
import { type RoleName, roleName } from "./name-plan.ts";
import { EksRole, type EksRoleArgs } from "./role.ts";
import { ebsCsiPolicy, type Exports, exportsPolicy, podTrust, publicZonePolicy, vpcCniPolicy } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksIdentities}. */
export interface EksIdentitiesArgs {
  readonly cluster: Cluster;
  readonly place: Pick<EksConfig, "name" | "account" | "region">;
  readonly vpcId: pulumi.Input<string>;
  /** The add-ons whose pods act in AWS. */
  readonly addOns: readonly IdentifiedAddOn[];
  /** Where the objects of the cluster are exported to. @default they are not, or by a key */
  readonly exports?: Exports | undefined;
  /** The hosted zone that external-dns keeps names in. @default it does not run */
  readonly publicZone?: string | undefined;
}

/** Whose a role is, and what it allows. */
interface Identity {
  /** The end of its name. */
  readonly of: RoleName;
  /** What people call it. */
  readonly what: string;
  readonly pods: { readonly namespace: string; readonly serviceAccount: string };
  readonly rights: Pick<EksRoleArgs, "managed" | "policy">;
}

/** The roles in AWS of the add-ons' pods. They are there before the pods: a pod learns of its role when it starts. */
export class EksIdentities extends pulumi.ComponentResource {
  public constructor(name: string, args: EksIdentitiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksIdentities", name, {}, opts);
    const { place } = args;
    const rights = {
      "vpc-cni": { policy: pulumi.output(args.vpcId).apply((vpcId) => vpcCniPolicy(place, vpcId)) },
      "aws-ebs-csi-driver": { managed: [ebsCsiPolicy] },
    };
    for (const { name: addOn, serviceAccount } of args.addOns) {
      const pods = { namespace: "kube-system", serviceAccount };
      this.identify(name, args, { of: addOn, what: `Add-on ${addOn}`, pods, rights: rights[addOn] });
    }
    if (args.publicZone !== undefined) {
      const pods = { namespace: externalDnsNamespace, serviceAccount: externalDnsName };
      const own = { policy: publicZonePolicy(args.publicZone) };
      this.identify(name, args, { of: externalDnsName, what: externalDnsName, pods, rights: own });
    }
    if (args.exports !== undefined) {
      const pods = { namespace: objectBackupNamespace, serviceAccount: objectBackupName };
      const own = { policy: exportsPolicy(args.exports) };
      this.identify(name, args, { of: objectBackupName, what: "The exports of objects", pods, rights: own });
    }
    this.registerOutputs({});
  }

  /** Gives pods of one service account a role. */
  private identify(name: string, { cluster, place }: EksIdentitiesArgs, { of, what, pods, rights }: Identity): void {
    const role = new EksRole(
      `${name}-${of}`,
      {
        roleName: roleName(place, of),
        description: `${what} of EKS cluster ${place.name}`,
        trust: podTrust(place, pods.serviceAccount, pods.namespace),
        ...rights,
      },
      { parent: this },
    );
    new PodIdentityAssociation(
      `${name}-${of}-association`,
      { clusterName: cluster.name, ...pods, roleArn: role.arn },
      { parent: this, deletedWith: cluster, dependsOn: [role] },
    );
  }
}
