/** Who is in a namespace of the mesh is in the mesh. */
import { z } from "zod";
import { meshOf } from "../lib/mesh/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";
import { workloadOf } from "../lib/workload.ts";

const keys = {
  sidecar: ["sidecar.istio.io/inject", "false", "a sidecar"],
  ambient: ["istio.io/dataplane-mode", "none", "its node's proxy"],
} as const;

/** Refuses a workload that is kept out of the mesh by a label or an annotation. */
export const disallowInjectionOptOut = defineRule({
  name: "mesh-disallow-injection-opt-out",
  severity: "high",
  level: "mandatory",
  title: "No workload in a namespace of the mesh declines its sidecar.",
  why: "Its calls have no name and are not encrypted, so that others refuse them, and no AuthorizationPolicy guards it.",
  fix: "Remove the label or annotation, or move the workload to a namespace that is not in the mesh.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    const namespace = namespaceOf(object);
    const foreign = objects.named("Namespace", namespace) === undefined;
    if (foreign && Object.hasOwn(parameters.system, namespace)) return;
    // Who declines what a namespace that is not in the stack may have is taken at his word.
    const mesh = foreign ? "sidecar" : meshOf(namespace, objects);
    if (mesh === undefined) return;
    const [key, value, what] = keys[mesh];
    const place = workload.label(key) === value ? "labels" : workload.annotation(key) === value ? "annotations" : "";
    if (place === "") return;
    const path = `${workload.metadataPath}.${place}["${key}"]`;
    const problem = `its pods decline ${what}, and namespace ${namespace} ${foreign ? "may be" : "is"} in the mesh`;
    yield { path, problem, fix: "Remove {path}." };
  },
});
