/** The NetworkPolicies of the add-ons' pods, and what makes Auto Mode heed any. */
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkPolicy as Policy } from "../../network-policy.ts";

/** Arguments of {@link EksSystemPolicies}. */
export interface EksSystemPoliciesArgs {
  readonly policies: readonly Pick<Policy, "name" | "spec">[];
  /** What Auto Mode's network is told. @default nothing */
  readonly autoModeNetwork: Readonly<Record<string, string>> | undefined;
  /** What must be there before: the network that enforces them. */
  readonly after: readonly pulumi.Resource[];
}

/** The NetworkPolicies of the add-ons' pods, and what makes Auto Mode heed any. They go with the cluster. */
export class EksSystemPolicies extends pulumi.ComponentResource {
  public constructor(name: string, args: EksSystemPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksSystemPolicies", name, {}, opts);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    if (args.autoModeNetwork !== undefined) {
      new ConfigMap(
        `${name}-auto-mode-network`,
        {
          metadata: {
            name: "amazon-vpc-cni",
            namespace: "kube-system",
            // EKS may have made it, or an add-on that ran before Auto Mode: what it says is this stack's from now on.
            annotations: { "pulumi.com/patchForce": "true" },
          },
          data: args.autoModeNetwork,
        },
        child,
      );
    }
    for (const { name: role, spec } of args.policies) {
      new NetworkPolicy(
        `${name}-${role}`,
        { metadata: { name: role, namespace: "kube-system" }, spec },
        { ...child, dependsOn: [...args.after] },
      );
    }
    this.registerOutputs({});
  }
}
