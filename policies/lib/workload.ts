/** Every form of a workload in one normal form: what makes pods, and of what. */
import type { Labels } from "../../components/network-policy.ts";
import { itemsOf } from "./items.ts";
import { labelsOf } from "./labels/selector.ts";
import { groupOf } from "./lookup.ts";
import type { KubernetesObject } from "./object.ts";
import { ifKnown } from "./unknown.ts";
import { at, property, text } from "./values.ts";

/** Where the template of its pods lies in each kind that has one. */
const places: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ["template"],
  Deployment: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The API groups of those kinds: another group's kind of the same name is none of ours. */
const groups: ReadonlySet<string> = new Set(["", "apps", "batch", "extensions"]);

/** The kinds of workload, each also as `…List` and `…Patch`. */
export const workloadKinds: readonly string[] = Object.keys(places);

/** What a container is for: to run, to run before, to run beside from before until after, or to look inside. */
export type Role = "app" | "init" | "sidecar" | "ephemeral";

/** One container of a pod. */
export interface Container {
  readonly name: string;
  readonly role: Role;
  /** Its path in the object: "spec.template.spec.containers[0]". */
  readonly path: string;
  readonly value: unknown;
}

const lists = [
  ["initContainers", "init"],
  ["containers", "app"],
  ["ephemeralContainers", "ephemeral"],
] as const;

/** A workload. Reading what is not known yet throws UnknownValue, and nothing is read before it is asked for. */
export class Workload {
  readonly object: KubernetesObject;
  /** The path of what is said of its pods: "spec.template.metadata". */
  readonly metadataPath: string;
  /** The path of the pod spec: "spec.template.spec". */
  readonly path: string;
  private readonly place: readonly string[];
  private found: readonly Container[] | undefined;

  constructor(object: KubernetesObject, place: readonly string[]) {
    this.object = object;
    this.place = place;
    this.metadataPath = [...place, "metadata"].join(".");
    this.path = [...place, "spec"].join(".");
  }

  /** The pod template: labels and annotations of the pods are in its metadata. */
  get template(): unknown {
    return at(this.object.value, ...this.place);
  }

  /** The pod spec; `undefined` when there is none. */
  get spec(): unknown {
    return property(this.template, "spec");
  }

  /** All labels of the pods. */
  get labels(): Labels {
    return labelsOf(at(this.template, "metadata", "labels"));
  }

  /** A label of the pods. */
  label(key: string): string | undefined {
    return text(at(this.template, "metadata", "labels", key));
  }

  /** An annotation of the pods. */
  annotation(key: string): string | undefined {
    return text(at(this.template, "metadata", "annotations", key));
  }

  /** Every container, in the order in which they start. */
  get containers(): readonly Container[] {
    this.found ??= lists.flatMap(([list, role]) => {
      const items = property(this.spec, list);
      return itemsOf(items, `${this.path}.${list}`).map(({ path, read }) => containerOf(read(), role, path));
    });
    return this.found;
  }

  /** Whether its containers can be seen at all: a patch need not name them. */
  get hasContainers(): boolean {
    return this.object.patch || Array.isArray(property(this.spec, "containers"));
  }

  /** What the pod asks for and may take for all of its containers together. */
  get resources(): unknown {
    return property(this.spec, "resources");
  }

  get hostNetwork(): boolean {
    return property(this.spec, "hostNetwork") === true;
  }
}

function containerOf(value: unknown, role: "app" | "init" | "ephemeral", path: string): Container {
  const sidecar = role === "init" && property(value, "restartPolicy") === "Always";
  const name = ifKnown(() => text(property(value, "name"))) ?? "";
  return { name, role: sidecar ? "sidecar" : role, path, value };
}

const known = new WeakMap<KubernetesObject, Workload | undefined>();

/** The workload that an object is; `undefined` when it makes no pods. */
export function workloadOf(object: KubernetesObject): Workload | undefined {
  if (known.has(object)) return known.get(object);
  const place = Object.hasOwn(places, object.kind) ? places[object.kind] : undefined;
  const workload = place !== undefined && groups.has(groupOf(object)) ? new Workload(object, place) : undefined;
  known.set(object, workload);
  return workload;
}
