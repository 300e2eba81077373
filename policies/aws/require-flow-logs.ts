/** Who talked to whom in a VPC can be read afterwards. */
import { awsType, notCel } from "../lib/aws/values.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/**
 * Refuses a VPC whose traffic is not all logged. Which VPC a log is of is what its `vpcId` comes from; where nothing is said
 * of that, as in a list of inputs alone, any log will do.
 */
export const requireFlowLogs = defineRule({
  name: "aws-require-flow-logs",
  severity: "medium",
  level: "mandatory",
  title: "Every VPC logs its traffic, what is let in and what is not.",
  why: "Nobody can say afterwards who has called whom.",
  fix: "Add an aws.ec2.FlowLog of ALL traffic with the VPC's vpcId.",
  sees: "stack",
  notCel,
  parameters: noParameters,
  *check(object, { objects }) {
    if (awsType(object) !== "ec2:Vpc") return;
    const logs = objects.ofKind("ec2:FlowLog").filter(({ value }) => at(value, "trafficType") === "ALL");
    const urn = object.source?.urn ?? "";
    if (logs.some(({ source }) => source?.uses === undefined || source.uses["vpcId"]?.includes(urn) === true)) return;
    yield {
      path: "",
      problem: "it has no flow log of ALL traffic, so an intrusion leaves no trace there",
      fix: "Add an aws.ec2.FlowLog with its vpcId.",
    };
  },
});
