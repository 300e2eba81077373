/** A policy that allows says whom, or what. */
import { orElse } from "../lib/cel/form.ts";
import { authorizationPolicies } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const some = (key: string) => `(has(it.value.${key}) && it.value.${key}.size() > 0)`;

/** Refuses a rule that allows every call of everybody. */
export const disallowOpenAuthorization = celRule({
  name: "mesh-disallow-open-authorization",
  severity: "critical",
  level: "mandatory",
  title: "No AuthorizationPolicy allows everything by an empty rule.",
  why: "A rule without from, to and when fits every call, so that the policy reads like a lock and is none.",
  fix: "Name who may call in `from`, or what in `to`; a policy without rules allows nothing.",
  parameters: noParameters,
  about: authorizationPolicies,
  cel: () => ({
    lists: { rules: "spec.rules" },
    checks: [
      {
        each: "rules",
        where: `${orElse("variables.object.spec.action", '"ALLOW"')} == "ALLOW"`,
        valid: ["from", "to", "when"].map(some).join(" || "),
        path: "{it.path}",
        problem: "an empty rule allows every call of everybody",
        fix: "Name in {path} who may call, or what.",
      },
    ],
  }),
});
