/** A pod has a token of the API server where it says that it needs one. */
import { serviceAccounts } from "../lib/access/rights.ts";
import { keyOf } from "../lib/lookup.ts";
import { elsewhere } from "../lib/lookup.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { property, text } from "../lib/values.ts";
import { workloadOf } from "../lib/workload.ts";

/** Refuses pods that get a token because nobody said anything, and tokens of the account that all pods share. */
export const requireDeclaredTokens = defineRule({
  name: "access-require-declared-tokens",
  severity: "medium",
  level: "mandatory",
  title: "Pods say whether they get a token of the API server, and those with one have an account of their own.",
  why: "Kubernetes puts a token into every pod otherwise: whoever breaks into it may ask the API server, as whoever that account is.",
  fix: "Set automountServiceAccountToken to false, or to true in the pod where its program calls the API server.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    const workload = workloadOf(object);
    if (workload === undefined || workload.spec === undefined || object.patch) return;
    const own = property(workload.spec, "automountServiceAccountToken");
    if (own === false) return;
    const account =
      text(property(workload.spec, "serviceAccountName")) ?? text(property(workload.spec, "serviceAccount"));
    const path = `${workload.path}.automountServiceAccountToken`;
    if (own === true) {
      if (account !== undefined && account !== "default") return;
      const problem = "it asks for a token of the ServiceAccount default, which every pod of the namespace shares";
      yield {
        path,
        problem,
        fix: `Set {path} to false, or name an account of its own in ${workload.path}.serviceAccountName.`,
      };
      return;
    }
    const namespace = namespaceOf(object);
    const [found] = serviceAccounts(objects).at(keyOf(namespace, account ?? "default"));
    if (found === undefined) serviceAccounts(objects).mustHaveRead(namespace);
    else if (elsewhere(found, () => property(found.value, "automountServiceAccountToken")) === false) return;
    const problem = `nothing says whether its pods get a token of the ServiceAccount ${account ?? "default"}, so that they do`;
    yield { path, problem, fix: "Set {path} to false, or to true where its program calls the API server." };
  },
});
