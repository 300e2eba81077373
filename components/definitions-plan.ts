/** The definitions of kinds that the platform brings along, each a gate that others come after. No Pulumi here. */
import { z } from "zod";

/** A definition of a kind, as far as it is looked into. */
export const definitionSchema = z.looseObject({
  apiVersion: z.literal("apiextensions.k8s.io/v1"),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ plural: z.string(), kind: z.string() }),
    scope: z.string(),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean(), storage: z.boolean() })),
  }),
});

/** A definition of a kind. */
export type Definition = z.infer<typeof definitionSchema>;

/** What `up` waits for before anybody comes after an object. */
export const waitFor = (...conditions: string[]) => ({
  "pulumi.com/waitFor": conditions.length === 1 ? (conditions[0] ?? "") : JSON.stringify(conditions),
});

/**
 * Definitions as they are made, each a gate: nobody makes an object of a kind that is not served.
 *
 * @param app whose they are
 */
export function planDefinitions(app: string, definitions: readonly Definition[]) {
  return definitions.map(({ metadata, spec }) => ({
    metadata: {
      ...metadata,
      labels: { "app.kubernetes.io/name": app },
      annotations: { ...metadata.annotations, ...waitFor("condition=Established") },
    },
    spec,
  }));
}
