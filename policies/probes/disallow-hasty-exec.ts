/** A program that is started to ask is given the time to start. */
import { probeList, timing } from "../lib/cel/probes.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Advises against probes that start a program and give it a second, which is what is given where nothing is said. */
export const disallowHastyExec = celRule({
  name: "probes-disallow-hasty-exec",
  severity: "medium",
  level: "advisory",
  title: "A probe that starts a program gives it more than a second.",
  why: "A program starts in milliseconds until the node is busy; then the probe fails, and a restart makes the node busier.",
  fix: "Set timeoutSeconds to several seconds, or ask by HTTP, TCP or gRPC.",
  parameters: noParameters,
  cel: () => ({
    checks: probeList.map(({ name, probe }) => ({
      each: "containers",
      where: `has(${probe}) && has(${probe}.exec)`,
      valid: `${timing(probe).timeout} > 1`,
      path: `{it.path}.${name}Probe.timeoutSeconds`,
      problem: `{it.who} has a ${name} probe that starts a program and gives it a second`,
      fix: "Set {path} to several seconds.",
    })),
  }),
});
