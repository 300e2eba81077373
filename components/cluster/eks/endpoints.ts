/** The addresses of AWS services in the VPC, so that calls to them do not leave it. */
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import type { EndpointService } from "./schema.ts";

/** Arguments of {@link EksEndpoints}. */
export interface EksEndpointsArgs {
  /** The cluster's name. */
  readonly cluster: string;
  readonly region: string;
  readonly vpcId: pulumi.Input<string>;
  /** The VPC's range: whoever is in it may call. */
  readonly vpcCidr: string;
  /** The services, besides S3. */
  readonly services: readonly EndpointService[];
  /** Where the services get an address: one subnet for each zone. */
  readonly subnetIds: pulumi.Input<string>[];
  /** From which route tables S3 is reached, where the layers of images come from. */
  readonly routeTableIds: pulumi.Input<string>[];
}

/** The addresses of AWS services in the VPC, so that calls to them do not leave it. */
export class EksEndpoints extends pulumi.ComponentResource {
  public constructor(name: string, args: EksEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksEndpoints", name, {}, opts);
    const { cluster, region, vpcId } = args;
    const service = (short: string) => `com.amazonaws.${region}.${short}`;
    const tagged = (role: string) => ({ tags: { Name: `${cluster}-${role}` } });
    new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId,
        serviceName: service("s3"),
        vpcEndpointType: "Gateway",
        routeTableIds: args.routeTableIds,
        ...tagged("s3"),
      },
      { parent: this },
    );
    const callers = new SecurityGroup(
      `${name}-callers`,
      {
        // Its name is the engine's to choose: a new one stands beside the one it replaces, which no two of a name could.
        description: "Who calls AWS services from inside the VPC",
        vpcId,
        ...tagged("endpoints"),
      },
      { parent: this },
    );
    new SecurityGroupIngressRule(
      `${name}-from-vpc`,
      {
        securityGroupId: callers.id,
        description: "HTTPS from the VPC",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: args.vpcCidr,
      },
      { parent: this },
    );
    for (const short of args.services) {
      new VpcEndpoint(
        `${name}-${short}`,
        {
          vpcId,
          serviceName: service(short),
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: args.subnetIds,
          securityGroupIds: [callers.id],
          ...tagged(short),
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
