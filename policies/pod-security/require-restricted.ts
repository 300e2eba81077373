/** Pods have no more rights than they need, where their namespace asks for it. */
import { levelOf, levelParameters } from "../lib/pod-security/level.ts";
import { restrictedRemedy } from "../lib/pod-security/repairs.ts";
import { restrictedChecks } from "../lib/pod-security/restricted.ts";
import { defineRule, each } from "../lib/rule.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses a workload that breaks the Pod Security Standard restricted, in a namespace that is to keep to it. */
export const requireRestricted = defineRule({
  name: "pod-security-require-restricted",
  severity: "high",
  level: "mandatory",
  title:
    "Pods keep to the Pod Security Standard restricted, unless their namespace is labelled baseline or privileged.",
  why: "The API server takes the workload and refuses every pod of it where the namespace enforces the standard, and elsewhere a flaw of the kernel is all that is missing to get out.",
  fix: "Set what the message names, or label the namespace with the level that its pods need.",
  sees: "stack",
  notCel: "the API server has it built in, and the labels of the namespace turn it on",
  remedy: restrictedRemedy,
  parameters: levelParameters,
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined || levelOf(object, objects, parameters) !== "restricted") return;
    for (const finding of each(restrictedChecks, ({ check }) => check(workload))) {
      if (!object.patch || !("missing" in finding)) yield finding;
    }
  },
});
