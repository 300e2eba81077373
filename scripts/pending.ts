/** What a run that was cut off has left undone in a state, and how the next run takes it up. */
import { z } from "zod";

/** A resource of an exported state; what is not read here is kept as it is (apitype.ResourceV3). */
const resourceSchema = z.looseObject({
  urn: z.string(),
  custom: z.boolean().default(false),
  id: z.string().optional(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  dependencies: z.array(z.string()).nullish(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  deletedWith: z.string().optional(),
  delete: z.boolean().optional(),
  pendingReplacement: z.boolean().optional(),
});
type Resource = z.infer<typeof resourceSchema>;

const deploymentSchema = z.looseObject({
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z.array(z.looseObject({ resource: resourceSchema, type: z.string() })).nullish(),
});
/** The state of a stack, as `pulumi stack export` writes it. */
export const exportSchema = z.looseObject({ version: z.number(), deployment: deploymentSchema });
/** The state of a stack. */
export type Exported = z.infer<typeof exportSchema>;

/** The object that a pending creation would have made. */
export interface Wanted {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for what lies in no namespace. */
  readonly namespace: string;
}

/** A creation that was begun and not ended. */
export interface Pending {
  readonly urn: string;
  readonly type: string;
  /** The provider that was at it, as URN::ID. */
  readonly provider: string | undefined;
  /**
   * "again": making it twice does no harm. "ask": only its provider knows whether it is there. Else the object to look
   * for.
   */
  readonly means: "again" | "ask" | Wanted;
  readonly resource: Resource;
}

/** Providers whose creations may be repeated: they keep nothing outside the state, or their scripts see to it. */
const repeatable = /^(pulumi|command|random|tls):/;
/** Of the Kubernetes provider, but no object. */
const noObject = /^kubernetes:(helm\.sh|kustomize|yaml)/;

/** The creations that a run has left. Updates and deletions are simply done again: their resource is in the state. */
export function pendingCreates({ deployment }: Exported): Pending[] {
  const operations = deployment.pending_operations ?? [];
  return operations
    .filter(({ type }) => type === "creating" || type === "importing")
    .map(({ resource }) => ({
      urn: resource.urn,
      type: resource.type,
      provider: resource.provider,
      means: meansOf(resource),
      resource,
    }));
}

function meansOf({ custom, type, inputs }: Resource): Pending["means"] {
  if (!custom || repeatable.test(type)) return "again";
  const object = objectSchema.safeParse(inputs);
  if (!type.startsWith("kubernetes:") || noObject.test(type) || !object.success) return "ask";
  const { apiVersion, kind, metadata } = object.data;
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}

const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().default(""),
  labels: z.record(z.string(), z.unknown()).default({}),
  annotations: z.record(z.string(), z.unknown()).default({}),
});
const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: metadataSchema });

/** The part of a live object that is read here. */
export const liveSchema = z.looseObject({
  metadata: metadataSchema.extend({
    managedFields: z
      .array(z.looseObject({ manager: z.string().default(""), operation: z.string(), time: z.string().default("") }))
      .default([]),
  }),
});
/** An object of the cluster. */
export type Live = z.infer<typeof liveSchema>;

/** How the engine's provider signs what it applies. */
const signature = /^pulumi-kubernetes-/;

/**
 * By which name a run that was cut off has made an object, or undefined when the object is not of that run: nothing of
 * this provider has applied it, another resource of the stack has, or it says of itself that it is somebody else's.
 */
export function managerOf(pending: Pending, live: Live, { deployment }: Exported): string | undefined {
  const { labels, annotations } = objectSchema.parse(pending.resource.inputs).metadata;
  const same = (wanted: Record<string, unknown>, there: Record<string, unknown>) =>
    Object.entries(wanted).every(([key, value]) => typeof value !== "string" || there[key] === value);
  if (!same(labels, live.metadata.labels) || !same(annotations, live.metadata.annotations)) return undefined;
  const known = (deployment.resources ?? []).map(({ outputs }) => outputs?.["__fieldManager"]);
  const own = live.metadata.managedFields
    .filter(({ manager, operation }) => operation === "Apply" && signature.test(manager) && !known.includes(manager))
    .sort((a, b) => b.time.localeCompare(a.time));
  const isPatch = pending.type.endsWith("Patch");
  return isPatch && own.length !== 1 ? undefined : own[0]?.manager;
}
