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

test("each VPC needs one", async () => {
  const second = { ...vpc, name: "second", urn: "urn:second" };
  expect(await judgeStack(requireFlowLogs, [vpc, second, log("ALL", vpc.urn)])).toEqual([
    expect.stringContaining("The VPC second has no flow log"),
  ]);
  expect(await judgeStack(requireFlowLogs, [vpc, second, log("ALL", vpc.urn), log("ALL", second.urn)])).toEqual([]);
});

test.each([
  ["no flow log", []],
  ["a flow log of what was let in only", [log("ACCEPT", vpc.urn)]],
  ["a flow log of another VPC", [log("ALL", "urn:other")]],
  ["a flow log of one subnet", [{ ...log("ALL", vpc.urn), uses: { subnetId: [vpc.urn] } }]],
  ["a mirror of its traffic", [{ ...log("ALL", vpc.urn), type: aws("ec2", "TrafficMirrorSession") }]],
])("a VPC with %s is refused", async (_, others) => {
  expect(await judgeStack(requireFlowLogs, [vpc, ...others])).toEqual([
    "The VPC network has no flow log of ALL traffic, so an intrusion leaves no trace there. Add an aws.ec2.FlowLog with its vpcId.",
  ]);
});
