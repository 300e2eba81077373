/** A policy of the mesh is about somebody. */
import { z } from "zod";
import { labelledPods } from "../lib/availability/replicas.ts";
import { madeParameter } from "../lib/labels/made.ts";
import { hasAll, labelsOf } from "../lib/labels/selector.ts";
import { isKind } from "../lib/lookup.ts";
import { networking, rootNamespace, security } from "../lib/mesh/mesh.ts";
import { type KubernetesObject, namespaceOf } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Where those that are for some pods of a namespace alone say for which. */
const selectors = [
  [security, "AuthorizationPolicy", "spec.selector.matchLabels"],
  [security, "PeerAuthentication", "spec.selector.matchLabels"],
  [security, "RequestAuthentication", "spec.selector.matchLabels"],
  ["telemetry.istio.io", "Telemetry", "spec.selector.matchLabels"],
  [networking, "EnvoyFilter", "spec.workloadSelector.labels"],
  [networking, "Sidecar", "spec.workloadSelector.labels"],
] as const;

const pathOf = (object: KubernetesObject): string | undefined =>
  selectors.find(([group, kind]) => isKind(object, group, kind))?.[2];

/** Tells of what is for pods with labels that no workload of the stack has. */
export const disallowUnmatchedSelectors = defineRule({
  name: "mesh-disallow-unmatched-selectors",
  severity: "high",
  // Operators make pods that no stack shows.
  level: "advisory",
  title: "What is for some pods of the mesh alone selects those of some workload of the stack.",
  why: "A label that is mistyped selects nobody, and no one is told: what was to be denied is let through, and what was to be encrypted is not.",
  fix: "Correct the selector, or the labels of the pods.",
  sees: "stack",
  /** `root`: the namespace of the whole mesh. `made`: labels of pods that controllers make. */
  parameters: z.strictObject({ root: rootNamespace, made: madeParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    const path = pathOf(object);
    if (path === undefined) return;
    const selector = labelsOf(at(object.value, ...path.split(".")));
    if (Object.keys(selector).length === 0 || parameters.made.some((labels) => hasAll(selector, labels))) return;
    const namespace = namespaceOf(object);
    const [pods, everywhere] = [labelledPods(objects), namespace === parameters.root];
    const here = everywhere ? pods.all : pods.at(namespace);
    if (here.some(({ labels }) => hasAll(selector, labels))) return;
    pods.mustHaveRead(everywhere ? undefined : namespace);
    const problem = `no workload of the stack${everywhere ? "" : ` in ${namespace}`} has the labels that it selects`;
    yield { path, problem, fix: "Correct {path}, or the labels of the pods." };
  },
});
