/** Nobody is given everything. */
import { isBinding, isEverything, roleRefOf, roles, rulesOf } from "../lib/access/rights.ts";
import { elsewhere, keyOf } from "../lib/lookup.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/** Refuses a binding to cluster-admin, or to a role of the stack that allows as much. */
export const disallowClusterAdmin = defineRule({
  name: "access-disallow-cluster-admin",
  severity: "critical",
  level: "mandatory",
  title: "No binding gives the rights of cluster-admin.",
  why: "Whoever breaks into one pod of such an account has the whole cluster, or all of the namespace.",
  fix: "Bind a role of its own that names what the account uses.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isBinding(object)) return;
    const { kind, name } = roleRefOf(object);
    const path = "roleRef.name";
    const fix = "Name in {path} a role that allows no more than what is used.";
    if (kind === "ClusterRole" && name === "cluster-admin") {
      const where =
        object.kind === "ClusterRoleBinding" ? "in the whole cluster" : `in namespace ${namespaceOf(object)}`;
      yield { path, problem: `cluster-admin may do everything ${where}`, fix };
      return;
    }
    const all = roles(objects).at(kind === "Role" ? keyOf(namespaceOf(object), name) : name);
    const open = all.some((role) =>
      elsewhere(role, () =>
        rulesOf(role).some((read) => {
          const { groups, resources, verbs } = read();
          return groups.includes("*") && resources.includes("*") && isEverything(verbs);
        }),
      ),
    );
    if (open) yield { path, problem: `${kind} ${name} allows everything, as cluster-admin does`, fix };
  },
});
