/** A port that a probe calls by its name is one of its container. */
import { given } from "../lib/cel/form.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const places = [
  ...["readinessProbe", "livenessProbe", "startupProbe"].flatMap((probe) => [`${probe}.httpGet`, `${probe}.tcpSocket`]),
  "lifecycle.preStop.httpGet",
  "lifecycle.postStart.httpGet",
];

/** Refuses probes and hooks that call a port by a name that their container does not give. */
export const requireNamedPorts = celRule({
  name: "probes-require-named-ports",
  severity: "high",
  level: "mandatory",
  title: "A port that a probe or a hook calls by its name is a port of the same container.",
  why: "The API server takes the workload, and the kubelet fails every such probe: the pod is never ready, or is restarted for ever.",
  fix: "Correct the name, or name the port in the container's ports.",
  parameters: noParameters,
  cel: () => ({
    checks: places.map((place) => {
      const port = `it.value.${place}.port`;
      return {
        each: "containers",
        where: `${given(port)} && type(${port}) == string`,
        valid: `${port}.matches("^[0-9]+$") || (has(it.value.ports) && it.value.ports.exists(p, has(p.name) && p.name == ${port}))`,
        path: `{it.path}.${place}.port`,
        problem: `{it.who} has no port of the name "{${port}}"`,
        fix: "Correct {path}, or name the port in {it.path}.ports.",
      };
    }),
  }),
});
