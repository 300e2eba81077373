/** The NetworkPolicies of one namespace. */
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type * as policy from "./network-policy.ts";
import { ownerAnnotation } from "./owner.ts";

/** Arguments of {@link Connectivity}. */
export interface ConnectivityArgs {
  /** The namespace's name in the cluster. */
  readonly namespace: pulumi.Input<string>;
  /** Its policies, each with a name of its own. */
  readonly policies: readonly Pick<policy.NetworkPolicy, "name" | "spec">[];
  /**
   * The stack that makes them, for a namespace that is not its own: the API server refuses a second one, which would else
   * take them over and delete them with itself. @default the namespace says it
   */
  readonly owner?: string;
}

/** The NetworkPolicies of one namespace. */
export class Connectivity extends pulumi.ComponentResource {
  /**
   * The namespace's name, known once its policies exist: a pod that comes before them would be open, or, in a strict
   * network, talk to nobody.
   */
  public readonly namespace: pulumi.Output<string>;

  public constructor(name: string, args: ConnectivityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Connectivity", name, {}, opts);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const owned = args.owner === undefined ? {} : { annotations: { [ownerAnnotation]: args.owner } };
    const policies = args.policies.map(({ name: role, spec }) => {
      const metadata = { name: role, namespace: args.namespace, ...owned };
      return new NetworkPolicy(`${name}-${role}`, { metadata, spec }, child);
    });
    this.namespace = pulumi
      .all([args.namespace, pulumi.all(policies.map(({ metadata }) => metadata.namespace))])
      .apply(([namespace]) => namespace);
    this.registerOutputs({ namespace: this.namespace });
  }
}
