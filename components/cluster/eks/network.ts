/** The VPC of a cluster: its subnets, and the ways out of it. */
import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import type { EksConfig } from "./schema.ts";
import { planSubnets, type SubnetPlan, type Tier } from "./subnet-plan.ts";

/** Arguments of {@link EksNetwork}. */
export interface EksNetworkArgs {
  /** The cluster's name, by which load balancers find their subnets. */
  readonly cluster: string;
  readonly vpc: EksConfig["vpc"];
  /** Whether the VPC is kept from being deleted, and with it from being replaced. */
  readonly protect: boolean;
}

/** The subnets of one tier, by zone. */
export type Zoned<T> = ReadonlyMap<string, T>;

/** The VPC of a cluster: its subnets, and the ways out of it. */
export class EksNetwork extends pulumi.ComponentResource {
  public readonly vpcId: pulumi.Output<string>;
  /** The ids of the subnets, by tier and zone. */
  public readonly subnets: Readonly<Record<Tier, Zoned<pulumi.Output<string>>>>;
  /** What leads out of the private subnets: nodes that start before it never join. */
  public readonly waysOut: pulumi.Resource[];
  /** The route tables from which AWS services are called: each zone's private one, and the intra one. */
  public readonly routeTables: pulumi.Output<string>[];
  /** The addresses under which nodes and pods are seen on the internet. */
  public readonly publicAddresses: pulumi.Output<string>[];

  public constructor(name: string, args: EksNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksNetwork", name, {}, opts);
    const { cluster, vpc } = args;
    const tagged = (role: string) => ({ tags: { Name: `${cluster}-${role}` } });
    const network = new Vpc(
      `${name}-vpc`,
      { cidrBlock: vpc.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: cluster } },
      { parent: this, protect: args.protect },
    );
    this.vpcId = network.id;
    // What names no security group would get this one, which lets its own members through: it lets nobody.
    new DefaultSecurityGroup(
      `${name}-default-security-group`,
      { vpcId: network.id, ingress: [], egress: [], ...tagged("default") },
      { parent: this },
    );
    const internet = new InternetGateway(
      `${name}-internet-gateway`,
      { vpcId: network.id, ...tagged("internet") },
      { parent: this },
    );

    const plans = planSubnets(cluster, vpc.cidr, vpc.zones);
    const subnets = new Map(plans.map((plan) => [plan, this.subnet(name, cluster, network.id, plan)] as const));
    const idsOf = (tier: Tier) =>
      new Map([...subnets].filter(([plan]) => plan.tier === tier).map(([{ zone }, { id }]) => [zone, id] as const));
    this.subnets = { public: idsOf("public"), private: idsOf("private"), intra: idsOf("intra") };

    const table = (role: string) =>
      new RouteTable(`${name}-${role}-routes`, { vpcId: network.id, ...tagged(role) }, { parent: this });
    const [publicTable, intraTable] = [table("public"), table("intra")];
    new Route(
      `${name}-public-internet`,
      { routeTableId: publicTable.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
      { parent: this },
    );
    const gateways = new Map(
      (vpc.nat === "one" ? vpc.zones.slice(0, 1) : vpc.zones).map((zone) => {
        const address = new Eip(
          `${name}-nat-${zone}-address`,
          { domain: "vpc", ...tagged(`nat-${zone}`) },
          { parent: this },
        );
        const subnetId = required(this.subnets.public, zone);
        const gateway = new NatGateway(
          `${name}-nat-${zone}`,
          { allocationId: address.allocationId, subnetId, ...tagged(`nat-${zone}`) },
          { parent: this, dependsOn: [internet] },
        );
        return [zone, { gateway, address }] as const;
      }),
    );
    this.publicAddresses = [...gateways.values()].map(({ address }) => address.publicIp);
    const [shared] = gateways.values();
    const ways = new Map(
      vpc.zones.map((zone) => {
        const routes = table(`private-${zone}`);
        const way = gateways.get(zone) ?? shared;
        if (way === undefined) throw new Error(`The VPC has no zone, and so no way out of ${zone}.`);
        const route = new Route(
          `${name}-private-${zone}-internet`,
          { routeTableId: routes.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: way.gateway.id },
          { parent: this },
        );
        return [zone, { routes, route }] as const;
      }),
    );
    const associations = [...subnets].map(([{ tier, zone }, subnet]) => {
      const routes = { public: publicTable, intra: intraTable, private: required(ways, zone).routes }[tier];
      return new RouteTableAssociation(
        `${name}-${tier}-${zone}-routes`,
        { subnetId: subnet.id, routeTableId: routes.id },
        { parent: this },
      );
    });
    this.waysOut = [...[...ways.values()].map(({ route }) => route), ...associations];
    this.routeTables = [...[...ways.values()].map(({ routes }) => routes), intraTable].map(({ id }) => id);
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private subnet(
    name: string,
    cluster: string,
    vpcId: pulumi.Output<string>,
    { tier, zone, cidr, tags }: SubnetPlan,
  ): Subnet {
    return new Subnet(
      `${name}-${tier}-${zone}`,
      {
        vpcId,
        cidrBlock: cidr,
        availabilityZone: zone,
        mapPublicIpOnLaunch: false,
        tags: { Name: `${cluster}-${tier}-${zone}`, ...tags },
      },
      { parent: this },
    );
  }
}

/** What a map holds for a zone that the configuration's checks have found to be one of the VPC's. */
export function required<T>(zoned: Zoned<T>, zone: string): T {
  const found = zoned.get(zone);
  if (found === undefined) throw new Error(`Zone ${zone} is none of ${[...zoned.keys()].join(", ")}.`);
  return found;
}
