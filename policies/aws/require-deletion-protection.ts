/** A cluster does not go by one wrong word. */
import { awsType, isTrue, notCel } from "../lib/aws/values.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Refuses an EKS cluster that AWS would delete at once. */
export const requireDeletionProtection = defineRule({
  name: "aws-require-deletion-protection",
  severity: "medium",
  // To delete a cluster on purpose, its protection is taken away first, and that has to be possible.
  level: "advisory",
  title: "Every EKS cluster has deletion protection.",
  why: "A cluster that is deleted by mistake does not come back.",
  fix: "Set deletionProtection to true, unless the cluster is to go.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    if (awsType(object) !== "eks:Cluster" || isTrue(at(object.value, "deletionProtection"))) return;
    yield {
      path: "deletionProtection",
      problem: "it has no deletion protection, so one call deletes it",
      fix: "Set {path} to true, unless it is to go.",
    };
  },
});
