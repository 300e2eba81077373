/** Finds the pod specs in every form of Kubernetes workload, as a policy sees them: untyped properties. */

/** Where the pod spec lies in each kind that has one. */
const places: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  Deployment: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};

/** The kinds of workload that are judged, each also as `…List` and `…Patch`. */
export const workloadKinds: readonly string[] = Object.keys(places);

/** One pod spec of a workload. */
export interface PodSpec {
  /** The object's kind, namespace and name: "Deployment backend/backend". */
  readonly object: string;
  /** The path of the spec in the resource: "spec.template.spec" or "items[2].spec". */
  readonly path: string;
  /** The spec itself; `undefined` when there is none at that path. */
  readonly spec: unknown;
  /** Whether the object is a patch, which need not say everything. */
  readonly patch: boolean;
}

/**
 * The pod specs of a resource: none when it is no workload, several for a list.
 *
 * @param type the Pulumi type, like "kubernetes:apps/v1:Deployment"
 * @param props the resource's inputs; reading one that is not known yet throws
 */
export function podSpecsOf(type: string, props: unknown): PodSpec[] {
  const match = /^kubernetes:[^:]+:(\w+?)(List|Patch)?$/.exec(type);
  const kind = match?.[1] ?? "";
  const place = places[kind];
  if (match === null || place === undefined) return [];
  const of = (object: unknown, prefix: string): PodSpec => ({
    object: `${kind} ${nameOf(object)}`,
    path: prefix + place.join("."),
    spec: place.reduce(property, object),
    patch: match[2] === "Patch",
  });
  if (match[2] !== "List") return [of(props, "")];
  const items = property(props, "items");
  return Array.isArray(items) ? items.map((item, index) => of(item, `items[${String(index)}].`)) : [];
}

/** The property of a value, or `undefined` when the value has no properties. */
export function property(value: unknown, key: string): unknown {
  // A policy's properties are JSON by origin, so what is an object can be read by its keys.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** A string, or a number as the string Kubernetes takes it for; `undefined` for anything else. */
export function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

function nameOf(object: unknown): string {
  const metadata = property(object, "metadata");
  const name = text(property(metadata, "name")) ?? text(property(metadata, "generateName")) ?? "(named by Pulumi)";
  const namespace = text(property(metadata, "namespace"));
  return namespace === undefined ? name : `${namespace}/${name}`;
}
