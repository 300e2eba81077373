/** PodDisruptionBudgets, by whom they protect. */
import type { LabelSelector } from "../../../components/network-policy.ts";
import type { Labels } from "../../../components/network-policy.ts";
import { picks, selectorOf } from "../labels/selector.ts";
import { groupOf, isKind, isOwned, lookupOf, ofKind } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, entries } from "../values.ts";
import { type LabelledPods, labelledPods } from "./replicas.ts";

/** One budget with the labels that it picks. */
export interface Budget {
  readonly object: KubernetesObject;
  /** `undefined` when it picks nothing: without a selector, or with one that the API server refuses. */
  readonly selector: LabelSelector | undefined;
}

/** Whether an object is a budget. */
export const isBudget = (object: KubernetesObject): boolean => isKind(object, "policy", "PodDisruptionBudget");

/** A budget's selector; an empty one picked nothing in v1beta1, and picks every pod of the namespace since. */
export function budgetOf(object: KubernetesObject): Budget {
  const written = at(object.value, "spec", "selector");
  const nothing = object.apiVersion === "policy/v1beta1" && entries(written).length === 0;
  return { object, selector: nothing ? undefined : selectorOf(written) };
}

/** The budgets of each namespace. */
export const budgets = lookupOf<Budget>(ofKind("policy", "PodDisruptionBudget"), (object) =>
  object.patch || isOwned(object) ? [] : [[namespaceOf(object), budgetOf(object)]],
);

/** The budgets of a namespace that pick labels. */
export const budgetsOf = (namespace: string, labels: Labels, objects: Objects): readonly Budget[] =>
  budgets(objects)
    .at(namespace)
    .filter(({ selector }) => picks(selector, labels));

/** The workloads that a budget protects. */
export function protectedBy({ object, selector }: Budget, objects: Objects): readonly LabelledPods[] {
  return labelledPods(objects)
    .at(namespaceOf(object))
    .filter(({ labels }) => picks(selector, labels));
}

/** Whether pods are those of a workload that an eviction asks a budget about: pods of Jobs end by themselves. */
export const lasts = ({ workload: { object } }: LabelledPods): boolean => groupOf(object) !== "batch";
