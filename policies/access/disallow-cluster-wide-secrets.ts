/** Secrets are read by those whose they are. */
import { among, isClusterWide, isResource, isRole, listed, rulesOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** What is answered with what they hold: a patch that changes nothing, and the removal of many, are answered so, too. */
const reading = ["get", "list", "watch", "patch", "deletecollection"];

/** Refuses a ClusterRole that reads the Secrets of all namespaces. */
export const disallowClusterWideSecrets = defineRule({
  name: "access-disallow-cluster-wide-secrets",
  severity: "high",
  level: "mandatory",
  title: "No role reads the Secrets of every namespace.",
  why: "With them go the tokens, certificates and passwords of everybody else in the cluster.",
  fix: "Use a Role in the namespaces that matter, or name the Secrets in resourceNames.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isRole(object)) return;
    yield* each(rulesOf(object), function* (read) {
      const { path, groups, resources, verbs, named } = read();
      const place = resources.findIndex((word) => isResource(word, "secrets"));
      const reads = among(verbs, reading);
      if (place < 0 || named || reads.length === 0 || among(groups, [""]).length === 0) return;
      if (!isClusterWide(object, objects)) return;
      const problem = `${listed(reads)} on ${resources[place] === "*" ? "* reads the Secrets" : "secrets reads those"} of every namespace`;
      const fix = "Move {path} to a Role, or name the Secrets beside it in resourceNames.";
      yield { path: `${path}.resources[${String(place)}]`, problem, fix };
    });
  },
});
