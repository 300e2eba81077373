/** Every call of a pod goes through its proxy. */
import { orElse, quoted } from "../lib/cel/form.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const traffic = "traffic.sidecar.istio.io/";

/** Annotations that take something out, and those that leave out all that they do not name. */
const excluding = ["excludeOutboundPorts", "excludeOutboundIPRanges", "excludeInboundPorts", "excludeInterfaces"];
const including = ["includeOutboundIPRanges", "includeInboundPorts"];

/** What holds of the annotations of the pods with a prefix; `passes` and `problem` see the `value` of `key`. */
const annotated = (prefix: string, words: readonly string[], passes: string, problem: string) => {
  const name = `(${quoted(prefix)} + key)`;
  const value = `annotations[${name}].trim()`;
  return {
    each: "pod",
    let: { annotations: orElse("variables.template.metadata.annotations", "{}") },
    keys: `[${words.map(quoted).join(", ")}]`,
    valid: `!(${name} in annotations) || ${passes.replaceAll("value", value)}`,
    path: `{variables.metadataPath}.annotations["${prefix}{key}"]`,
    problem: problem.replaceAll("value", value),
    fix: "Remove {path}.",
  };
};

/** Refuses annotations by which calls go past the proxy of the mesh. */
export const disallowProxyBypass = celRule({
  name: "mesh-disallow-proxy-bypass",
  severity: "high",
  level: "mandatory",
  title: "No annotation of a pod takes ports or addresses away from its proxy.",
  why: "What goes past it is neither encrypted nor asked who it is, and looks in no way different.",
  fix: "Remove the annotation. Let the mesh know of what is outside by a ServiceEntry.",
  parameters: noParameters,
  cel: () => ({
    checks: [
      annotated(
        traffic,
        excluding,
        // The proxy's own ports, which the mesh itself names there, never go to it.
        'value.split(",").all(one, one.trim() in ["", "15020", "15021", "15090"])',
        "{key} lets {value} go past the proxy",
      ),
      annotated(
        traffic,
        including,
        'value == "*"',
        '{key} lets {value == "" ? "everything" : "everything but " + value} go past the proxy',
      ),
      annotated(
        "sidecar.istio.io/",
        ["interceptionMode"],
        'value.upperAscii() != "NONE"',
        "{key} NONE lets everything go past the proxy",
      ),
    ],
  }),
});
