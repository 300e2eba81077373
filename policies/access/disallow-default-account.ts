/** Rights are those of an account that one workload has. */
import { bindings } from "../lib/cel/kinds.ts";
import { orElse } from "../lib/cel/form.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const own = orElse("variables.object.metadata.namespace", '"default"');
const namespace = orElse("it.value.namespace", own);

/** Refuses a binding to the account of all pods that name none. */
export const disallowDefaultAccount = celRule({
  name: "access-disallow-default-account",
  severity: "high",
  level: "mandatory",
  title: "No binding names a ServiceAccount default.",
  why: "Every pod that names no account has that one, also those of tomorrow.",
  fix: "Make an account for the workload that needs the rights, and name it in both.",
  parameters: noParameters,
  about: bindings,
  cel: () => ({
    lists: { subjects: "subjects" },
    checks: [
      {
        each: "subjects",
        where: `${orElse("it.value.kind", '""')} == "ServiceAccount"`,
        valid: `${orElse("it.value.name", '""')} != "default"`,
        path: "{it.path}.name",
        problem: `every pod of namespace {${namespace}} that names no account has the ServiceAccount default`,
        fix: "Name in {path} an account of its own.",
      },
    ],
  }),
});
