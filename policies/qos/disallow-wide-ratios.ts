/** What may be taken stays near what is promised, so that a node that is full is not promised many times over. */
import { z } from "zod";
import { amount, approximate, double, has, room } from "../lib/cel/quantities.ts";
import { celRule } from "../lib/cel/rule.ts";

const atLeastOne = z.number().min(1, "must be 1 or more: a limit is never below its request");

/** Refuses a container whose limit is many times what it requests. */
export const disallowWideRatios = celRule({
  name: "qos-disallow-wide-ratios",
  severity: "medium",
  level: "mandatory",
  title: "No container may take many times what it requests: cpu up to 50 times, memory up to 4 times.",
  why: "Nodes are filled by requests: where all take their limits at once, cpu is throttled and memory is taken from pods by killing them.",
  fix: "Request what is used on most days, and limit to what is needed on the worst.",
  /** How many times its request a container's limit may be. */
  parameters: z.strictObject({ cpu: atLeastOne.default(50), memory: atLeastOne.default(4) }).prefault({}),
  cel: (times) => ({
    checks: (["cpu", "memory"] as const).map((resource) => {
      const of = (side: string) =>
        `(${has("it.value", side, `"${resource}"`)} ? ${approximate(amount("it.value", side, `"${resource}"`))} : 0.0)`;
      return {
        each: "containers",
        let: { request: of("requests"), limit: of("limits") },
        valid: `request <= 0.0 || limit <= request * ${double(times[resource])} * ${room}`,
        path: `{it.path}.resources.requests.${resource}`,
        problem: `{it.who} may take {${tenths}} times the ${resource} that it requests, above the ${String(times[resource])} times that are allowed`,
        fix: `Raise {path} or lower {it.path}.resources.limits.${resource}.`,
      } as const;
    }),
  }),
});

const rounded = "int(limit / request * 10.0 + 0.5)";
const tenths = `limit / request > 1e15 ? "very many" : string(${rounded} / 10) + (${rounded} % 10 == 0 ? "" : "." + string(${rounded} % 10))`;
