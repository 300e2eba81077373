import { configOf, ofType, resourcesOf } from "./example.ts";
import { versions } from "../../../../versions.ts";

test("a group starts from its own template: encrypted gp3, IMDSv2 for the node alone", async () => {
  const resources = await resourcesOf(configOf());
  const tags = { "quintet.dev/cluster": "shop", Environment: "prod", ManagedBy: "quintet", Name: "shop-burst" };
  expect(ofType(resources, "aws:ec2/launchTemplate:LaunchTemplate").get("cluster-burst-template")?.inputs).toEqual({
    name: "shop-burst",
    updateDefaultVersion: true,
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeType: "gp3", volumeSize: 50, encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    monitoring: { enabled: true },
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
  });
  const group = ofType(resources, "aws:eks/nodeGroup:NodeGroup").get("cluster-burst-nodes");
  expect(group?.inputs).toEqual({
    clusterName: "shop",
    nodeGroupNamePrefix: "burst-",
    nodeRoleArn: "cluster-node-role-arn",
    subnetIds: ["a", "b", "c"].map((letter) => `cluster-network-private-eu-central-1${letter}-id`),
    instanceTypes: ["m7i.large", "m7a.large"],
    amiType: "AL2023_x86_64_STANDARD",
    capacityType: "SPOT",
    version: "1.36",
    releaseVersion: versions.eks["1.36"].nodes,
    launchTemplate: { id: "cluster-burst-template-id", version: "cluster-burst-template-version" },
    scalingConfig: { minSize: 0, desiredSize: 2, maxSize: 4 },
    updateConfig: { maxUnavailable: 1 },
    nodeRepairConfig: { enabled: true },
    labels: { capacity: "spot" },
    taints: [{ key: "capacity", value: "spot", effect: "NO_SCHEDULE" }],
  });
  expect(group?.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
});
