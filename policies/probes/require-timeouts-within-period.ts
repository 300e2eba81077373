/** A probe has its answer before it asks again. */
import { probeList, timing } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const asking = probeList.filter(({ name }) => name !== "startup");

/**
 * Advises against probes that wait longer for an answer than until they ask again. Startup probes may: they ask often to
 * be done soon, and end with the first answer.
 */
export const requireTimeoutsWithinPeriod = celRule({
  name: "probes-require-timeouts-within-period",
  severity: "low",
  level: "advisory",
  title: "A readiness or liveness probe waits no longer for an answer than until it asks again.",
  why: "Probes of a container do not overlap: one that waits longer asks less often than it says, and failures are noticed later.",
  fix: "Lower timeoutSeconds, or raise periodSeconds.",
  parameters: noParameters,
  cel: () => ({
    checks: asking.map(({ name, probe }) => ({
      each: "containers",
      valid: `${timing(probe).timeout} <= ${timing(probe).period}`,
      path: `{it.path}.${name}Probe.timeoutSeconds`,
      problem: `{it.who} has a ${name} probe that waits {${timing(probe).timeout}} s for an answer, and asks every {${timing(probe).period}} s`,
      fix: `Lower {path}, or raise {it.path}.${name}Probe.periodSeconds.`,
    })),
  }),
});
