import { requireFlowLogs } from "../../../policies/aws/require-flow-logs.ts";
import { judgeStack, type StackResource } from "../../lib/judge.ts";
import { aws } from "./cases.ts";

const vpc: StackResource = { type: aws("ec2", "Vpc"), name: "network", urn: "urn:vpc", props: {}, uses: {} };
const log = (trafficType: string, of: string): StackResource => ({
  type: aws("ec2", "FlowLog"),
  name: "log",
  urn: "urn:log",
  props: { trafficType },
  uses: { vpcId: [of] },
});

test("a VPC whose traffic is all logged may be", async () => {
  expect(await judgeStack(requireFlowLogs, [vpc, log("ALL", vpc.urn)])).toEqual([]);
});

test.each([
  ["no flow log", []],
  ["a flow log of what was let in only", [log("ACCEPT", vpc.urn)]],
  ["a flow log of another VPC", [log("ALL", "urn:other")]],
])("a VPC with %s is refused", async (_, others) => {
  expect(await judgeStack(requireFlowLogs, [vpc, ...others])).toEqual([
    "The VPC network has no flow log of ALL traffic, so an intrusion leaves no trace there. Add an aws.ec2.FlowLog with its vpcId.",
  ]);
});
