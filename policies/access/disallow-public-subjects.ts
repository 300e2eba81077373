/** Rights are given to somebody, not to everybody. */
import { orElse, quoted } from "../lib/cel/form.ts";
import { bindings } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Users and groups that are no one in particular, with who they are; their names are the API server's own. */
const everybody = [
  ["system:anonymous", "whoever reaches the API server"],
  ["system:unauthenticated", "whoever reaches the API server"],
  ["system:authenticated", "everybody with any account, every pod among them"],
  ["system:serviceaccounts", "every pod of every namespace"],
  ["system:masters", "a group whose rights nobody can take away"],
];

/** Refuses a binding to users and groups that stand for everybody. */
export const disallowPublicSubjects = celRule({
  name: "access-disallow-public-subjects",
  severity: "critical",
  level: "mandatory",
  title: "No binding names system:anonymous, or a group of everybody.",
  why: "Such rights are those of strangers: of anonymous callers where the API server lets them in, and of every pod.",
  fix: "Name the accounts that need them.",
  parameters: noParameters,
  about: bindings,
  cel: () => ({
    lists: { subjects: "subjects" },
    variables: { everybody: `{${everybody.map((one) => one.map(quoted).join(": ")).join(", ")}}` },
    checks: [
      {
        each: "subjects",
        where: `${orElse("it.value.kind", '""')} != "ServiceAccount" && has(it.value.name)`,
        valid: "!(it.value.name in variables.everybody)",
        path: "{it.path}.name",
        problem: `{${orElse("it.value.kind", '""')}} {it.value.name} is {variables.everybody[it.value.name]}`,
        fix: "Name in {path} who needs it.",
      },
    ],
  }),
});
