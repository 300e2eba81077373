/** What takes a pod out of service does not restart it at once. */
import { asked, probes, timing } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const [ready, alive] = [`it.value.${probes.readiness}`, `it.value.${probes.liveness}`];

/** Refuses a liveness probe that asks what the readiness probe asks, and restarts no later than that takes the pod out. */
export const disallowIdenticalLiveness = celRule({
  name: "probes-disallow-identical-liveness",
  severity: "high",
  level: "mandatory",
  title: "A liveness probe asks something else than the readiness probe, or waits longer.",
  why: "Under load, or while something that it needs is away, a pod is restarted otherwise where a pause would do, and all pods at once.",
  fix: "Ask for less in the liveness probe, or let it fail more often before it restarts.",
  parameters: noParameters,
  cel: () => ({
    checks: [
      {
        each: "containers",
        where: `has(${ready}) && has(${alive})`,
        valid: `${asked(ready)} != ${asked(alive)} || ${timing(alive).patience} > ${timing(ready).patience}`,
        path: "{it.path}.livenessProbe",
        problem: `{it.who} is restarted after {${timing(alive).patience}} s by the same probe that takes it out of service after {${timing(ready).patience}} s`,
        fix: "Ask something else in {path}, or raise its failureThreshold.",
      },
    ],
  }),
});
