/** A cluster does not go by one wrong word. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { awsType, isTrue } from "../lib/aws/values.ts";
import { at } from "../lib/values.ts";

/** Refuses an EKS cluster that AWS would delete at once. */
export const requireDeletionProtection: ResourceValidationPolicy = {
  name: "aws-require-deletion-protection",
  description: "Every EKS cluster has deletion protection. A cluster that is deleted by mistake does not come back.",
  severity: "medium",
  // To delete a cluster on purpose, its protection is taken away first, and that has to be possible.
  enforcementLevel: "advisory",
  validateResource: ({ type, props }, reportViolation) => {
    if (awsType(type) !== "eks:Cluster" || isTrue(at(props, "deletionProtection"))) return;
    reportViolation(
      "The EKS cluster has no deletion protection, so one call deletes it. Set deletionProtection to true, unless it is to go.",
    );
  },
};
