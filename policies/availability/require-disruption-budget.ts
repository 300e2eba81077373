/** Whoever drains a node is told how many pods must stay. */
import { z } from "zod";
import { budgets, budgetsOf } from "../lib/availability/disruption-budgets.ts";
import { saidOf, severalPodsOf } from "../lib/availability/replicas.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** Refuses a workload of several pods that no PodDisruptionBudget of its namespace selects. */
export const requireDisruptionBudget = defineRule({
  name: "availability-require-disruption-budget",
  severity: "medium",
  level: "mandatory",
  title: "A PodDisruptionBudget selects every workload of several pods.",
  why: "A node that is drained, for an upgrade or to save money, otherwise takes all pods that it has at once, and two nodes all there are.",
  fix: "Add a PodDisruptionBudget with the pods' labels and a minAvailable below the number of pods, or write spec.replicas: 1.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    const several = severalPodsOf(object, objects, parameters.system);
    if (several === undefined) return;
    const { workload, namespace, replicas } = several;
    if (budgetsOf(namespace, workload.labels, objects).length > 0) return;
    budgets(objects).mustHaveRead(namespace);
    yield {
      path: `${workload.metadataPath}.labels`,
      problem: `no PodDisruptionBudget of namespace ${namespace} selects its pods, ${saidOf(replicas)}`,
      fix: `Add one to ${namespace} that selects the labels in {path}.`,
    };
  },
});
