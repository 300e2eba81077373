/** Every call in the mesh is encrypted, and says who calls. */
import { lookupOf, ofKind } from "../lib/lookup.ts";
import { meshOf, rootParameter, security } from "../lib/mesh/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { at, entries, isAbsent, text } from "../lib/values.ts";

/** What is said of the pods of whole namespaces: the mode. */
const modes = lookupOf<string>(ofKind(security, "PeerAuthentication"), (object) => {
  const selected = entries(at(object.value, "spec", "selector", "matchLabels")).length > 0;
  if (object.patch || selected) return [];
  const mode = at(object.value, "spec", "mtls", "mode");
  return isAbsent(mode) || mode === "UNSET" ? [] : [[namespaceOf(object), text(mode) ?? ""]];
});

/** Refuses a namespace of the mesh whose pods also take calls that are neither. */
export const requireStrictMtls = defineRule({
  name: "mesh-require-strict-mtls",
  severity: "critical",
  level: "mandatory",
  title: "In every namespace of the mesh mTLS is STRICT, by its own PeerAuthentication or that of the whole mesh.",
  why: "Istio's default takes plain calls as well: whoever is in the cluster calls without a name, and AuthorizationPolicies by name do not see him.",
  fix: "Add a PeerAuthentication with mtls.mode STRICT to the namespace, or to that of the control plane for all of them.",
  sees: "stack",
  /** `root`: the namespace in which it is said for the whole mesh. */
  parameters: rootParameter,
  *check(object, { objects, parameters }) {
    if (object.kind !== "Namespace" || object.patch || meshOf(object.name, objects) === undefined) return;
    const all = modes(objects);
    const own = all.at(object.name);
    const decisive = own.length > 0 ? own : all.at(parameters.root);
    if (decisive.length > 0 && decisive.every((mode) => mode === "STRICT")) return;
    all.mustHaveRead(object.name);
    all.mustHaveRead(parameters.root);
    const where = own.length > 0 ? object.name : parameters.root;
    const problem =
      decisive.length === 0
        ? `no PeerAuthentication of ${object.name}, or of ${parameters.root} for the whole mesh, says STRICT`
        : `a PeerAuthentication of ${where} says ${decisive.find((mode) => mode !== "STRICT") ?? ""}`;
    yield {
      path: "metadata.labels",
      problem,
      fix: `Say mtls.mode STRICT in one of ${object.name} or ${parameters.root}, or take it out of the mesh in {path}.`,
    };
  },
});
