/** A volume on the node's own disk, or in its memory, has an end. */
import { given } from "../lib/cel/form.ts";
import { approximate, isPositive, room, shown, together } from "../lib/cel/quantities.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const size = "it.value.emptyDir.sizeLimit";
const podLimit = "variables.spec.resources.limits.memory";

/** Refuses an emptyDir without a size limit, and one in memory that the pod's memory limit does not hold. */
export const requireEmptyDirLimits = celRule({
  name: "qos-require-empty-dir-limits",
  severity: "medium",
  level: "mandatory",
  title: "Every emptyDir volume has a size limit, and one in memory fits into the pod's memory limit.",
  why: "Without one a pod fills the node's disk, and pods that did nothing are evicted; what is in memory counts as the container's own, which is killed for it.",
  fix: "Set emptyDir.sizeLimit to what is needed at most.",
  parameters: noParameters,
  cel: () => ({
    variables: {
      // Zero where there is none, as to the kubelet (k8s.io/kubernetes/pkg/volume/emptydir, calculateEmptyDirMemorySize).
      memory: `${given(podLimit)} ? ${approximate(podLimit)} : ${together("limits", '"memory"')}`,
    },
    checks: [
      {
        each: "volumes",
        where: "has(it.value.emptyDir)",
        valid: `has(${size})`,
        path: "{it.path}.emptyDir.sizeLimit",
        problem: "{it.who} may fill the node, since it has no size limit",
        fix: "Set {path}.",
      },
      {
        each: "volumes",
        where: given(size),
        valid: isPositive(size),
        path: "{it.path}.emptyDir.sizeLimit",
        problem: `{it.who} has size limit "{${size}}", not a quantity above zero, and so none`,
        fix: "Correct {path}.",
      },
      {
        each: "volumes",
        where: `${given(size)} && has(it.value.emptyDir.medium) && it.value.emptyDir.medium == "Memory" && ${isPositive(size)}`,
        let: { size: approximate(size) },
        valid: `variables.memory <= 0.0 || size <= variables.memory * ${room}`,
        path: "{it.path}.emptyDir.sizeLimit",
        problem: `{it.who} is in memory and may grow to {${shown('"memory"', "size")}}, more than the pod's limit of {${shown('"memory"', "variables.memory")}}: its containers are killed before it is full`,
        fix: "Lower {path}, or raise the containers' memory limits.",
      },
    ],
  }),
});
