/** A name is one name. */
import { hosts } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** What holds of a host, which is somewhere in a list. */
const oneName = (host: string, path: string) => ({
  valid: `!${host}.contains("*")`,
  path,
  problem: `{${host}} stands for every name of that domain`,
  fix: "Write the names in the place of {path}.",
});

/** Refuses a host that is a pattern. */
export const disallowWildcardHosts = celRule({
  name: "ingress-disallow-wildcard-hosts",
  severity: "medium",
  level: "mandatory",
  title: "No host of an Ingress or a route is a pattern.",
  why: "It takes the requests of names that others have, or will have, and of names that an attacker makes up.",
  fix: "Write the names, or exempt it with the reason.",
  parameters: noParameters,
  about: hosts,
  cel: () => ({
    lists: { rules: "spec.rules", hostnames: "spec.hostnames" },
    checks: [
      { each: "rules", where: "has(it.value.host)", ...oneName("it.value.host", "{it.path}.host") },
      { each: "hostnames", ...oneName("it.value", "{it.path}") },
    ],
  }),
});
