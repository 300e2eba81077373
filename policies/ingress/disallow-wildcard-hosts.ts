/** A name is one name. */
import { isRoute } from "../lib/ingress/gateways.ts";
import { hostOf, isIngress, rulesOf } from "../lib/ingress/ingresses.ts";
import { itemsOf } from "../lib/items.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, text } from "../lib/values.ts";

/** Refuses a host that is a pattern. */
export const disallowWildcardHosts = defineRule({
  name: "ingress-disallow-wildcard-hosts",
  severity: "medium",
  level: "mandatory",
  title: "No host of an Ingress or a route is a pattern.",
  why: "It takes the requests of names that others have, or will have, and of names that an attacker makes up.",
  fix: "Write the names, or exempt it with the reason.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    const rules = isIngress(object)
      ? rulesOf(object).map((rule) => ({ path: `${rule.path}.host`, read: () => hostOf(rule) }))
      : isRoute(object)
        ? itemsOf(at(object.value, "spec", "hostnames"), "spec.hostnames")
        : [];
    yield* each(rules, function* ({ path, read }) {
      const host = text(read()) ?? "";
      if (!host.includes("*")) return;
      yield {
        path,
        problem: `${host} stands for every name of that domain`,
        fix: "Write the names in the place of {path}.",
      };
    });
  },
});
