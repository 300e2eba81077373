/** Every call of a pod goes through its proxy. */
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { workloadOf } from "../lib/workload.ts";

const prefix = "traffic.sidecar.istio.io/";

/** Annotations that take something out, and those that leave out all that they do not name. */
const excluding = [
  "excludeOutboundPorts",
  "excludeOutboundIPRanges",
  "excludeInboundPorts",
  "excludeInterfaces",
] as const;
const including = ["includeOutboundIPRanges", "includeInboundPorts"] as const;

/** Refuses annotations by which calls go past the proxy of the mesh. */
export const disallowProxyBypass = defineRule({
  name: "mesh-disallow-proxy-bypass",
  severity: "high",
  level: "mandatory",
  title: "No annotation of a pod takes ports or addresses away from its proxy.",
  why: "What goes past it is neither encrypted nor asked who it is, and looks in no way different.",
  fix: "Remove the annotation. Let the mesh know of what is outside by a ServiceEntry.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    const workload = workloadOf(object);
    if (workload === undefined) return;
    const pathOf = (key: string) => `${workload.metadataPath}.annotations["${key}"]`;
    yield* each([...excluding, ...including], function* (word) {
      const key = prefix + word;
      const value = workload.annotation(key)?.trim();
      const excludes = word.startsWith("exclude");
      if (value === undefined || value === (excludes ? "" : "*")) return;
      const what = excludes ? value : value === "" ? "everything" : `everything but ${value}`;
      yield { path: pathOf(key), problem: `${word} lets ${what} go past the proxy`, fix: "Remove {path}." };
    });
    yield* each(["sidecar.istio.io/interceptionMode"], function* (key) {
      if (workload.annotation(key)?.toUpperCase() !== "NONE") return;
      yield {
        path: pathOf(key),
        problem: "interceptionMode NONE lets everything go past the proxy",
        fix: "Remove {path}.",
      };
    });
  },
});
