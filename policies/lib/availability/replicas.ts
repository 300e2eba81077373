/** How many pods workloads have, and which labels: what budgets, autoscalers and the spread over nodes are judged by. */
import type { Labels } from "../../../components/network-policy.ts";
import { isOwned, lookupOf } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, text } from "../values.ts";
import { type Workload, workloadOf } from "../workload.ts";
import { autoscalersOf } from "./autoscalers.ts";

/** Pods of a workload, by their labels. */
export interface LabelledPods {
  readonly workload: Workload;
  readonly labels: Labels;
}

/** The workloads of a namespace with the labels of their pods; what belongs to another workload is left out. */
export const labelledPods = lookupOf<LabelledPods>(
  ({ all }) => all,
  (object) => {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch || object.kind === "PodTemplate" || isOwned(object)) return [];
    return [[namespaceOf(object), { workload, labels: workload.labels }]];
  },
);

/** How few and how many pods a workload has. */
export interface Replicas {
  readonly least: number;
  readonly most: number;
  /** The autoscaler that decides between them, by its name. */
  readonly autoscaler?: string;
  /** Whether nobody says how many, so that something else may. */
  readonly open?: boolean;
}

const replicated = new Set(["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]);

/** Whether an amount of pods, a number or a share, is none at all. */
export const isNone = (amount: unknown): boolean => /^0+%?$/.test(text(amount) ?? "");

/** The replicas of a workload that has any to speak of; `undefined` of others, as a DaemonSet or a Job. */
export function replicasOf(object: KubernetesObject, objects: Objects): Replicas | undefined {
  if (!replicated.has(object.kind) || object.patch || isOwned(object)) return undefined;
  const [autoscaler] = autoscalersOf(object, objects);
  if (autoscaler !== undefined) return { least: autoscaler.min, most: autoscaler.max, autoscaler: autoscaler.name };
  const replicas = at(object.value, "spec", "replicas");
  return typeof replicas === "number" ? { least: replicas, most: replicas } : { least: 1, most: 1, open: true };
}

/** A workload of several pods, and how many. */
export interface SeveralPods {
  readonly workload: Workload;
  readonly namespace: string;
  readonly replicas: Replicas;
}

/**
 * The workload that an object is where it has several pods, or may have.
 *
 * @param system namespaces that are left alone @default none
 */
export function severalPodsOf(
  object: KubernetesObject,
  objects: Objects,
  system: Readonly<Record<string, string>> = {},
): SeveralPods | undefined {
  const workload = workloadOf(object);
  const replicas = replicasOf(object, objects);
  if (workload === undefined || replicas === undefined || (replicas.most < 2 && replicas.open !== true))
    return undefined;
  const namespace = namespaceOf(object);
  return Object.hasOwn(system, namespace) ? undefined : { workload, namespace, replicas };
}

/** How many pods there are, as the end of a sentence: "and there are 3 pods". */
export function saidOf({ least, most, autoscaler, open }: Replicas): string {
  if (open === true) return "and spec.replicas is left out, so that something else decides how many there are";
  const count = least === most ? String(least) : `${String(least)} to ${String(most)}`;
  const by = autoscaler === undefined ? "" : `, by HorizontalPodAutoscaler ${autoscaler}`;
  return `and there ${most === 1 ? "is 1 pod" : `are ${count} pods`}${by}`;
}
