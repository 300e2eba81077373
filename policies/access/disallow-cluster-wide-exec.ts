/** Nobody runs programs in other people's pods. */
import { among, isClusterWide, isResource, isRole, listed, rulesOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** What lets its account into containers, with the verbs that do; a web socket is opened by `get`. */
const ways: Readonly<Record<string, readonly string[]>> = {
  "pods/exec": ["create", "get"],
  "pods/attach": ["create", "get"],
  "pods/ephemeralcontainers": ["update", "patch"],
  "nodes/proxy": ["create", "get"],
};

/** Refuses a ClusterRole whose account may run programs in any pod. */
export const disallowClusterWideExec = defineRule({
  name: "access-disallow-cluster-wide-exec",
  severity: "high",
  level: "mandatory",
  title:
    "No role lets its account into the pods of every namespace: by exec, attach, ephemeral containers or a node's proxy.",
  why: "Whoever may run a program in any pod has whatever any pod has: its tokens, its files and its network.",
  fix: "Use a Role in the namespaces that matter.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isRole(object)) return;
    yield* each(rulesOf(object), function* (read) {
      const { path, groups, resources, verbs, named } = read();
      if (named || among(groups, [""]).length === 0) return;
      const [first] = resources.flatMap((word, place) => {
        const wanted = Object.entries(ways).flatMap(([resource, by]) =>
          isResource(word, resource) ? [...by, "*"] : [],
        );
        const by = verbs.filter((verb) => wanted.includes(verb));
        return by.length === 0 ? [] : [{ word, place, by }];
      });
      if (first === undefined || !isClusterWide(object, objects)) return;
      yield {
        path: `${path}.resources[${String(first.place)}]`,
        problem: `${listed(first.by)} on ${first.word} lets its account into every pod`,
        fix: "Move {path} to a Role in the namespaces that matter.",
      };
    });
  },
});
