/** Nobody in the mesh is let in without a name. */
import { isKind } from "../lib/lookup.ts";
import { security } from "../lib/mesh/mesh.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, property, text } from "../lib/values.ts";

/** Refuses a PeerAuthentication that lets plain calls in, to all ports or to one. */
export const disallowWeakerMtls = defineRule({
  name: "mesh-disallow-weaker-mtls",
  severity: "high",
  level: "mandatory",
  title: "No PeerAuthentication says PERMISSIVE or DISABLE, for pods or for a port.",
  why: "It opens what is STRICT elsewhere to whoever is in the cluster: without a name, and readable on the way.",
  fix: "Say STRICT, or leave the mode out. Where a caller has no sidecar, exempt its port with the reason.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isKind(object, security, "PeerAuthentication")) return;
    const spec = property(object.value, "spec");
    const ports = property(spec, "portLevelMtls");
    const keys = typeof ports === "object" && ports !== null ? Object.keys(ports) : [];
    const places = [
      { path: "spec.mtls.mode", read: () => at(spec, "mtls", "mode"), of: "" },
      ...keys.map((port) => ({
        path: `spec.portLevelMtls.${port}.mode`,
        read: () => at(ports, port, "mode"),
        of: ` to port ${port}`,
      })),
    ];
    yield* each(places, function* ({ path, read, of }) {
      const mode = text(read());
      if (mode !== "PERMISSIVE" && mode !== "DISABLE") return;
      const also = mode === "PERMISSIVE" ? ", too" : ", and no others";
      yield { path, problem: `${mode} lets plain calls${of} in${also}`, fix: "Set {path} to STRICT." };
    });
  },
});
