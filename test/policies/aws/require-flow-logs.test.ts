import { requireFlowLogs } from "../../../policies/aws/require-flow-logs.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge, sentenceOf } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource, type Source } from "../../../policies/lib/object.ts";
import { aws } from "./cases.ts";

const network = "urn:pulumi:prod::quintet::aws:ec2/vpc:Vpc::network";
const second = network.replace("network", "second");
const vpc = (urn = network) => objectsOfResource(aws("ec2", "Vpc"), {}, { urn });
const log = (trafficType: string, uses: Source["uses"], kind = "FlowLog") =>
  objectsOfResource(aws("ec2", kind), { trafficType }, { urn: "urn:log", ...(uses === undefined ? {} : { uses }) });
const said = (...objects: ReturnType<typeof vpc>[]) =>
  judge([requireFlowLogs], new Objects(objects.flat()), {
    config: policyConfigSchema.parse({}),
    today: "2026-11-21",
  }).map(sentenceOf);
const missing = (name: string) =>
  `ec2:Vpc ${name}: it has no flow log of ALL traffic, so an intrusion leaves no trace there. Add an aws.ec2.FlowLog with its vpcId.`;

test("a VPC whose traffic is all logged may be", () => {
  expect(said(vpc(), log("ALL", { vpcId: [network] }))).toEqual([]);
});

test("each VPC needs one", () => {
  const one = log("ALL", { vpcId: [network] });
  expect(said(vpc(), vpc(second), one)).toEqual([missing("second")]);
  expect(said(vpc(), vpc(second), one, log("ALL", { vpcId: [second] }))).toEqual([]);
});

test.each([
  ["no flow log", []],
  ["a flow log of what was let in only", log("ACCEPT", { vpcId: [network] })],
  ["a flow log of another VPC", log("ALL", { vpcId: [second] })],
  ["a flow log of one subnet", log("ALL", { subnetId: [network] })],
  ["a flow log that comes from nothing", log("ALL", {})],
  ["a mirror of its traffic", log("ALL", { vpcId: [network] }, "TrafficMirrorSession")],
])("a VPC with %s is refused", (_, others) => {
  expect(said(vpc(), others)).toEqual([missing("network")]);
});

test("where nobody says what a flow log is of, any will do", () => {
  expect(said(vpc(), log("ALL", undefined))).toEqual([]);
  expect(said(vpc(), log("REJECT", undefined))).toEqual([missing("network")]);
});
