/** The record of who talked to whom in the VPC. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import * as pulumi from "@pulumi/pulumi";
import { flowLogs, roleName } from "./name-plan.ts";
import { EksRole } from "./role.ts";
import { flowLogsPolicy, flowLogsTrust } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksFlowLogs}. */
export interface EksFlowLogsArgs {
  readonly config: Pick<EksConfig, "name" | "account" | "region" | "logRetentionDays" | "deletionProtection">;
  readonly vpcId: pulumi.Input<string>;
  /** The ARN of the key that encrypts them. */
  readonly keyArn: pulumi.Input<string>;
}

/** The record of who talked to whom in the VPC. */
export class EksFlowLogs extends pulumi.ComponentResource {
  public constructor(name: string, args: EksFlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksFlowLogs", name, {}, opts);
    const { config } = args;
    const group = new LogGroup(
      `${name}-log-group`,
      { name: flowLogs(config.name), retentionInDays: config.logRetentionDays, kmsKeyId: args.keyArn },
      { parent: this, protect: config.deletionProtection },
    );
    const writer = new EksRole(
      `${name}-writer`,
      {
        roleName: roleName(config, "flow-logs"),
        description: `Writes the flow logs of EKS cluster ${config.name}`,
        trust: flowLogsTrust(config),
        policy: flowLogsPolicy(config),
      },
      { parent: this },
    );
    new FlowLog(
      `${name}-vpc`,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: writer.arn,
        maxAggregationInterval: 60,
        tags: { Name: config.name },
      },
      { parent: this, dependsOn: [writer] },
    );
    this.registerOutputs({});
  }
}
