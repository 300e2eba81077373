/** What the mesh lets through: policies of security.istio.io. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { MeshPolicy } from "./authorization-plan.ts";

/** Arguments of {@link Authorization}. */
export interface AuthorizationArgs {
  /** The policies, each with a name of its own in its namespace, whatever its kind. */
  readonly policies: readonly MeshPolicy[];
  /** What must be there before: a control plane that is ready, and the namespaces. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * What the mesh lets through. Like every object of Istio, the policies are deleted by themselves, while istiod is there.
 */
export class Authorization extends pulumi.ComponentResource {
  /** What to come after: nobody is let in who is not meant. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: AuthorizationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Authorization", name, {}, opts);
    const child = {
      parent: this,
      dependsOn: [...args.after],
      ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
    };
    this.ready = args.policies.map(
      (policy) =>
        new CustomResource(
          `${name}-${policy.metadata.namespace}-${policy.metadata.name}`,
          { apiVersion: "security.istio.io/v1", ...policy },
          child,
        ),
    );
    this.registerOutputs({});
  }
}
