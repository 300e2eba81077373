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
      const used = resources.map((word) => {
        const way = Object.entries(ways).find(([resource]) => isResource(word, resource));
        return way === undefined ? [] : among(verbs, way[1]);
      });
      const place = used.findIndex((some) => some.length > 0);
      const [resource, by] = [resources[place], used[place]];
      if (resource === undefined || by === undefined || !isClusterWide(object, objects)) return;
      const problem = `${listed(by)} on ${resource} lets its account into every pod`;
      yield {
        path: `${path}.resources[${String(place)}]`,
        problem,
        fix: "Move {path} to a Role in the namespaces that matter.",
      };
    });
  },
});
