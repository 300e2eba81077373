import { EksNetwork } from "../../../../components/cluster/eks/network.ts";
import { record } from "../../../lib/record.ts";
import { configOf, ofType } from "./example.ts";

const make = async (nat: "one" | "per-zone", protect = true) => {
  const { vpc } = configOf({ vpc: { nat, zones: ["eu-central-1a", "eu-central-1b"] } });
  return (await record(() => new EksNetwork("network", { cluster: "shop", vpc, protect }))).resources;
};

const both = ["eu-central-1a", "eu-central-1b"];

test("one VPC whose default security group lets nobody", async () => {
  const resources = await make("per-zone");
  expect(ofType(resources, "aws:ec2/vpc:Vpc").get("network-vpc")).toMatchObject({
    inputs: {
      cidrBlock: "10.64.0.0/16",
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: "shop" },
    },
    protect: true,
  });
  expect(
    ofType(resources, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").get("network-default-security-group")
      ?.inputs,
  ).toEqual({
    vpcId: "network-vpc-id",
    ingress: [],
    egress: [],
    tags: { Name: "shop-default" },
  });
});

test("it is not protected where it may be thrown away", async () => {
  const [vpc] = ofType(await make("one", false), "aws:ec2/vpc:Vpc").values();
  expect(vpc?.protect).toBeUndefined();
});

test("a subnet of each tier in each zone, none of which gives out public addresses", async () => {
  const subnets = ofType(await make("per-zone"), "aws:ec2/subnet:Subnet");
  expect([...subnets.keys()]).toEqual(
    ["intra", "private", "public"].flatMap((tier) => both.map((zone) => `network-${tier}-${zone}`)),
  );
  expect([...new Set([...subnets.values()].map(({ inputs }) => inputs["mapPublicIpOnLaunch"]))]).toEqual([false]);
  expect(subnets.get("network-private-eu-central-1b")?.inputs).toEqual({
    vpcId: "network-vpc-id",
    cidrBlock: "10.64.32.0/19",
    availabilityZone: "eu-central-1b",
    mapPublicIpOnLaunch: false,
    tags: {
      Name: "shop-private-eu-central-1b",
      "kubernetes.io/role/internal-elb": "1",
      "kubernetes.io/cluster/shop": "shared",
    },
  });
});

test.each([
  ["per-zone", both],
  ["one", ["eu-central-1a", "eu-central-1a"]],
] as const)(
  "ways out %s: public through the internet gateway, private through NAT, intra none",
  async (nat, through) => {
    const resources = await make(nat);
    const gateways = ofType(resources, "aws:ec2/natGateway:NatGateway");
    expect([...gateways.keys()]).toEqual([...new Set(through)].map((zone) => `network-nat-${zone}`));
    expect(gateways.get("network-nat-eu-central-1a")).toMatchObject({
      inputs: {
        allocationId: "network-nat-eu-central-1a-address-id",
        subnetId: "network-public-eu-central-1a-id",
      },
    });
    expect(gateways.get("network-nat-eu-central-1a")?.after).toContain(
      "aws:ec2/internetGateway:InternetGateway::network-internet-gateway",
    );
    const routes = [...ofType(resources, "aws:ec2/route:Route").values()].map(({ inputs }) => inputs);
    const everywhere = { destinationCidrBlock: "0.0.0.0/0" };
    expect(routes).toEqual([
      ...both.map((zone, index) => ({
        ...everywhere,
        routeTableId: `network-private-${zone}-routes-id`,
        natGatewayId: `network-nat-${through[index] ?? ""}-id`,
      })),
      { ...everywhere, routeTableId: "network-public-routes-id", gatewayId: "network-internet-gateway-id" },
    ]);
  },
);

test("every subnet is at the route table of its tier, a private one at its zone's", async () => {
  const associations = ofType(await make("one"), "aws:ec2/routeTableAssociation:RouteTableAssociation");
  expect([...associations.values()].map(({ inputs }) => [inputs["subnetId"], inputs["routeTableId"]])).toEqual([
    ...both.map((zone) => [`network-intra-${zone}-id`, "network-intra-routes-id"]),
    ...both.map((zone) => [`network-private-${zone}-id`, `network-private-${zone}-routes-id`]),
    ...both.map((zone) => [`network-public-${zone}-id`, "network-public-routes-id"]),
  ]);
});
