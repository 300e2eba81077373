/** What a binding names is there. */
import { builtInRoles, isBinding, roleRefOf, roles, serviceAccounts, subjectsOf } from "../lib/access/rights.ts";
import { keyOf } from "../lib/lookup.ts";
import { namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** Tells of a binding whose role or ServiceAccount the stack does not make, though it makes the rest there. */
export const requireBindingTargets = defineRule({
  name: "access-require-binding-targets",
  severity: "medium",
  // Charts and operators bring roles that no stack shows.
  level: "advisory",
  title: "The role and the ServiceAccounts that a binding names are there.",
  why: "A name that is mistyped gives nobody anything, and the pod that needed it is refused at run time.",
  fix: "Correct the name, or make what it names.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isBinding(object)) return;
    const { kind, name } = roleRefOf(object);
    const namespaced = kind === "Role";
    const known = !namespaced && (builtInRoles.has(name) || name.startsWith("system:"));
    const key = namespaced ? keyOf(namespaceOf(object), name) : name;
    if (!known && roles(objects).at(key).length === 0) {
      roles(objects).mustHaveRead(namespaced ? namespaceOf(object) : undefined);
      const problem = `the stack makes no ${kind} ${name}${namespaced ? ` in ${namespaceOf(object)}` : ""}`;
      yield { path: "roleRef.name", problem, fix: "Correct {path}, or make what it names." };
    }
    yield* each(subjectsOf(object), function* (read) {
      const subject = read();
      if (subject.kind !== "ServiceAccount" || subject.name === "default" || !isOurs(subject.namespace, objects))
        return;
      if (serviceAccounts(objects).at(keyOf(subject.namespace, subject.name)).length > 0) return;
      serviceAccounts(objects).mustHaveRead(subject.namespace);
      const problem = `the stack makes no ServiceAccount ${subject.name} in ${subject.namespace}`;
      yield { path: `${subject.path}.name`, problem, fix: "Correct {path}, or make what it names." };
    });
  },
});

/** Whether a namespace is the stack's: it makes it, or accounts in it. */
const isOurs = (namespace: string, objects: Objects): boolean =>
  objects.named("Namespace", namespace) !== undefined || objects.inNamespace("ServiceAccount", namespace).length > 0;
