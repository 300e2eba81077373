/** Nobody in the mesh is let in without a name. */
import { given, orElse } from "../lib/cel/form.ts";
import { peerAuthentications } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const ports = "it.value.spec.portLevelMtls";

/** What holds of a mode. */
const strict = (mode: string, path: string, where: string) => ({
  valid: `!(${mode} in ["PERMISSIVE", "DISABLE"])`,
  path,
  problem: `{${mode}} lets plain calls${where} in{${mode} == "PERMISSIVE" ? ", too" : ", and no others"}`,
  fix: "Set {path} to STRICT.",
});

/** Refuses a PeerAuthentication that lets plain calls in, to all ports or to one. */
export const disallowWeakerMtls = celRule({
  name: "mesh-disallow-weaker-mtls",
  severity: "high",
  level: "mandatory",
  title: "No PeerAuthentication says PERMISSIVE or DISABLE, for pods or for a port.",
  why: "It opens what is STRICT elsewhere to whoever is in the cluster: without a name, and readable on the way.",
  fix: "Say STRICT, or leave the mode out. Where a caller has no sidecar, exempt its port with the reason.",
  parameters: noParameters,
  about: peerAuthentications,
  cel: () => ({
    checks: [
      { each: "whole", ...strict(orElse("it.value.spec.mtls.mode", '""'), "spec.mtls.mode", "") },
      {
        each: "whole",
        where: given(ports),
        keys: ports,
        ...strict(
          `(has(${ports}[key].mode) ? ${ports}[key].mode : "")`,
          "spec.portLevelMtls.{key}.mode",
          " to port {key}",
        ),
      },
    ],
  }),
});
