/** Who is in the mesh has a network of its own. */
import { meshOf } from "../lib/mesh/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses pods in their node's network where pods are to be in the mesh. */
export const disallowHostNetwork = defineRule({
  name: "mesh-disallow-host-network",
  severity: "high",
  level: "mandatory",
  title: "No workload in a namespace of the mesh is in its node's network.",
  why: "Such pods get no sidecar, without a word: their calls have no name, and what calls them is not asked for one.",
  fix: "Remove hostNetwork, or move the workload to a namespace that is not in the mesh.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    const workload = workloadOf(object);
    if (workload?.hostNetwork !== true) return;
    const namespace = namespaceOf(object);
    if (meshOf(namespace, objects) === undefined) return;
    const problem = `pods in their node's network are not in the mesh, and namespace ${namespace} is`;
    yield { path: `${workload.path}.hostNetwork`, problem, fix: "Remove {path}, or move the workload." };
  },
});
