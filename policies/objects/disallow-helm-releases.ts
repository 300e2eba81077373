/** Every object can be seen by the rules: none is made behind the engine's back. */
import { defineRule, noParameters } from "../lib/rule.ts";

/** Refuses a Helm release, whose objects the provider makes without telling the engine. */
export const disallowHelmReleases = defineRule({
  name: "objects-disallow-helm-releases",
  severity: "high",
  level: "mandatory",
  title: "No object is made by a Helm release of the provider.",
  why: "The engine sees one resource there, and none of the workloads in it, so that no rule is asked about them.",
  fix: "Render the chart in the program (helm.v4.Chart), which makes each object a resource.",
  sees: "object",
  notCel: "a release is a resource of the engine, and the API server is sent what is in it",
  parameters: noParameters,
  *check({ apiVersion, kind }) {
    if (!apiVersion.startsWith("helm.sh/") || kind !== "Release") return;
    yield {
      path: "chart",
      problem: "its objects are hidden from every rule",
      fix: "Render {path} in the program (helm.v4.Chart), which makes each object a resource.",
    };
  },
});
