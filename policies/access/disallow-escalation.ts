/** Nobody gives himself rights that he was not given. */
import { among, isResource, isRole, listed, rulesOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** Verbs by which rights are taken, with what each of them is for. */
const verbs = {
  escalate: "write roles with rights of which it has none itself",
  bind: "bind roles with rights of which it has none itself",
  impersonate: "act as somebody else",
} as const;
const escalating = Object.keys(verbs) as (keyof typeof verbs)[]; // the literal's own keys

/** Refuses rules with verbs by which an account gets any rights, and those to make tokens of any account. */
export const disallowEscalation = defineRule({
  name: "access-disallow-escalation",
  severity: "critical",
  level: "mandatory",
  title: "No role lets its account take further rights: by escalate, bind, impersonate, or tokens of other accounts.",
  why: "Each of them is as much as cluster-admin, and looks like much less.",
  fix: "Remove the verb; let who installs the stack write the roles.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isRole(object)) return;
    yield* each(rulesOf(object), function* (read) {
      const rule = read();
      const found = escalating.filter((verb) => rule.verbs.includes(verb));
      if (found.length > 0) {
        const problem = `${listed(found)} lets its account ${listed(found.map((verb) => verbs[verb]))}`;
        yield { path: `${rule.path}.verbs`, problem, fix: "Remove it from {path}." };
      }
      const tokens =
        rule.resources.some((word) => isResource(word, "serviceaccounts/token")) &&
        among(rule.verbs, ["create"]).length > 0;
      if (tokens && object.kind === "ClusterRole" && !rule.named) {
        const problem = "creating serviceaccounts/token lets its account act as any ServiceAccount";
        yield { path: `${rule.path}.resources`, problem, fix: "Name the accounts beside {path} in resourceNames." };
      }
    });
  },
});
