import { EksEndpoints } from "../../../../components/cluster/eks/endpoints.ts";
import { record } from "../../../lib/record.ts";

// The group has no name of ours: a group that replaces another stands beside it, and a VPC takes each name once.
test("S3 by the route tables, the rest by an address in each subnet, for callers of the VPC only", async () => {
  const { resources } = await record(
    () =>
      new EksEndpoints("endpoints", {
        cluster: "shop",
        region: "eu-central-1",
        vpcId: "vpc-1",
        vpcCidr: "10.64.0.0/16",
        services: ["ecr.api", "sts"],
        subnetIds: ["subnet-a", "subnet-b"],
        routeTableIds: ["routes-a"],
      }),
  );
  const at = (short: string) => ({
    vpcId: "vpc-1",
    serviceName: `com.amazonaws.eu-central-1.${short}`,
    tags: { Name: `shop-${short}` },
  });
  const address = {
    vpcEndpointType: "Interface",
    privateDnsEnabled: true,
    subnetIds: ["subnet-a", "subnet-b"],
    securityGroupIds: ["endpoints-callers-id"],
  };
  expect(resources.filter(({ custom }) => custom).map(({ name, inputs }) => [name, inputs])).toEqual([
    [
      "endpoints-callers",
      {
        description: "Who calls AWS services from inside the VPC",
        vpcId: "vpc-1",
        tags: { Name: "shop-endpoints" },
      },
    ],
    ["endpoints-ecr.api", { ...at("ecr.api"), ...address }],
    ["endpoints-s3", { ...at("s3"), vpcEndpointType: "Gateway", routeTableIds: ["routes-a"] }],
    ["endpoints-sts", { ...at("sts"), ...address }],
    [
      "endpoints-from-vpc",
      {
        securityGroupId: "endpoints-callers-id",
        description: "HTTPS from the VPC",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.64.0.0/16",
      },
    ],
  ]);
});
