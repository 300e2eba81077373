/** Pods do not take a node's credentials from its metadata service. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType } from "../lib/aws/values.ts";
import { at } from "../lib/values.ts";

/** What the metadata service of a machine has to be, and what happens otherwise. */
const expected = [
  [
    "httpTokens",
    "required",
    "The machine answers metadata requests without a session, so a pod that can be made to fetch a URL gives its credentials away.",
  ],
  ["httpPutResponseHopLimit", 1, "The machine's metadata reach further than itself, so pods get the node's role."],
] as const;

/**
 * Refuses machines whose metadata service answers without a session (version 1), or to more than one network hop, which
 * is how a pod that is not on the node's own network would ask.
 */
export const requireImdsv2: ResourceValidationPolicy = {
  name: "aws-require-imdsv2",
  description:
    "Machines answer metadata requests of version 2 only, and to themselves only. A pod that can be made to fetch a URL otherwise gives away its node's credentials.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    const kind = awsType(type);
    if (kind === "ec2:LaunchConfiguration") {
      reportViolation("A launch configuration cannot say all that a node needs. Use an aws.ec2.LaunchTemplate.");
    }
    if (kind !== "ec2:LaunchTemplate" && kind !== "ec2:Instance") return;
    const options = at(props, "metadataOptions");
    if (at(options, "httpEndpoint") === "disabled") return;
    judgeAll(expected, ([property, wanted, why]) => {
      if (at(options, property) === wanted) return;
      reportViolation(`${why} Set metadataOptions.${property} to ${String(wanted)}.`);
    });
  },
};
