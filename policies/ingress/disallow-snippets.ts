/** Nobody writes the configuration of the controller that all share. */
import { isIngress } from "../lib/ingress/ingresses.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Refuses annotations whose value becomes configuration of the ingress controller as it stands. */
export const disallowSnippets = defineRule({
  name: "ingress-disallow-snippets",
  severity: "critical",
  level: "mandatory",
  title: "No Ingress has an annotation with a snippet of the controller's configuration.",
  why: "Whoever may write it reads every Secret that the controller may, which are those of all namespaces (CVE-2021-25742).",
  fix: "Use the annotation for what is wanted, or a filter of a route.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isIngress(object)) return;
    const keys = keysOf(object.value).filter((key) => /[-/]snippets?$/.test(key));
    yield* each(keys, function* (key) {
      yield {
        path: `metadata.annotations["${key}"]`,
        problem: `${key} puts its text into the configuration of the controller`,
        fix: "Remove {path}.",
      };
    });
  },
});

/** The keys alone, since a value that is not known yet is as bad as any. */
const keysOf = (value: unknown): readonly string[] => {
  const annotations = at(value, "metadata", "annotations");
  return typeof annotations === "object" && annotations !== null ? Object.keys(annotations) : [];
};
