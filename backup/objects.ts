/** Objects out of a snapshot, as somebody would apply them: without what the API server and controllers have put in. */
import type { KubeObject, Resource } from "./inventory.ts";
import type { Reader } from "./reader.ts";

/** An object with all of its fields. */
export type Manifest = KubeObject & Readonly<Record<string, unknown>>;

/** What is wanted of a snapshot. */
export interface Wanted {
  /** @default one object that is in none */
  readonly namespace?: string;
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
 * The objects of a namespace as a snapshot has them, in the order in which they can be applied: the namespace, then
 * definitions of no behaviour, workloads last.
 *
 * @throws when there is nothing of the kind in the snapshot
 */
export async function objectsOf(reader: Reader, { namespace, object }: Wanted): Promise<Manifest[]> {
  const [kind, name] = splitObject(object);
  if (namespace === undefined && name === undefined) {
    throw new Error("Say which objects are meant: those of a --namespace, or one --object kind/name.");
  }
  const found: Manifest[] = [];
  const wants = ({ id, plural, kind: own, namespaced }: Resource) => {
    if (namespace === undefined ? namespaced : !namespaced && id !== namespaces) return false;
    const names = [plural, own.toLowerCase(), `${plural}.${id.split("/")[0] ?? ""}`];
    return kind === undefined ? !transient.has(id) : names.includes(kind);
  };
  const visit = (resource: Resource, one: KubeObject) => {
    const isNamespace = resource.id === namespaces && namespace !== undefined;
    const mine = isNamespace ? one.metadata.name === namespace : one.metadata.namespace === namespace;
    if (!mine || (name !== undefined && one.metadata.name !== name)) return;
    // Whoever made it makes it again, unless it is asked for by its name.
    if (name === undefined && (one.metadata.ownerReferences ?? []).length > 0) return;
    const [, group = "", version = ""] = /^\/apis?\/(?:([^/]+)\/)?([^/]+)$/.exec(resource.path) ?? [];
    const apiVersion = group === "" ? version : `${group}/${version}`;
    found.push(stripped({ ...one, apiVersion, kind: resource.kind }));
  };
  await reader.read(wants, visit, namespace);
  if (found.length === 0) {
    const where = namespace === undefined ? "outside of namespaces" : `in namespace ${namespace}`;
    throw new Error(`The snapshot has no ${object ?? "object"} ${where}.`);
  }
  return found.sort((a, b) => rank(a) - rank(b));
}

const namespaces = "/namespaces";

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
