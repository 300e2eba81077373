import { EksControlPlane } from "../../../../components/cluster/eks/control-plane.ts";
import { controlPlaneTrust, secretsPolicy } from "../../../../components/cluster/eks/role-plan.ts";
import { record } from "../../../lib/record.ts";
import { type Change, configOf, ofType } from "./example.ts";

const make = async (change: Change = {}) => {
  const { resources } = await record(
    () =>
      new EksControlPlane("plane", {
        config: configOf(change),
        subnetIds: ["intra-a", "intra-b"],
        secretsKey: "secrets-key",
        logsKey: "logs-key",
        nodeRole: "node-role",
        nodeAddresses: ["198.51.100.1"],
      }),
  );
  return resources.filter(({ custom }) => custom);
};
const clusterOf = async (change: Change = {}) => {
  const [cluster] = ofType(await make(change), "aws:eks/cluster:Cluster").values();
  if (cluster === undefined) throw new Error("There is no cluster.");
  return cluster;
};

test("a log group of its own, a role that may use its key, and the cluster after both", async () => {
  const [logs, cluster, role, policy, attachment, ...others] = await make();
  expect(logs?.inputs).toEqual({ name: "/aws/eks/shop/cluster", retentionInDays: 365, kmsKeyId: "logs-key" });
  expect(role?.inputs).toMatchObject({
    name: "shop-eu-central-1-control-plane",
    assumeRolePolicy: JSON.stringify(controlPlaneTrust(configOf())),
  });
  expect(policy?.inputs["policy"]).toBe(JSON.stringify(secretsPolicy("secrets-key")));
  expect(attachment?.inputs["policyArn"]).toBe("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy");
  expect(others).toEqual([]);
  expect(cluster?.inputs).toEqual({
    name: "shop",
    version: "1.36",
    roleArn: "plane-role-arn",
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    bootstrapSelfManagedAddons: false,
    vpcConfig: { subnetIds: ["intra-a", "intra-b"], endpointPrivateAccess: true, endpointPublicAccess: false },
    kubernetesNetworkConfig: {
      ipFamily: "ipv4",
      serviceIpv4Cidr: "172.20.0.0/16",
      elasticLoadBalancing: { enabled: false },
    },
    computeConfig: { enabled: false },
    storageConfig: { blockStorage: { enabled: false } },
    encryptionConfig: { resources: ["secrets"], provider: { keyArn: "secrets-key" } },
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    upgradePolicy: { supportType: "STANDARD" },
    zonalShiftConfig: { enabled: true },
    deletionProtection: true,
  });
  expect([cluster?.protect, logs?.protect]).toEqual([true, true]);
  expect(cluster?.after).toEqual([
    "aws:cloudwatch/logGroup:LogGroup::plane-log-group",
    "aws:iam/role:Role::plane-role",
    "aws:iam/rolePolicy:RolePolicy::plane-policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment::plane-AmazonEKSClusterPolicy",
  ]);
});

test("without deletion protection it may go", async () => {
  const cluster = await clusterOf({ deletionProtection: false });
  expect([cluster.protect, cluster.inputs["deletionProtection"]]).toEqual([undefined, false]);
});

test("Auto Mode switches nodes, storage and load balancers on together, as EKS demands", async () => {
  const { inputs } = await clusterOf({ autoMode: true, nodeGroups: null, networkPolicy: "standard" });
  expect(inputs).toMatchObject({
    computeConfig: { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: "node-role" },
    storageConfig: { blockStorage: { enabled: true } },
    kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
  });
});

test.each<[what: string, change: Change, reach: object]>([
  [
    "both: listed networks from outside",
    { publicCidrs: ["192.0.2.0/24"] },
    { endpointPrivateAccess: true, endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] },
  ],
  [
    "public alone: its own nodes come from outside, too",
    { private: false, publicCidrs: ["192.0.2.0/24"] },
    {
      endpointPrivateAccess: false,
      endpointPublicAccess: true,
      publicAccessCidrs: ["192.0.2.0/24", "198.51.100.1/32"],
    },
  ],
])("reached %s", async (_, endpoint, reach) => {
  expect((await clusterOf({ endpoint })).inputs["vpcConfig"]).toEqual({ subnetIds: ["intra-a", "intra-b"], ...reach });
});

test("networks that may call the private endpoint get through the cluster's security group, and no further", async () => {
  const rules = ofType(
    await make({ endpoint: { privateCidrs: ["10.1.0.0/16"] } }),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  );
  expect([...rules.values()].map(({ name, inputs }) => [name, inputs])).toEqual([
    [
      "plane-api-from-10.1.0.0-16",
      {
        securityGroupId: "plane-cluster-security-group",
        description: "Kubernetes API from a listed network",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.1.0.0/16",
      },
    ],
  ]);
});
