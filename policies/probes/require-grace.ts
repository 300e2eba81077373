/** What ends is given the time to. */
import { given, orElse } from "../lib/cel/form.ts";
import { isLongRunning } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const grace = orElse("variables.spec.terminationGracePeriodSeconds", "30");
const hook = "it.value.lifecycle.preStop";

/** Refuses pods that are killed at once, and hooks that sleep until the time is over. */
export const requireGrace = celRule({
  name: "probes-require-grace",
  severity: "medium",
  level: "mandatory",
  title: "A container that serves has time to end, and its preStop hook leaves some of it.",
  why: "Requests that it still answers are cut off: once the time is over the container is killed, whether or not it was ever told to end.",
  fix: "Raise terminationGracePeriodSeconds above what the hook and the last requests take.",
  parameters: noParameters,
  cel: () => ({
    variables: { grace },
    checks: [
      {
        each: "containers",
        where: `${isLongRunning} && has(it.value.ports) && size(it.value.ports) > 0`,
        valid: "variables.grace > 0",
        path: "{variables.path}.terminationGracePeriodSeconds",
        problem: "{it.who} has ports, and is killed at once when its pod is to end",
        fix: "Raise {path}, or leave it out.",
      },
      {
        each: "containers",
        where: given(`${hook}.sleep.seconds`),
        valid: `${hook}.sleep.seconds < variables.grace`,
        path: "{it.path}.lifecycle.preStop.sleep.seconds",
        problem: `{it.who} sleeps {${hook}.sleep.seconds} s before it is told to end, and is killed after {variables.grace} s`,
        fix: "Lower {path}, or raise terminationGracePeriodSeconds.",
      },
      {
        each: "containers",
        where: given(`${hook}.exec.command`),
        let: {
          sleep: `${hook}.exec.command.join(" ").find("sleep +[0-9]{1,6}[smh]?( |;|&|$)")`,
          digits: 'sleep.find("[0-9]+")',
          unit: 'sleep.matches("[0-9]h") ? 3600 : sleep.matches("[0-9]m") ? 60 : 1',
          seconds: 'digits == "" ? 0 : int(digits) * unit',
        },
        valid: "seconds == 0 || seconds < variables.grace",
        path: "{it.path}.lifecycle.preStop.exec.command",
        problem: "{it.who} sleeps {seconds} s before it is told to end, and is killed after {variables.grace} s",
        fix: "Sleep less in {path}, or raise terminationGracePeriodSeconds.",
      },
    ],
  }),
});
