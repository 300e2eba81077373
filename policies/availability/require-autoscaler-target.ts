/** What an autoscaler scales is there. */
import { z } from "zod";
import { targetOf } from "../lib/availability/autoscalers.ts";
import { groupOf, isKind, isOwned, keyOf, lookupOf, ownKey } from "../lib/lookup.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** The kinds of Kubernetes that can be scaled, with their groups; what others have a scale, no stack says. */
const scalable: Readonly<Record<string, string>> = {
  Deployment: "apps",
  StatefulSet: "apps",
  ReplicaSet: "apps",
  ReplicationController: "",
};

const targets = lookupOf<string>(
  (objects) => Object.keys(scalable).flatMap((kind) => objects.ofKind(kind)),
  // A patch changes what is there.
  (object) => [[`${object.kind} ${ownKey(object)}`, groupOf(object)]],
);

/** Refuses an autoscaler whose target the stack does not make. */
export const requireAutoscalerTarget = defineRule({
  name: "availability-require-autoscaler-target",
  severity: "high",
  level: "mandatory",
  title: "Every HorizontalPodAutoscaler names a workload that is there.",
  why: "An autoscaler without a target scales nothing and says so only in its status: the load comes, and no pod does.",
  fix: "Correct spec.scaleTargetRef: its kind, its name and its apiVersion, in the autoscaler's own namespace.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    if (!isKind(object, "autoscaling", "HorizontalPodAutoscaler") || isOwned(object)) return;
    const [namespace, target] = [namespaceOf(object), targetOf(object)];
    if (Object.hasOwn(parameters.system, namespace)) return;
    const path = "spec.scaleTargetRef";
    if (target === undefined) {
      yield { path, problem: "it names no workload to scale", fix: "Write the kind and the name of one in {path}." };
      return;
    }
    const { group, kind, name } = target;
    const known = scalable[kind];
    // An old API of the same workload is the same workload.
    if (known === undefined || (group !== "" && group !== "apps" && group !== "extensions")) return;
    const found = targets(objects).at(`${kind} ${keyOf(namespace, name)}`);
    if (found.length === 0) {
      targets(objects).mustHaveRead(namespace);
      const problem = `the stack makes no ${kind} ${name} in ${namespace}`;
      yield { path: `${path}.name`, problem, fix: "Correct {path}, or make what it names." };
    } else if (group !== known && group !== "extensions") {
      const problem = `a ${kind} is not of the API group that it names, ${group === "" ? "the core group" : group}`;
      yield { path: `${path}.apiVersion`, problem, fix: `Write ${known === "" ? "v1" : `${known}/v1`} in {path}.` };
    }
  },
});
