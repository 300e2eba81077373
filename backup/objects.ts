/** Objects out of a snapshot, as somebody would apply them: without what the API server and controllers have put in. */
import { type Api } from "./api.ts";
import { eachObject, type KubeObject, resourcesAt } from "./inventory.ts";

/** An object with all of its fields. */
export type Manifest = KubeObject & Readonly<Record<string, unknown>>;

/** What is wanted of a snapshot. */
export interface Wanted {
  readonly namespace: string;
  /** One object, by kind or plural and name, as `deployment/backend`. @default all that nobody makes by itself */
  readonly object?: string;
}

/** Made anew by controllers, or by time. */
const transient = new Set([
  "/events",
  "/endpoints",
  "discovery.k8s.io/endpointslices",
  "coordination.k8s.io/leases",
  "apps/controllerrevisions",
]);

/**
 * The objects of a namespace as they were at a revision, in the order in which they can be applied: the namespace, then
 * definitions of no behaviour, workloads last.
 *
 * @throws when there is nothing of the kind in the snapshot
 */
export async function objectsOf(api: Api, revision: number, { namespace, object }: Wanted): Promise<Manifest[]> {
  const [kind, name] = splitObject(object);
  const found: Manifest[] = [];
  for (const [id, [resource]] of await resourcesAt(api, revision)) {
    if (resource === undefined) continue;
    const isNamespace = id === "/namespaces";
    if (!isNamespace && !resource.namespaced) continue;
    const names = [resource.plural, resource.kind.toLowerCase(), `${resource.plural}.${id.split("/")[0] ?? ""}`];
    if (kind !== undefined && !names.includes(kind)) continue;
    if (kind === undefined && transient.has(id)) continue;
    const [, group = "", version = ""] = /^\/apis?\/(?:([^/]+)\/)?([^/]+)$/.exec(resource.path) ?? [];
    const visit = (one: KubeObject) => {
      const mine = isNamespace ? one.metadata.name === namespace : one.metadata.namespace === namespace;
      if (!mine || (name !== undefined && one.metadata.name !== name)) return;
      // Whoever made it makes it again, unless it is asked for by its name.
      if (name === undefined && (one.metadata.ownerReferences ?? []).length > 0) return;
      const apiVersion = group === "" ? version : `${group}/${version}`;
      found.push(stripped({ ...one, apiVersion, kind: resource.kind }));
    };
    await eachObject(api, resource, visit, { revision, ...(isNamespace ? {} : { namespace }) });
  }
  if (found.length === 0) {
    throw new Error(`The snapshot has no ${object ?? "object"} in namespace ${namespace}.`);
  }
  return found.sort((a, b) => rank(a) - rank(b));
}

function splitObject(object: string | undefined): [kind?: string, name?: string] {
  if (object === undefined) return [];
  const [, kind, name] = /^([^/]+)\/([^/]+)$/.exec(object) ?? [];
  if (kind === undefined || name === undefined) {
    throw new Error(`--object "${object}": write it as kind/name, like deployment/backend.`);
  }
  return [kind.toLowerCase(), name];
}

const first = ["Namespace", "ServiceAccount", "Secret", "ConfigMap", "PersistentVolumeClaim", "Role", "RoleBinding"];
const last = ["Service", "Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

function rank({ kind = "" }: Manifest): number {
  if (first.includes(kind)) return first.indexOf(kind);
  return last.includes(kind) ? 200 + last.indexOf(kind) : 100;
}

/** Set by the API server: an object that is applied must not bring them. */
const serverSet = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
  "ownerReferences",
] as const;

/** An object as it can be applied to a cluster that does not have it. */
export function stripped(object: Manifest): Manifest {
  const metadata = serverSet.reduce((rest, key) => without(rest, key), object.metadata);
  return withoutMarks({ ...without(object, "status"), metadata });
}

/** What a kind's own controller writes into the spec, and refuses from others. */
function withoutMarks(object: Manifest): Manifest {
  const spec = object["spec"] as Record<string, unknown> | undefined; // every kind below has one
  switch (object.kind) {
    case "Namespace":
      return without(object, "spec");
    case "Pod":
      return { ...object, spec: without(spec, "nodeName") };
    case "Job": {
      if (spec?.["manualSelector"] === true) return object;
      const template = spec?.["template"] as { metadata?: { labels?: Record<string, string> } } | undefined;
      const labels = Object.entries(template?.metadata?.labels ?? {}).filter(
        ([key]) => !/^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/.test(key),
      );
      const metadata = { ...template?.metadata, labels: Object.fromEntries(labels) };
      return { ...object, spec: { ...without(spec, "selector"), template: { ...template, metadata } } };
    }
    case undefined:
    default:
      return object;
  }
}

function without<T extends object>(object: T | undefined, key: string): T {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([own]) => own !== key)) as T; // only optional ones
}
