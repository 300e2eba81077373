/** How one Service of the mesh is called: its versions, routes and guards. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import { planTraffic, type TrafficSpec } from "./traffic-plan.ts";

/** Arguments of {@link Traffic}. */
export interface TrafficArgs extends TrafficSpec {
  /** What must be there before: a control plane that is ready, and the Service's namespace. */
  readonly after: readonly pulumi.Resource[];
}

/** How one Service of the mesh is called: its versions, routes and guards. */
export class Traffic extends pulumi.ComponentResource {
  public constructor(name: string, args: TrafficArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Traffic", name, {}, opts);
    const plan = planTraffic(args);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const object = (role: string, apiVersion: string, kind: string, manifest: object, dependsOn: pulumi.Resource[]) =>
      new CustomResource(`${name}-${role}`, { apiVersion, kind, ...manifest }, { ...wide, dependsOn });
    const api = "networking.istio.io";
    const subsets = object("destination-rule", `${api}/v1`, "DestinationRule", plan.destinationRule, [...args.after]);
    if (plan.virtualService !== undefined) {
      // A route to a subset that no proxy knows yet would be answered 503.
      object("virtual-service", `${api}/v1`, "VirtualService", plan.virtualService, [subsets]);
    }
    if (plan.rateLimit !== undefined) {
      object("rate-limit", `${api}/v1alpha3`, "EnvoyFilter", plan.rateLimit, [...args.after]);
    }
    this.registerOutputs({});
  }
}
