import * as plan from "../../../../components/cluster/eks/role-plan.ts";
import { configOf, ofType, resourcesOf } from "./example.ts";

const place = { name: "shop", account: "111122223333", region: "eu-central-1" };

const permissions = {
  secrets: plan.secretsPolicy("arn:aws:kms:eu-central-1:111122223333:key/1"),
  vpcCni: plan.vpcCniPolicy(place, "vpc-1"),
  flowLogs: plan.flowLogsPolicy(place),
};
const keys = { secretsKey: plan.secretsKeyPolicy(place), logsKey: plan.logsKeyPolicy(place) };
const trusts = {
  controlPlane: plan.controlPlaneTrust({ ...place, autoMode: false }),
  nodes: plan.nodeTrust(),
  pods: plan.podTrust(place, "aws-node"),
  flowLogsTrust: plan.flowLogsTrust(place),
};
const every = Object.entries({ ...permissions, ...keys, ...trusts }).flatMap(([name, { Statement }]) =>
  Statement.map((statement) => [`${name} ${statement.Sid}`, statement] as const),
);

test("whoever keeps the names of a zone changes that zone alone", () => {
  const { Statement } = plan.publicZonePolicy("Z0123456789EXAMPLE");
  const everywhere = Statement.filter(({ Resource }) => Resource !== "arn:aws:route53:::hostedzone/Z0123456789EXAMPLE");
  expect(everywhere.map(({ Action, Resource }) => [Action, Resource])).toEqual([[["route53:ListHostedZones"], "*"]]);
});

test.each(every)("%s: no action by a wildcard, and each once", (_, { Action }) => {
  expect(Action.filter((action) => action.includes("*"))).toEqual([]);
  expect(Action).toEqual([...new Set(Action)]);
});

test('"*" as a resource only where AWS takes no other, and then under a condition', () => {
  const open = every.filter(([, { Resource }]) => Resource === "*");
  expect(open.map(([name]) => name)).toEqual([
    "vpcCni DescribeTakesNoResource",
    "secretsKey AccountAdministersAndDelegatesThisKey",
    "logsKey AccountAdministersAndDelegatesThisKey",
    "logsKey CloudWatchEncryptsTheseLogGroups",
  ]);
  expect(open.filter(([, { Condition }]) => Condition === undefined)).toEqual([]);
  expect(permissions.vpcCni.Statement[0]?.Action.every((action) => action.startsWith("ec2:Describe"))).toBe(true);
});

test("whatever has a resource names this account's, in this region", () => {
  const others = Object.values(permissions)
    .flatMap(({ Statement }) => Statement.flatMap(({ Resource = [] }) => Resource))
    .filter((resource) => resource !== "*" && !/^arn:aws:\w+:eu-central-1:111122223333:/.test(resource));
  expect(others).toEqual([]);
});

test("permissions say for whom by their role, trust and keys by a principal", () => {
  const withPrincipal = (documents: object) =>
    (Object.values(documents) as plan.PolicyDocument[]).flatMap(({ Statement }) =>
      Statement.map(({ Principal }) => Principal !== undefined),
    );
  expect(new Set(withPrincipal(permissions))).toEqual(new Set([false]));
  expect(new Set(withPrincipal({ ...keys, ...trusts }))).toEqual(new Set([true]));
});

test("Pod Identity takes the role for pods of one service account of this cluster, and says so in its session", () => {
  expect(trusts.pods).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PodsOfOneServiceAccount",
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:SourceAccount": "111122223333",
            "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-central-1:111122223333:cluster/shop",
            "aws:RequestTag/kubernetes-namespace": "kube-system",
            "aws:RequestTag/kubernetes-service-account": "aws-node",
          },
        },
      },
    ],
  });
});

test("EKS takes the control plane's role for this cluster and no other", () => {
  expect(trusts.controlPlane.Statement).toMatchObject([
    {
      Action: ["sts:AssumeRole"],
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333" },
        ArnLike: { "aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/shop" },
      },
    },
  ]);
});

test("CloudWatch may use its key for the two log groups of this cluster", () => {
  expect(keys.logsKey.Statement[1]).toMatchObject({
    Principal: { Service: "logs.eu-central-1.amazonaws.com" },
    Condition: {
      ArnEquals: {
        "kms:EncryptionContext:aws:logs:arn": [
          "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/shop/cluster",
          "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/vpc/shop/flow-logs",
        ],
      },
    },
  });
});

test("the network changes only interfaces and nodes of this cluster, and only in this VPC", () => {
  const conditions = permissions.vpcCni.Statement.map(({ Sid, Condition }) => [Sid, Object.values(Condition ?? {})[0]]);
  expect(conditions).toEqual([
    ["DescribeTakesNoResource", { "aws:RequestedRegion": "eu-central-1" }],
    ["CreateInterfacesOfThisCluster", { "aws:RequestTag/quintet.dev/cluster": "shop" }],
    ["CreateInterfacesInThisVpc", { "ec2:Vpc": "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1" }],
    ["TagInterfacesAsTheyAreCreated", { "ec2:CreateAction": "CreateNetworkInterface" }],
    ["ChangeInterfacesOfThisCluster", { "aws:ResourceTag/quintet.dev/cluster": "shop" }],
    ["AttachToNodesOfThisCluster", { "aws:ResourceTag/quintet.dev/cluster": "shop" }],
    ["UseSecurityGroups", undefined],
  ]);
});

test("Auto Mode's control plane may do more, and its nodes less", () => {
  expect(plan.controlPlaneTrust({ ...place, autoMode: true }).Statement[0]?.Action).toEqual([
    "sts:AssumeRole",
    "sts:TagSession",
  ]);
  expect(plan.controlPlanePolicies({ autoMode: true })).toEqual([
    "AmazonEKSClusterPolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
  ]);
  expect(plan.controlPlanePolicies({ autoMode: false })).toEqual(["AmazonEKSClusterPolicy"]);
  const nodes = [true, false].map((autoMode) => plan.nodePolicies({ autoMode })[1]);
  expect(nodes).toEqual(["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKSWorkerNodePolicy"]);
});

test("what the network may change carries the tag that nodes start with and that it gives what it creates", async () => {
  const resources = await resourcesOf(configOf());
  const [template] = ofType(resources, "aws:ec2/launchTemplate:LaunchTemplate").values();
  const tagged = template?.inputs["tagSpecifications"] as { resourceType: string; tags: Record<string, string> }[];
  expect(tagged.map(({ resourceType, tags }) => [resourceType, tags["quintet.dev/cluster"]])).toEqual([
    ["instance", "shop"],
    ["volume", "shop"],
    ["network-interface", "shop"],
  ]);
  const network = ofType(resources, "aws:eks/addon:Addon").get("cluster-base-vpc-cni");
  const { env } = JSON.parse(String(network?.inputs["configurationValues"])) as { env: Record<string, string> };
  expect(JSON.parse(env["ADDITIONAL_ENI_TAGS"] ?? "")).toEqual({ "quintet.dev/cluster": "shop" });
});
