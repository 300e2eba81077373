/** What a proxy is told is said once. */
import type { Labels } from "../../components/network-policy.ts";
import { labelledPods } from "../lib/availability/replicas.ts";
import { hasAll, labelsOf } from "../lib/labels/selector.ts";
import { isKind, lookupOf, ofKind } from "../lib/lookup.ts";
import { meshOf, networking } from "../lib/mesh/mesh.ts";
import { type KubernetesObject, namespaceOf, titleOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** A Sidecar, and the labels of the pods that it is for: none for all of its namespace. */
interface Sidecar {
  readonly object: KubernetesObject;
  readonly selector: Labels;
}

const selectorPath = "spec.workloadSelector.labels";
const selectorOf = ({ value }: KubernetesObject): Labels => labelsOf(at(value, ...selectorPath.split(".")));
const isForAll = (selector: Labels): boolean => Object.keys(selector).length === 0;

const sidecars = lookupOf<Sidecar>(ofKind(networking, "Sidecar"), (object) =>
  object.patch ? [] : [[namespaceOf(object), { object, selector: selectorOf(object) }]],
);

/** Refuses a Sidecar for pods that another one is for, too, or whose proxies read none. */
export const disallowOverlappingSidecars = defineRule({
  name: "mesh-disallow-overlapping-sidecars",
  severity: "medium",
  level: "mandatory",
  title: "A proxy has one Sidecar of its pod at most, and one of its namespace, and is one that reads them.",
  why: "Which of two is heeded nobody says, so that calls fail of which one says that they may be made; proxies of nodes heed none.",
  fix: "Narrow one selector, or put both into one Sidecar.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isKind(object, networking, "Sidecar")) return;
    const [namespace, own] = [namespaceOf(object), selectorOf(object)];
    if (meshOf(namespace, objects) === "ambient") {
      const problem = `the pods of ${namespace} have no sidecar but their node's proxy, which reads no Sidecar`;
      yield { path: "spec", problem, fix: "Take it away, or say what it says by a Service's exportTo." };
      return;
    }
    const all = sidecars(objects);
    const others = all.at(namespace).filter((other) => other.object !== object);
    if (isForAll(own)) {
      const found = others.find(({ selector }) => isForAll(selector));
      if (found === undefined) {
        all.mustHaveRead(namespace);
        return;
      }
      const problem = `${titleOf(found.object)} is for all pods of ${namespace}, too`;
      yield { path: "spec", problem, fix: "Put both into one, or give one a workloadSelector." };
      return;
    }
    const pods = labelledPods(objects);
    const mine = pods.at(namespace).filter(({ labels }) => hasAll(own, labels));
    for (const { object: other, selector } of others) {
      const both = mine.find(({ labels }) => hasAll(selector, labels));
      if (both === undefined) continue;
      const problem = `it selects the pods of ${titleOf(both.workload.object)}, as ${titleOf(other)} does`;
      yield { path: selectorPath, problem, fix: "Narrow {path}, or put both into one." };
      return;
    }
    if (others.length > 0) pods.mustHaveRead(namespace);
    all.mustHaveRead(namespace);
  },
});
