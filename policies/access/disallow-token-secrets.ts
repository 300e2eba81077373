/** Tokens end. */
import { groupOf } from "../lib/lookup.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { property } from "../lib/values.ts";

/** Refuses a Secret that Kubernetes fills with a token of a ServiceAccount that never ends. */
export const disallowTokenSecrets = defineRule({
  name: "access-disallow-token-secrets",
  severity: "high",
  level: "mandatory",
  title: "No Secret holds a token of a ServiceAccount.",
  why: "Such a token is good for as long as the Secret is there, for whoever has ever read it.",
  fix: "Let pods have theirs by a projected volume, and ask for others by `kubectl create token`, which end.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (object.kind !== "Secret" || groupOf(object) !== "") return;
    if (property(object.value, "type") !== "kubernetes.io/service-account-token") return;
    yield { path: "type", problem: "it holds a token that never ends", fix: "Remove it, and use tokens that end." };
  },
});
