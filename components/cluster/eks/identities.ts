/** The roles in AWS of the add-ons' pods. */
import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import * as pulumi from "@pulumi/pulumi";
import type { IdentifiedAddOn } from "./add-on-plan.ts";
import { roleName } from "./name-plan.ts";
import { EksRole } from "./role.ts";
import { ebsCsiPolicy, podTrust, vpcCniPolicy } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksIdentities}. */
export interface EksIdentitiesArgs {
  readonly cluster: Cluster;
  readonly place: Pick<EksConfig, "name" | "account" | "region">;
  readonly vpcId: pulumi.Input<string>;
  /** The add-ons whose pods act in AWS. */
  readonly addOns: readonly IdentifiedAddOn[];
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
      const role = new EksRole(
        `${name}-${addOn}`,
        {
          roleName: roleName(place, addOn),
          description: `Add-on ${addOn} of EKS cluster ${place.name}`,
          trust: podTrust(place, serviceAccount),
          ...rights[addOn],
        },
        { parent: this },
      );
      new PodIdentityAssociation(
        `${name}-${addOn}-association`,
        { clusterName: args.cluster.name, namespace: "kube-system", serviceAccount, roleArn: role.arn },
        { parent: this, deletedWith: args.cluster, dependsOn: [role] },
      );
    }
    this.registerOutputs({});
  }
}
