/** Rights are given to somebody, not to everybody. */
import { isBinding, subjectsOf } from "../lib/access/rights.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** Users and groups that are no one in particular, with who they are; their names are the API server's own. */
const everybody: ReadonlyMap<string, string> = new Map([
  ["system:anonymous", "whoever reaches the API server"],
  ["system:unauthenticated", "whoever reaches the API server"],
  ["system:authenticated", "everybody with any account, every pod among them"],
  ["system:serviceaccounts", "every pod of every namespace"],
  ["system:masters", "a group whose rights nobody can take away"],
]);

/** Refuses a binding to users and groups that stand for everybody. */
export const disallowPublicSubjects = defineRule({
  name: "access-disallow-public-subjects",
  severity: "critical",
  level: "mandatory",
  title: "No binding names system:anonymous, or a group of everybody.",
  why: "Such rights are those of strangers: of anonymous callers where the API server lets them in, and of every pod.",
  fix: "Name the accounts that need them.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isBinding(object)) return;
    yield* each(subjectsOf(object), function* (read) {
      const { path, kind, name } = read();
      const who = kind === "ServiceAccount" ? undefined : everybody.get(name);
      if (who === undefined) return;
      yield { path: `${path}.name`, problem: `${kind} ${name} is ${who}`, fix: "Name in {path} who needs it." };
    });
  },
});
