/** The pods of a StatefulSet have names by which they are called. */
import { hasAll, labelsOf } from "../lib/labels/selector.ts";
import { elsewhere, isKind, isOwned, keyOf } from "../lib/lookup.ts";
import { type KubernetesObject, namespaceOf } from "../lib/object.ts";
import { severalPodsOf } from "../lib/availability/replicas.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { services } from "../lib/services.ts";
import { at, text } from "../lib/values.ts";

/** Tells of a StatefulSet whose Service is not there, has an address of its own, or selects other pods. */
export const requireGoverningService = defineRule({
  name: "availability-require-governing-service",
  severity: "medium",
  // One stack may make the Service, and another the StatefulSet.
  level: "advisory",
  title: "The Service that a StatefulSet names is there, selects its pods and, for more than one, is headless.",
  why: "The DNS name of each single pod comes from it: without it the pods run, and never find each other.",
  fix: "Make a Service of that name with clusterIP: None and the labels of the pods.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isKind(object, "apps", "StatefulSet") || isOwned(object)) return;
    const name = text(at(object.value, "spec", "serviceName")) ?? "";
    // Whoever names none wants no such names.
    if (name === "") return;
    const namespace = namespaceOf(object);
    const [service] = services(objects).at(keyOf(namespace, name));
    const path = "spec.serviceName";
    if (service === undefined) {
      services(objects).mustHaveRead(namespace);
      const problem = `the stack makes no Service ${name} in ${namespace}`;
      yield { path, problem, fix: "Correct {path}, or make what it names." };
    } else {
      // Of one pod alone the Service's own name is as good as the pod's.
      const single = severalPodsOf(object, objects) === undefined;
      const problem = elsewhere(service, () => problemOf(service, object, single));
      if (problem !== undefined) yield { path, problem, fix: "Name another in {path}, or put that one right." };
    }
  },
});

function problemOf(service: KubernetesObject, object: KubernetesObject, single: boolean): string | undefined {
  if (service.patch) return undefined;
  const { name } = service;
  if (!single && at(service.value, "spec", "clusterIP") !== "None") {
    return `Service ${name} is not headless, so that no single pod has a name`;
  }
  const selector = labelsOf(at(service.value, "spec", "selector"));
  const labels = labelsOf(at(object.value, "spec", "template", "metadata", "labels"));
  return hasAll(selector, labels) ? undefined : `Service ${name} does not select its pods`;
}
