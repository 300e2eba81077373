/** Tokens end. */
import { orElse } from "../lib/cel/form.ts";
import { secrets } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Refuses a Secret that Kubernetes fills with a token of a ServiceAccount that never ends. */
export const disallowTokenSecrets = celRule({
  name: "access-disallow-token-secrets",
  severity: "high",
  level: "mandatory",
  title: "No Secret holds a token of a ServiceAccount.",
  why: "Such a token is good for as long as the Secret is there, for whoever has ever read it.",
  fix: "Let pods have theirs by a projected volume, and ask for others by `kubectl create token`, which end.",
  parameters: noParameters,
  about: secrets,
  cel: () => ({
    checks: [
      {
        each: "whole",
        valid: `${orElse("it.value.type", '""')} != "kubernetes.io/service-account-token"`,
        path: "type",
        problem: "it holds a token that never ends",
        fix: "Remove it, and use tokens that end.",
      },
    ],
  }),
});
