/** What runs cannot change itself. */
import { levelOf, levelParameters } from "../lib/pod-security/level.ts";
import { isWindows } from "../lib/pod-security/checks.ts";
import { defineRule, each } from "../lib/rule.ts";
import { at } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Tells of a container that may write to the files of its image, but in a namespace of the level privileged. */
export const requireReadOnlyRoot = defineRule({
  name: "pod-security-require-read-only-root",
  severity: "medium",
  // No standard asks for it, and some programs write beside themselves.
  level: "advisory",
  title: "Containers cannot write to the files of their image, unless their namespace is labelled privileged.",
  why: "Whoever breaks into one otherwise puts his own programs there, and what is written is on the node's disk, without a limit.",
  fix: "Set readOnlyRootFilesystem to true, and mount an emptyDir where the program writes.",
  sees: "stack",
  notCel: "the labels of the namespace turn it off",
  parameters: levelParameters,
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch || isWindows(workload)) return;
    if (levelOf(object, objects, parameters) === "privileged") return;
    // Somebody who looks inside brings his own tools.
    const lasting = workload.containers.filter(({ role }) => role !== "ephemeral");
    yield* each(lasting, function* ({ name, path, value }) {
      if (at(value, "securityContext", "readOnlyRootFilesystem") === true) return;
      yield {
        path: `${path}.securityContext.readOnlyRootFilesystem`,
        problem: `container "${name}" may write to the files of its image`,
        fix: "Set {path} to true, and mount an emptyDir where it has to write.",
      };
    });
  },
});
