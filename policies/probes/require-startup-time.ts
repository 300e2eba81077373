/** What starts is given the time to. */
import { z } from "zod";
import { probes, timing } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";

const [start, alive] = [`it.value.${probes.startup}`, `it.value.${probes.liveness}`];
const until = (probe: string) => `(${timing(probe).delay} + ${timing(probe).patience})`;
const seconds = z.int().min(1, "must be a second or more");

/** Advises against liveness probes that restart what is still starting, and such that begin to ask very late. */
export const requireStartupTime = celRule({
  name: "probes-require-startup-time",
  severity: "medium",
  level: "advisory",
  title:
    "A container with a liveness probe has ten seconds or more to start, and is watched ten minutes later at most.",
  why: "On a busy node the start takes longer, and a container that is restarted in it never gets there; one that hangs is otherwise not noticed for long.",
  fix: "Give it a startup probe with as many failures as the slowest start needs, and no initial delay.",
  parameters: z
    .strictObject({
      /** The seconds from the start that a container has at least, before it is restarted. */
      least: seconds.default(10),
      /** The longest initial delay, in seconds. */
      longestDelay: seconds.default(600),
    })
    .prefault({}),
  cel: ({ least, longestDelay }) => ({
    checks: [
      {
        each: "containers",
        where: `has(${alive}) && !has(${start})`,
        valid: `${until(alive)} >= ${String(least)}`,
        path: "{it.path}.livenessProbe",
        problem: `{it.who} is restarted {${until(alive)}} s after its start unless it answers by then`,
        fix: "Add a startupProbe beside {path}.",
      },
      {
        each: "containers",
        where: `has(${start})`,
        valid: `${until(start)} >= ${String(least)}`,
        path: "{it.path}.startupProbe",
        problem: `{it.who} is restarted {${until(start)}} s after its start unless it answers by then`,
        fix: "Raise failureThreshold in {path}.",
      },
      {
        each: "containers",
        valid: `${timing(alive).delay} <= ${String(longestDelay)}`,
        path: "{it.path}.livenessProbe.initialDelaySeconds",
        problem: `{it.who} is not watched in its first {${timing(alive).delay}} s`,
        fix: "Replace {path} by a startupProbe, which ends once the container answers.",
      },
    ],
  }),
});
