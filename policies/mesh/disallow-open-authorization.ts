/** A policy that allows says whom, or what. */
import { itemsOf } from "../lib/items.ts";
import { isKind } from "../lib/lookup.ts";
import { security } from "../lib/mesh/mesh.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, list, property } from "../lib/values.ts";

/** Refuses a rule that allows every call of everybody. */
export const disallowOpenAuthorization = defineRule({
  name: "mesh-disallow-open-authorization",
  severity: "critical",
  level: "mandatory",
  title: "No AuthorizationPolicy allows everything by an empty rule.",
  why: "A rule without from, to and when fits every call, so that the policy reads like a lock and is none.",
  fix: "Name who may call in `from`, or what in `to`; a policy without rules allows nothing.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isKind(object, security, "AuthorizationPolicy")) return;
    if ((property(property(object.value, "spec"), "action") ?? "ALLOW") !== "ALLOW") return;
    yield* each(itemsOf(at(object.value, "spec", "rules"), "spec.rules"), function* ({ path, read }) {
      const rule = read();
      if (["from", "to", "when"].some((key) => list(property(rule, key)).length > 0)) return;
      yield {
        path,
        problem: "an empty rule allows every call of everybody",
        fix: "Name in {path} who may call, or what.",
      };
    });
  },
});
