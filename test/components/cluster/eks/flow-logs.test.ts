import { EksFlowLogs } from "../../../../components/cluster/eks/flow-logs.ts";
import { flowLogsPolicy, flowLogsTrust } from "../../../../components/cluster/eks/role-plan.ts";
import { record } from "../../../lib/record.ts";
import { configOf } from "./example.ts";

test("all traffic of the VPC, to an encrypted log group, by a role that can only write there", async () => {
  const config = configOf({ logRetentionDays: 90 });
  const { resources } = await record(() => new EksFlowLogs("flow-logs", { config, vpcId: "vpc-1", keyArn: "key-arn" }));
  expect(resources.filter(({ custom }) => custom).map(({ name, inputs }) => [name, inputs])).toEqual([
    ["flow-logs-log-group", { name: "/aws/vpc/shop/flow-logs", retentionInDays: 90, kmsKeyId: "key-arn" }],
    [
      "flow-logs-vpc",
      {
        vpcId: "vpc-1",
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: "flow-logs-log-group-arn",
        iamRoleArn: "flow-logs-writer-role-arn",
        maxAggregationInterval: 60,
        tags: { Name: "shop" },
      },
    ],
    [
      "flow-logs-writer-role",
      {
        name: "shop-eu-central-1-flow-logs",
        description: "Writes the flow logs of EKS cluster shop",
        assumeRolePolicy: JSON.stringify(flowLogsTrust(config)),
      },
    ],
    [
      "flow-logs-writer-policy",
      {
        name: "shop-eu-central-1-flow-logs",
        role: "shop-eu-central-1-flow-logs",
        policy: JSON.stringify(flowLogsPolicy(config)),
      },
    ],
  ]);
});
