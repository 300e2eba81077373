/** The kinds that the platform brings along, a layer of their own below everything that runs in the cluster. */
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import { type Definition, planDefinitions } from "./definitions-plan.ts";

/** Arguments of {@link Definitions}. */
export interface DefinitionsArgs {
  readonly definitions: Readonly<Record<Owner, readonly Definition[]>>;
}

/** Whose they are, and what is written on them. */
const owners = { certManager: "cert-manager", mesh: "istio" } as const;
type Owner = keyof typeof owners;

/** How long `up` waits until a kind is served. */
const customTimeouts = { create: "5m", update: "5m", delete: "5m" };

/**
 * The kinds that the platform brings along. They come first and all at once: with each one the API server puts its
 * description of all kinds together anew, and the provider reads it anew for whatever it makes meanwhile.
 */
export class Definitions extends pulumi.ComponentResource {
  /** What to come after, by whose they are: every kind is served. */
  public readonly served: Readonly<Record<Owner, readonly pulumi.Resource[]>>;

  public constructor(name: string, args: DefinitionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Definitions", name, {}, opts);
    const own = {
      parent: this,
      customTimeouts,
      ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
    };
    const make = (owner: Owner) =>
      planDefinitions(owners[owner], args.definitions[owner]).map(
        (manifest) => new CustomResourceDefinition(`${name}-${manifest.metadata.name}`, manifest, own),
      );
    this.served = { certManager: make("certManager"), mesh: make("mesh") };
    this.registerOutputs({});
  }
}
