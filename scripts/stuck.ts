/** What keeps a cluster from doing as it was told: namespaces that cannot go, and webhooks that nobody answers. */
import { z } from "zod";
import { readyEndpoints } from "../embedded/endpoints.ts";

const listOf = <T extends z.ZodType>(item: T) => z.looseObject({ items: z.array(item) });

const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().default(""),
  deletionTimestamp: z.iso.datetime().optional(),
  finalizers: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).default({}),
});

/** Namespaces, as the API server lists them. */
export const namespacesSchema = listOf(z.looseObject({ metadata: metadataSchema }));
/** Any objects, as the API server lists them. */
export const objectsSchema = listOf(
  z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: metadataSchema }),
);
type Objects = z.infer<typeof objectsSchema>["items"];

/** Namespaces that were told to go at least so many milliseconds ago and are still there, with how long ago. */
export function lingering(
  { items }: z.infer<typeof namespacesSchema>,
  now: number,
  atLeast: number,
): { readonly name: string; readonly since: number }[] {
  return items
    .flatMap(({ metadata: { name, deletionTimestamp } }) =>
      deletionTimestamp === undefined ? [] : [{ name, since: now - Date.parse(deletionTimestamp) }],
    )
    .filter(({ since }) => since >= atLeast);
}

/** Why a namespace cannot go: a sentence for each object that somebody's finalizer keeps, and what to type. */
export function blockers(namespace: string, objects: Objects): string[] {
  const kept = objects.filter(({ metadata: { deletionTimestamp, finalizers } }) => {
    return deletionTimestamp !== undefined && finalizers.length > 0;
  });
  return kept.map(({ apiVersion, kind, metadata: { name, finalizers } }) => {
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    const patch = `kubectl patch ${kind.toLowerCase()}.${version}.${group} ${name} -n ${namespace} --type=merge -p '{"metadata":{"finalizers":null}}'`;
    return (
      `Namespace ${namespace} can't go: ${kind} ${name} is kept by ${finalizers.join(", ")}. ` +
      `Whose that is has to run to take it away; only when it never will: ${patch}`
    );
  });
}

/** Webhooks, as the API server lists their configurations. */
export const webhooksSchema = listOf(
  z.looseObject({
    kind: z.string(),
    metadata: metadataSchema,
    webhooks: z
      .array(
        z.looseObject({
          name: z.string(),
          failurePolicy: z.string().default("Fail"),
          clientConfig: z.looseObject({
            service: z.looseObject({ name: z.string(), namespace: z.string() }).optional(),
          }),
        }),
      )
      .default([]),
  }),
);
/** EndpointSlices, as the API server lists them. */
export const slicesSchema = listOf(
  z.looseObject({
    metadata: metadataSchema,
    endpoints: z
      .array(z.looseObject({ conditions: z.looseObject({ ready: z.boolean().optional() }).optional() }))
      .nullish(),
  }),
);

/** A sentence for each webhook that refuses everything since nobody stands behind its Service. */
export function deafWebhooks(
  configurations: z.infer<typeof webhooksSchema>,
  slices: z.infer<typeof slicesSchema>,
): string[] {
  const ready = readyEndpoints(slices.items);
  return configurations.items.flatMap(({ kind, metadata, webhooks }) =>
    webhooks.flatMap(({ name, failurePolicy, clientConfig: { service } }) => {
      if (failurePolicy !== "Fail" || service === undefined) return [];
      const behind = `${service.namespace}/${service.name}`;
      if ((ready[behind] ?? 0) > 0) return [];
      return [
        `The webhook ${name} of ${kind} ${metadata.name} refuses everything that it is asked about: no pod of Service ${behind} is ready. ` +
          `Look there first: kubectl get pods,endpointslices -n ${service.namespace}`,
      ];
    }),
  );
}
