/** Puts objects that a run has made and not recorded into the state, as the engine would have done. */
import type { Exported, Pending } from "./pending.ts";

type Resources = NonNullable<Exported["deployment"]["resources"]>;

/** An object that is there, with the name under which its provider has applied it. */
export interface Found {
  readonly pending: Pending;
  readonly manager: string;
}

/** Why the engine looks again at what was adopted, before it counts as ready. */
export const unfinished = "The run that made it was cut off before it was seen to be ready.";

/**
 * The state without anything pending, and with what was found. An adopted resource has an error of its initialisation,
 * which makes the next run apply it once more, under the same field manager, and wait until it is ready.
 */
export function adopt(state: Exported, found: readonly Found[]): Exported {
  let resources: Resources = state.deployment.resources ?? [];
  for (const one of found) resources = withAdopted(resources, one);
  return { ...state, deployment: { ...state.deployment, resources, pending_operations: [] } };
}

function withAdopted(resources: Resources, { pending, manager }: Found): Resources {
  const { resource, means } = pending;
  if (typeof means === "string") throw new Error(`${pending.urn} is no object of a cluster.`);
  const { apiVersion, namespace, name } = means;
  const adopted = {
    ...resource,
    id: namespace === "" ? name : `${namespace}/${name}`,
    outputs: {
      ...resource.inputs,
      __inputs: resource.inputs,
      __initialApiVersion: apiVersion,
      __fieldManager: manager,
    },
    initErrors: [unfinished],
  };
  // What it replaces goes: it is gone already, or the next run deletes it.
  const others = resources
    .filter(({ urn, pendingReplacement }) => urn !== resource.urn || pendingReplacement !== true)
    .map((other) => (other.urn === resource.urn ? { ...other, delete: true } : other));
  const needed = new Set(
    [
      resource.parent,
      resource.deletedWith,
      resource.provider?.replace(/::[^:]*$/, ""),
      ...(resource.dependencies ?? []),
      ...Object.values(resource.propertyDependencies ?? {}).flatMap((urns) => urns ?? []),
    ].filter((urn) => urn !== undefined),
  );
  const last = others.findLastIndex(({ urn }) => needed.has(urn));
  return others.toSpliced(last + 1, 0, adopted);
}
