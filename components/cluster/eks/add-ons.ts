/** Some add-ons of a cluster: those before its nodes, or those after. */
import { Addon } from "@pulumi/aws/eks/addon.js";
import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import * as pulumi from "@pulumi/pulumi";
import type { AddOnPlan } from "./add-on-plan.ts";

/** Arguments of {@link EksAddOns}. */
export interface EksAddOnsArgs {
  readonly cluster: Cluster;
  readonly addOns: readonly AddOnPlan[];
  /** What must be there before any of them. */
  readonly after: readonly pulumi.Resource[];
}

/** Some add-ons of a cluster: those before its nodes, or those after. They go with the cluster. */
export class EksAddOns extends pulumi.ComponentResource {
  public constructor(name: string, args: EksAddOnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksAddOns", name, {}, opts);
    for (const { name: addonName, version, configuration } of args.addOns) {
      new Addon(
        `${name}-${addonName}`,
        {
          clusterName: args.cluster.name,
          addonName,
          addonVersion: version,
          ...(configuration === undefined ? {} : { configurationValues: configuration }),
          // What EKS sets is EKS's: an edit by hand in the cluster does not outlive the next update.
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
        },
        { parent: this, deletedWith: args.cluster, dependsOn: [...args.after] },
      );
    }
    this.registerOutputs({});
  }
}
