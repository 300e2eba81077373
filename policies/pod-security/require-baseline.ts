/** Pods do not get out of themselves, unless their namespace is there for that. */
import { baselineChecks } from "../lib/pod-security/baseline.ts";
import { levelOf, levelParameters } from "../lib/pod-security/level.ts";
import { checksOf } from "../lib/pod-security/restricted.ts";
import { defineRule, each } from "../lib/rule.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses a workload that breaks the Pod Security Standard baseline, but in a namespace of the level privileged. */
export const requireBaseline = defineRule({
  name: "pod-security-require-baseline",
  severity: "critical",
  level: "mandatory",
  title: "Pods keep to the Pod Security Standard baseline, unless their namespace is labelled privileged.",
  why: "Whoever breaks into a pod that may do what its node may has the node, and soon the cluster.",
  fix: "Remove what the message names, or give what needs it a namespace of its own, labelled privileged.",
  sees: "stack",
  notCel: "the API server has it built in, and the labels of the namespace turn it on",
  parameters: levelParameters,
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    const level = levelOf(object, objects, parameters);
    if (level === "privileged") return;
    const asked = checksOf(level);
    yield* each(baselineChecks, (one) => (asked.includes(one) ? one.check(workload) : []));
  },
});
