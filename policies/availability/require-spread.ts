/** Pods of one workload do not stand and fall with one node. */
import { z } from "zod";
import { saidOf, severalPodsOf } from "../lib/availability/replicas.ts";
import { picks, selectorOf } from "../lib/labels/selector.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";
import { at, list, property } from "../lib/values.ts";
import type { Workload } from "../lib/workload.ts";

/** Labels of nodes by which failures are told apart; the last two are the names before Kubernetes 1.17. */
const domains: ReadonlySet<unknown> = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
]);

/** Tells of a workload of several pods that may all be put on one node. */
export const requireSpread = defineRule({
  name: "availability-require-spread",
  severity: "medium",
  level: "advisory",
  title: "Workloads of several pods spread them over nodes or zones.",
  why: "The scheduler may put all pods on one node, and its failure is then everybody's.",
  fix: "Add topologySpreadConstraints, or a podAntiAffinity, whose labelSelector selects the workload's own pods.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    const several = severalPodsOf(object, objects, parameters.system);
    if (several === undefined) return;
    const { workload, replicas } = several;
    const [anti, preferred] = [antiAffinityOf(workload, "required"), antiAffinityOf(workload, "preferred")];
    const constraints = list(property(workload.spec, "topologySpreadConstraints"));
    const all = [...constraints, ...anti, ...preferred.map((term) => property(term, "podAffinityTerm"))];
    const { labels } = workload;
    const spreads = all.some(
      (term) =>
        domains.has(property(term, "topologyKey")) && picks(selectorOf(property(term, "labelSelector")), labels),
    );
    if (spreads) return;
    const path = `${workload.path}.topologySpreadConstraints`;
    const none = "nothing spreads its pods over nodes or zones";
    const why =
      all.length === 0 ? none : "what spreads pods there does not select its own labels, or by no failure domain";
    const problem = `${why}, ${saidOf(replicas)}`;
    yield {
      path,
      problem,
      fix: "Spread them in {path} by kubernetes.io/hostname, with their own labels as labelSelector.",
    };
  },
});

function antiAffinityOf({ spec }: Workload, which: "required" | "preferred") {
  return list(at(spec, "affinity", "podAntiAffinity", `${which}DuringSchedulingIgnoredDuringExecution`));
}
