/** A Service calls somebody. */
import { z } from "zod";
import { hasAll, labelsOf } from "../lib/labels/selector.ts";
import { isKind, isOwned } from "../lib/lookup.ts";
import { namespaceOf } from "../lib/object.ts";
import { labelledPods } from "../lib/availability/replicas.ts";
import { defineRule } from "../lib/rule.ts";
import { isAlias } from "../lib/services.ts";
import { systemParameter } from "../lib/system-namespaces.ts";
import { at } from "../lib/values.ts";

/** Labels that controllers add to pods, which no template has (kubernetes.io/docs/reference/labels-annotations-taints). */
const addedLabels =
  /^(statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|pod-template-hash|controller-revision-hash|(batch\.kubernetes\.io\/)?(job-name|controller-uid|job-completion-index))$/;

/** Tells of a Service whose selector no workload of the stack has the labels for. */
export const disallowUnmatchedServices = defineRule({
  name: "availability-disallow-unmatched-services",
  severity: "medium",
  // Operators make pods that no stack shows.
  level: "advisory",
  title: "Every Service with a selector selects the pods of some workload of the stack.",
  why: "A label that is mistyped selects nobody, and no one is told: every call of the Service is refused.",
  fix: "Correct the selector, or the labels of the pods.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    if (!isKind(object, "", "Service") || isOwned(object) || isAlias(object)) return;
    const written = Object.entries(labelsOf(at(object.value, "spec", "selector")));
    const selector = Object.fromEntries(written.filter(([key]) => !addedLabels.test(key)));
    const namespace = namespaceOf(object);
    if (Object.keys(selector).length === 0 || Object.hasOwn(parameters.system, namespace)) return;
    const pods = labelledPods(objects);
    if (pods.at(namespace).some(({ labels }) => hasAll(selector, labels))) return;
    pods.mustHaveRead(namespace);
    const problem = `no workload of the stack in ${namespace} has the labels that it selects`;
    yield { path: "spec.selector", problem, fix: "Correct {path}, or the labels of the pods." };
  },
});
