/** Rights are those of an account that one workload has. */
import { isBinding, subjectsOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** Refuses a binding to the account of all pods that name none. */
export const disallowDefaultAccount = defineRule({
  name: "access-disallow-default-account",
  severity: "high",
  level: "mandatory",
  title: "No binding names a ServiceAccount default.",
  why: "Every pod that names no account has that one, also those of tomorrow.",
  fix: "Make an account for the workload that needs the rights, and name it in both.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isBinding(object)) return;
    yield* each(subjectsOf(object), function* (read) {
      const { path, kind, name, namespace } = read();
      if (kind !== "ServiceAccount" || name !== "default") return;
      const problem = `every pod of namespace ${namespace} that names no account has the ServiceAccount default`;
      yield { path: `${path}.name`, problem, fix: "Name in {path} an account of its own." };
    });
  },
});
