/** Who is in a namespace of the mesh is in the mesh. */
import { meshOf } from "../lib/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
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
  parameters: noParameters,
  *check(object, { objects }) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    const mesh = meshOf(namespaceOf(object), objects);
    if (mesh === undefined) return;
    const [key, value, what] = keys[mesh];
    const place = workload.label(key) === value ? "labels" : workload.annotation(key) === value ? "annotations" : "";
    if (place === "") return;
    const path = [workload.templatePath, `metadata.${place}["${key}"]`].filter((part) => part !== "").join(".");
    const problem = `its pods decline ${what}, and namespace ${namespaceOf(object)} is in the mesh`;
    yield { path, problem, fix: "Remove {path}." };
  },
});
