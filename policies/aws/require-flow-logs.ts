/** Who talked to whom in a VPC can be read afterwards. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { awsType } from "../lib/aws/values.ts";
import { at } from "../lib/values.ts";

/** Refuses a stack with a VPC whose traffic is not all logged. */
export const requireFlowLogs: StackValidationPolicy = {
  name: "aws-require-flow-logs",
  description:
    "Every VPC logs its traffic, what is let in and what is not. Nobody can say afterwards who has called whom.",
  severity: "medium",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, reportViolation) => {
    const logs = resources.filter(
      ({ type, props }) => awsType(type) === "ec2:FlowLog" && at(props, "trafficType") === "ALL",
    );
    const logged = (vpc: string) =>
      logs.some(({ propertyDependencies }) => propertyDependencies["vpcId"]?.some(({ urn }) => urn === vpc) ?? false);
    for (const { type, urn, name } of resources) {
      if (awsType(type) !== "ec2:Vpc" || logged(urn)) continue;
      reportViolation(
        `The VPC ${name} has no flow log of ALL traffic, so an intrusion leaves no trace there. Add an aws.ec2.FlowLog with its vpcId.`,
        urn,
      );
    }
  },
};
