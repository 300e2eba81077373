/** A volume on the node's own disk, or in its memory, has an end. */
import { amountOf, podAmountsOf, whole } from "../lib/amounts.ts";
import { shown } from "../lib/limit-range.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { list, property, text } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses an emptyDir without a size limit, and one in memory that the pod's memory limit does not hold. */
export const requireEmptyDirLimits = defineRule({
  name: "qos-require-empty-dir-limits",
  severity: "medium",
  level: "mandatory",
  title: "Every emptyDir volume has a size limit, and one in memory fits into the pod's memory limit.",
  why: "Without one a pod fills the node's disk, and pods that did nothing are evicted; what is in memory counts as the container's own, which is killed for it.",
  fix: "Set emptyDir.sizeLimit to what is needed at most.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    yield* each(list(property(workload.spec, "volumes")), function* (volume, index) {
      const emptyDir = property(volume, "emptyDir");
      if (emptyDir === undefined || emptyDir === null) return;
      const who = `volume "${text(property(volume, "name")) ?? ""}"`;
      const path = `${workload.path}.volumes[${String(index)}].emptyDir.sizeLimit`;
      const written = property(emptyDir, "sizeLimit");
      if (written === undefined || written === null) {
        yield { path, problem: `${who} may fill the node, since it has no size limit`, fix: "Set {path}." };
        return;
      }
      const size = amountOf(written);
      if (size === undefined || size <= 0n) {
        const problem = `${who} has size limit ${JSON.stringify(written)}, not a quantity above zero, and so none`;
        yield { path, problem, fix: "Correct {path}." };
        return;
      }
      if (property(emptyDir, "medium") !== "Memory") return;
      const memory = whole(podAmountsOf(workload.containers, workload.resources), "limits").get("memory");
      if (memory === undefined || size <= memory) return;
      const problem = `${who} is in memory and may grow to ${shown("memory", size)}, more than the pod's limit of ${shown("memory", memory)}: its containers are killed before it is full`;
      yield { path, problem, fix: "Lower {path}, or raise the containers' memory limits." };
    });
  },
});
