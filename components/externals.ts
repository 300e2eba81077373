/** Whom pods of the mesh may call outside the cluster. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { ExternalsPlan } from "./externals-plan.ts";

/** Arguments of {@link Externals}. */
export interface ExternalsArgs {
  readonly plan: ExternalsPlan;
  /** What must be there before: a control plane that is ready, and the namespaces of callers. */
  readonly after: readonly pulumi.Resource[];
}

/** Whom pods of the mesh may call outside the cluster: Istio's ServiceEntries, and Sidecars that keep them to their callers. */
export class Externals extends pulumi.ComponentResource {
  /** What to come after: the first call of a pod finds whom it may call. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: ExternalsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Externals", name, {}, opts);
    const { plan, after } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const object = (of: string, kind: string, manifest: object, dependsOn: readonly pulumi.Resource[]) =>
      new CustomResource(
        `${name}-${of}`,
        { apiVersion: "networking.istio.io/v1", kind, ...manifest },
        { ...wide, dependsOn: [...dependsOn] },
      );
    // No proxy gets an external before what keeps it from those that may not call it.
    const scopes = plan.sidecars.map((sidecar) =>
      object(`${sidecar.metadata.namespace}-${sidecar.metadata.name}`, "Sidecar", sidecar, after),
    );
    const entries = plan.serviceEntries.map((entry) =>
      object(entry.metadata.name, "ServiceEntry", entry, [...after, ...scopes]),
    );
    this.ready = [...scopes, ...entries];
    this.registerOutputs({});
  }
}
