/** Every object that an API server keeps in etcd. */
import { createHash } from "node:crypto";
import { until } from "../embedded/run.ts";
import { ApiError, type Api } from "./api.ts";
import type { Entry, History } from "./compare.ts";

/** A kind of object that is kept in etcd. */
export interface Resource {
  /** Group and plural, as {@link Entry.resource} has it. */
  readonly id: string;
  /** Path of its group and version, as `/apis/apps/v1`. */
  readonly path: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The part of discovery that is read here (apidiscovery.k8s.io/v2). */
interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: "Namespaced" | "Cluster";
        readonly verbs: readonly string[];
      }[];
    }[];
  }[];
}

const discoveryV2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/** Served under two names, and kept under one. */
const twice = new Set(["events.k8s.io/events"]);

/**
 * The resources that an API server keeps itself, by id with the paths of all their versions, the preferred first. What
 * cannot be watched is computed (component statuses, metrics), and not kept.
 */
export async function resourcesOf(api: Api): Promise<Map<string, readonly Resource[]>> {
  const [core, groups] = await Promise.all([api.get("/api", discoveryV2), api.get("/apis", discoveryV2)]);
  const found = new Map<string, Resource[]>();
  for (const [root, { items }] of [["/api", core as Discovery] as const, ["/apis", groups as Discovery] as const]) {
    for (const { metadata, versions } of items) {
      const group = metadata.name ?? "";
      for (const { version, resources = [] } of versions) {
        for (const { resource, responseKind, scope, verbs } of resources) {
          const id = `${group}/${resource}`;
          if (!["list", "watch"].every((verb) => verbs.includes(verb)) || twice.has(id)) continue;
          const path = [root, ...(group === "" ? [] : [group]), version].join("/");
          const one = { id, path, plural: resource, kind: responseKind.kind, namespaced: scope === "Namespaced" };
          found.set(id, [...(found.get(id) ?? []), one]);
        }
      }
    }
  }
  return found;
}

/** The part of any object that is read here (apimachinery, meta/v1). */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
}

const page = 500;

/** Which objects are read. */
export interface Reading {
  /** As they were at that revision of etcd. @default as they are now */
  readonly revision?: number;
  /** @default those of all namespaces */
  readonly namespace?: string;
}

/** Calls back with every object of a resource. */
export async function eachObject(
  api: Api,
  { path, plural }: Resource,
  visit: (object: KubeObject) => void,
  { revision, namespace }: Reading = {},
): Promise<void> {
  const where = namespace === undefined ? plural : `namespaces/${namespace}/${plural}`;
  let token = "";
  do {
    const query = new URLSearchParams({
      limit: String(page),
      ...(token === "" ? {} : { continue: token }),
      // A page's token has the revision in it already.
      ...(revision === undefined || token !== ""
        ? {}
        : { resourceVersion: String(revision), resourceVersionMatch: "Exact" }),
    });
    const list = (await api.get(`${path}/${where}?${query.toString()}`)) as {
      items: KubeObject[] | null;
      metadata: { continue?: string };
    }; // every list of the API
    for (const object of list.items ?? []) visit(object);
    token = list.metadata.continue ?? "";
  } while (token !== "");
}

/** Every object of some resources. */
export async function inventory(api: Api, resources: Iterable<Resource>, reading: Reading = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const resource of resources) {
    await eachObject(api, resource, (object) => entries.push(entryOf(resource.id, object)), reading);
  }
  return entries;
}

/** An object without its content. */
export function entryOf(resource: string, object: KubeObject): Entry {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, ownerReferences } =
    object.metadata;
  return {
    resource,
    namespace: namespace ?? "",
    name,
    uid: uid ?? "",
    resourceVersion: Number(resourceVersion),
    created: creationTimestamp ?? "",
    deleting: deletionTimestamp !== undefined,
    owners: (ownerReferences ?? []).map((owner) => owner.uid),
    digest: createHash("sha256").update(canonical(object)).digest("base64"),
  };
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const gone = 410; // the API server's word for a revision that it has forgotten
const replay = 3; // seconds in which everything that is remembered has come

/** What the API server remembers of a resource's deletions since a revision. */
export async function historyOf(api: Api, { path, plural }: Resource, revision: number): Promise<History> {
  const query = `watch=1&resourceVersion=${String(revision)}&timeoutSeconds=${String(replay)}`;
  let text: string;
  try {
    text = await api.text(`${path}/${plural}?${query}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === gone) return { kind: "forgotten" };
    throw error;
  }
  const deleted = new Set<string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }; // a WatchEvent
    if (type === "ERROR") return { kind: "forgotten" };
    if (type === "DELETED") deleted.add(object.metadata.uid ?? "");
  }
  return { kind: "whole", deleted };
}

/** The resource of definitions. */
export const crds = "apiextensions.k8s.io/customresourcedefinitions";

const servedDeadline = 60_000;

/** The resources of an API server on a snapshot, once those that are defined in the snapshot itself are served. */
export async function resourcesAt(api: Api, revision: number): Promise<Map<string, readonly Resource[]>> {
  let found = await resourcesOf(api);
  const [definition] = found.get(crds) ?? [];
  if (definition === undefined) return found;
  const wanted: string[] = [];
  await eachObject(api, definition, (object) => wanted.push(...definedBy(object)), { revision });
  const missing = () => wanted.filter((id) => !found.has(id));
  await until(`the scratch API server to serve ${String(wanted.length)} definitions`, servedDeadline, async () => {
    found = await resourcesOf(api);
    return missing().length === 0;
  }).catch(() => undefined); // the keys of those that are not served are told as undecoded
  return found;
}

/** The resource of a definition that was in use. */
function definedBy(object: KubeObject): string[] {
  const { spec, status } = object as unknown as {
    spec: { group: string; names: { plural: string } };
    status?: { conditions?: { type: string; status: string }[] };
  }; // apiextensions.k8s.io/v1
  const established = status?.conditions?.some(({ type, status: is }) => type === "Established" && is === "True");
  return established === true ? [`${spec.group}/${spec.names.plural}`] : [];
}
