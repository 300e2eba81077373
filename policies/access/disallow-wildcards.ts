/** A role names what it is for. */
import { isRole, listed, rulesOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

const parts = [
  ["verbs", "verbs", "every verb"],
  ["resources", "resources", "every resource"],
  ["groups", "apiGroups", "every API group"],
  ["urls", "nonResourceURLs", "every path of the API server"],
] as const;

/** Refuses a rule of a role that stands for all verbs, resources or API groups, also those of tomorrow. */
export const disallowWildcards = defineRule({
  name: "access-disallow-wildcards",
  severity: "high",
  level: "mandatory",
  title: "No Role or ClusterRole allows all verbs, all resources or all API groups.",
  why: "Nobody knows what such a role allows: Secrets and exec are in it, and whatever is installed tomorrow.",
  fix: "Write down the verbs and resources that are used.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isRole(object)) return;
    yield* each(rulesOf(object), function* (read) {
      const rule = read();
      const wild = parts.filter(([part]) => rule[part].some((word) => word === "*" || word === "*/*" || word === "/*"));
      const [first] = wild;
      if (first === undefined) return;
      const path = `${rule.path}.${first[1]}`;
      const problem = `it allows ${listed(wild.map(([, , what]) => what))}`;
      yield { path, problem, fix: "Name in {path} what is used." };
    });
  },
});
