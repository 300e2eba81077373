/** Nobody writes the configuration of the controller that all share. */
import { given } from "../lib/cel/form.ts";
import { annotatedIngresses } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const annotations = "it.value.metadata.annotations";

/** Refuses annotations whose value becomes configuration of the ingress controller as it stands. */
export const disallowSnippets = celRule({
  name: "ingress-disallow-snippets",
  severity: "critical",
  level: "mandatory",
  title: "No Ingress has an annotation with a snippet of the controller's configuration.",
  why: "Whoever may write it reads every Secret that the controller may, which are those of all namespaces (CVE-2021-25742).",
  fix: "Use the annotation for what is wanted, or a filter of a route.",
  parameters: noParameters,
  about: annotatedIngresses,
  cel: () => ({
    checks: [
      {
        each: "whole",
        where: given(annotations),
        // The keys alone, since a value that is not known yet is as bad as any.
        keys: annotations,
        valid: '!key.matches("[-/]snippets?$")',
        path: 'metadata.annotations["{key}"]',
        problem: "{key} puts its text into the configuration of the controller",
        fix: "Remove {path}.",
      },
    ],
  }),
});
