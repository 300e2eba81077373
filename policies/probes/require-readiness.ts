/** What serves says when it is ready to. */
import { isLongRunning } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Advises against a container with TCP ports and without a readiness probe; behind a Service, another rule refuses it. */
export const requireReadiness = celRule({
  name: "probes-require-readiness",
  severity: "medium",
  level: "advisory",
  title: "Every container that runs on and has TCP ports has a readiness probe.",
  why: "A rollout otherwise goes on, and old pods end, while new ones are still starting or never answer.",
  fix: "Ask what the container needs to serve, and nothing of others.",
  parameters: noParameters,
  cel: () => ({
    checks: [
      {
        each: "containers",
        where: `${isLongRunning} && has(it.value.ports) && it.value.ports.exists(p, !has(p.protocol) || p.protocol == "TCP")`,
        valid: "has(it.value.readinessProbe)",
        path: "{it.path}.readinessProbe",
        problem: "{it.who} has ports and no readiness probe, so that it counts as ready before it answers",
        fix: "Set {path}.",
      },
    ],
  }),
});
