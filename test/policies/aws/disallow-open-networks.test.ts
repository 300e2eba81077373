import fc from "fast-check";
import { disallowOpenNetworks, isEverybody } from "../../../policies/aws/disallow-open-networks.ts";
import { judge } from "../../lib/judge.ts";
import { aws, judgeBroken } from "./cases.ts";

const cluster = aws("eks", "Cluster");

const endpoint = ["eks:Cluster", "vpcConfig.publicAccessCidrs"] as const;
const group = aws("ec2", "SecurityGroup");
const single = aws("ec2", "SecurityGroupRule");
const ingress = aws("vpc", "SecurityGroupIngressRule");

test.each([
  [cluster, endpoint[1], ["0.0.0.0/0"], "0.0.0.0/0", ...endpoint],
  [cluster, endpoint[1], ["198.51.100.0/24", "::/0"], "::/0", ...endpoint],
  [cluster, endpoint[1], undefined, "0.0.0.0/0", ...endpoint],
  [cluster, endpoint[1], [], "0.0.0.0/0", ...endpoint],
  [
    group,
    "ingress.0.cidrBlocks",
    ["10.0.0.0/8", "0.0.0.0/0"],
    "0.0.0.0/0",
    "ec2:SecurityGroup",
    "ingress[0].cidrBlocks",
  ],
  [group, "ingress.0.ipv6CidrBlocks", ["::/0"], "::/0", "ec2:SecurityGroup", "ingress[0].ipv6CidrBlocks"],
  [
    aws("ec2", "DefaultSecurityGroup"),
    "ingress",
    [{ cidrBlocks: ["10.0.0.0/8"] }, { cidrBlocks: ["0.0.0.0/0"] }],
    "0.0.0.0/0",
    "ec2:DefaultSecurityGroup",
    "ingress[1].cidrBlocks",
  ],
  [single, "cidrBlocks", ["0.0.0.0/0"], "0.0.0.0/0", "ec2:SecurityGroupRule", "cidrBlocks"],
  [single, "ipv6CidrBlocks", ["::/0"], "::/0", "ec2:SecurityGroupRule", "ipv6CidrBlocks"],
  [ingress, "cidrIpv4", "0.0.0.0/0", "0.0.0.0/0", "vpc:SecurityGroupIngressRule", "cidrIpv4"],
  [ingress, "cidrIpv6", "::/0", "::/0", "vpc:SecurityGroupIngressRule", "cidrIpv6"],
])("%s with %s %j is open to everybody", async (type, path, value, range, what, where) => {
  const { violations } = await judgeBroken(disallowOpenNetworks, type, [path, value]);
  expect(violations).toEqual([
    `${what} urn: it is open to ${range}, which is everybody. Name the networks that need it in ${where}.`,
  ]);
});

test("everybody in two halves is open twice", async () => {
  const halves = ["0.0.0.0/1", "128.0.0.0/1"];
  const { violations } = await judgeBroken(disallowOpenNetworks, cluster, ["vpcConfig.publicAccessCidrs", halves]);
  expect(violations).toHaveLength(2);
});

test("a cluster that says nothing of its public endpoint has one, as AWS makes it", async () => {
  expect((await judge(disallowOpenNetworks, cluster, { vpcConfig: {} })).violations).toHaveLength(1);
  expect(
    (await judge(disallowOpenNetworks, cluster, { vpcConfig: { endpointPublicAccess: false } })).violations,
  ).toEqual([]);
});

test("what goes out may go anywhere", async () => {
  const rule = { type: "egress", cidrBlocks: ["0.0.0.0/0"] };
  expect((await judge(disallowOpenNetworks, aws("ec2", "SecurityGroupRule"), rule)).violations).toEqual([]);
});

test("any range of IPv4 wider than a /8 is everybody, and none that is narrower", () => {
  const part = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(part, part, part, part, fc.integer({ min: 0, max: 32 }), (a, b, c, d, bits) => {
      expect(isEverybody(`${[a, b, c, d].join(".")}/${String(bits)}`)).toBe(bits < 8);
    }),
  );
});

test.each([
  ["::/0", true],
  ["2000::/3", true],
  ["2001::/31", true],
  ["2001:db8::/16", true],
  ["fc00::/6", true],
  ["fc00::/7", false],
  ["fd00::/8", false],
  ["2001:db8::/32", false],
  ["no range", false],
])("%s: %s", (cidr, everybody) => {
  expect(isEverybody(cidr)).toBe(everybody);
});
