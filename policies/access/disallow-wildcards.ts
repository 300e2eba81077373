/** A role names what it is for. */
import { roles } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const parts = {
  verbs: "every verb",
  resources: "every resource",
  apiGroups: "every API group",
  nonResourceURLs: "every path of the API server",
};

/** Refuses a rule of a role that stands for all verbs, resources or API groups, also those of tomorrow. */
export const disallowWildcards = celRule({
  name: "access-disallow-wildcards",
  severity: "high",
  level: "mandatory",
  title: "No Role or ClusterRole allows all verbs, all resources or all API groups.",
  why: "Nobody knows what such a role allows: Secrets and exec are in it, and whatever is installed tomorrow.",
  fix: "Write down the verbs and resources that are used.",
  parameters: noParameters,
  about: roles,
  cel: () => ({
    lists: { rules: "rules" },
    checks: Object.entries(parts).map(([part, what]) => ({
      each: "rules",
      where: `has(it.value.${part})`,
      valid: `!it.value.${part}.exists(word, word in ["*", "*/*", "/*"])`,
      path: `{it.path}.${part}`,
      problem: `it allows ${what}`,
      fix: "Name in {path} what is used.",
    })),
  }),
});
