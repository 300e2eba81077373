/** Nobody gives himself rights that he was not given. */
import { roles } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Verbs by which rights are taken, with what each of them is for. */
const verbs = {
  escalate: "write roles with rights of which it has none itself",
  bind: "bind roles with rights of which it has none itself",
  impersonate: "act as somebody else",
};

/** The words for making tokens, and what is more (k8s.io/component-helpers/auth/rbac/validation, ResourceMatches). */
const tokens = '["serviceaccounts/token", "*/token", "*"]';
const forAny = "(!has(it.value.resourceNames) || it.value.resourceNames.size() == 0)";

/** Refuses rules with verbs by which an account gets any rights, and those to make tokens of any account. */
export const disallowEscalation = celRule({
  name: "access-disallow-escalation",
  severity: "critical",
  level: "mandatory",
  title: "No role lets its account take further rights: by escalate, bind, impersonate, or tokens of other accounts.",
  why: "Each of them is as much as cluster-admin, and looks like much less.",
  fix: "Remove the verb; let who installs the stack write the roles.",
  parameters: noParameters,
  about: roles,
  cel: () => ({
    lists: { rules: "rules" },
    checks: [
      ...Object.entries(verbs).map(([verb, what]) => ({
        each: "rules",
        where: "has(it.value.verbs)",
        valid: `!("${verb}" in it.value.verbs)`,
        path: "{it.path}.verbs",
        problem: `${verb} lets its account ${what}`,
        fix: "Remove it from {path}.",
      })),
      {
        each: "rules",
        where: `variables.kind == "ClusterRole" && has(it.value.resources) && has(it.value.verbs) && ${forAny}`,
        valid: `!it.value.resources.exists(one, one in ${tokens}) || !it.value.verbs.exists(one, one in ["create", "*"])`,
        path: "{it.path}.resources",
        problem: "creating serviceaccounts/token lets its account act as any ServiceAccount",
        fix: "Name the accounts beside {path} in resourceNames.",
      },
    ],
  }),
});
