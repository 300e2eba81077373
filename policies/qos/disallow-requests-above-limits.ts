/** What is promised is never more than what may be taken: in a container, in the pod, and in the one of the other. */
import type { Check } from "../lib/cel/form.ts";
import { orElse } from "../lib/cel/form.ts";
import { amount, approximate, has, room, shown, together } from "../lib/cel/quantities.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** That one amount is no more than another, where both are there and are amounts. */
const within = (one: string, isThere: string, other: string) =>
  `!(${isThere} && isQuantity(string(${one})) && isQuantity(string(${other}))) || !quantity(string(${one})).isGreaterThan(quantity(string(${other})))`;

const own = (side: string) => amount("it.value", side, "key");

const withinLimits: Omit<Check, "each"> = {
  keys: orElse("it.value.resources.requests", "{}"),
  valid: within(own("requests"), has("it.value", "limits", "key"), own("limits")),
  path: "{it.path}.resources.requests.{key}",
  problem: "{it.who} requests more {key} than its limit, which the API server refuses",
  fix: "Lower {path} or raise {it.path}.resources.limits.{key}.",
};

const isCounted = 'it.role != "ephemeral"';

/** Refuses requests above limits, as the API server does: for a Deployment it would only do so once pods are made. */
export const disallowRequestsAboveLimits = celRule({
  name: "qos-disallow-requests-above-limits",
  severity: "high",
  level: "mandatory",
  title: "No request is above its limit, and what containers request together fits into what their pod requests.",
  why: "The API server takes the workload and then refuses every pod of it, which only its events say.",
  fix: "Lower the request or raise the limit.",
  parameters: noParameters,
  cel: () => ({
    checks: [
      { each: "containers", where: isCounted, ...withinLimits },
      { each: "pod", ...withinLimits },
      {
        each: "pod",
        keys: orElse("it.value.resources.requests", "{}"),
        valid: `${together("requests", "key")} <= ${approximate(own("requests"))} * ${room}`,
        path: "{it.path}.resources.requests.{key}",
        problem: `the containers request {${shown("key", together("requests", "key"))}} of {key} together, more than the {${shown("key", approximate(own("requests")))}} of their pod, which the API server refuses`,
        fix: "Raise {path}, or lower what the containers request.",
      },
      {
        each: "containers",
        where: isCounted,
        keys: orElse("it.value.resources.limits", "{}"),
        valid: within(own("limits"), has("variables.spec", "limits", "key"), amount("variables.spec", "limits", "key")),
        path: "{it.path}.resources.limits.{key}",
        problem: `{it.who} is limited to {${shown("key", approximate(own("limits")))}} of {key}, more than the {${shown("key", approximate(amount("variables.spec", "limits", "key")))}} of its pod, which the API server refuses`,
        fix: "Lower {path}, or raise the pod's limit.",
      },
    ],
  }),
});
