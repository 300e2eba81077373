import { eksProblems } from "../../../../components/cluster/eks/problems.ts";
import { type Change, configOf, problemsAfter } from "./example.ts";

const arm = "AL2023_ARM_64_STANDARD";
const accessEntries =
  "the cluster knows access entries only: give the role a name under quintet:cluster.access.admins, viewers or teams";
const auto = { autoMode: true, nodeGroups: null, networkPolicy: "standard" };

test("the example is right", () => {
  expect(problemsAfter({})).toEqual([]);
});

test.each<[what: string, change: Change, problem: string]>([
  [
    "a group's name too long",
    { nodeGroups: { ["a".repeat(40)]: { instanceTypes: ["m7i.large"], nodes: { min: 1, desired: 1, max: 1 } } } },
    `nodeGroups.${"a".repeat(40)}: has a name of 40 characters, a node group's has at most 36: shorten it`,
  ],
  [
    "Services in the VPC",
    { serviceCidr: "10.64.128.0/20" },
    "serviceCidr: 10.64.128.0/20 overlaps vpc.cidr 10.64.0.0/16, give each a range of its own",
  ],
  [
    "Services outside of private networks",
    { serviceCidr: "100.64.0.0/16" },
    "serviceCidr: must be a private network (RFC 1918)",
  ],
  [
    "too large a range for Services",
    { serviceCidr: "172.16.0.0/11" },
    'serviceCidr: "172.16.0.0/11" has host bits set, the network is 172.0.0.0/11',
  ],
  [
    "too small a range for Services",
    { serviceCidr: "172.20.0.0/25" },
    "serviceCidr: must be a network from /12 to /24",
  ],
  ["a VPC larger than AWS has", { vpc: { cidr: "10.0.0.0/15" } }, "vpc.cidr: must be a network from /16"],
  ["a VPC too small", { vpc: { cidr: "10.64.0.0/21" } }, "vpc.cidr: must be a network from /16"],
  [
    "a VPC too small for the nodes",
    { vpc: { cidr: "10.64.0.0/20" }, nodeGroups: { system: { nodes: { max: 20 } } } },
    "vpc.cidr: 10.64.0.0/20 has room for 13 nodes with 110 pods each, but the node groups may grow to 24: take a larger network",
  ],
  [
    "one zone",
    { vpc: { zones: ["eu-central-1a"] } },
    "vpc.zones: must name at least two zones: EKS runs its API servers in two or more",
  ],
  ["a zone twice", { vpc: { zones: ["eu-central-1a", "eu-central-1a"] } }, "vpc.zones: must not name anything twice"],
  [
    "a zone of another region",
    { vpc: { zones: ["eu-central-1a", "eu-west-1b"] } },
    "vpc.zones.1: eu-west-1b is not in region eu-central-1, name zones like eu-central-1a",
  ],
  [
    "a control plane in a zone that is not there",
    { controlPlaneZones: ["eu-central-1a", "eu-central-1d"] },
    "controlPlaneZones.1: eu-central-1d is none of vpc.zones eu-central-1a, eu-central-1b, eu-central-1c",
  ],
  [
    "a region of another partition",
    { region: "cn-north-1" },
    "region: must be a region of the commercial partition like eu-central-1",
  ],
  ["an account as a number", { account: 111122223333 }, 'account: must be text in quotes like "111122223333"'],
  [
    "both endpoints off",
    { endpoint: { private: false } },
    "endpoint.private: is off and publicCidrs names nobody, so nobody would reach the API server: leave it on, or list who calls from outside",
  ],
  [
    "a public endpoint for everybody",
    { endpoint: { publicCidrs: ["0.0.0.0/0"] } },
    "endpoint.publicCidrs.0: is everybody: name the networks from which people and machines really call",
  ],
  [
    "a private endpoint for everybody",
    { endpoint: { privateCidrs: ["0.0.0.0/0"] } },
    "endpoint.privateCidrs.0: is everybody",
  ],
  [
    "networks let in to a private endpoint that is off",
    { endpoint: { private: false, publicCidrs: ["192.0.2.0/24"], privateCidrs: ["10.1.0.0/16"] } },
    "endpoint.privateCidrs: lets networks in, but the private endpoint is off: turn it on",
  ],
  [
    "pods let in to the API by their network",
    { endpoint: { privateCidrs: ["10.64.0.0/19"] } },
    "endpoint.privateCidrs.0: 10.64.0.0/19 overlaps vpc.cidr 10.64.0.0/16",
  ],
  ["role mappings", { access: { mapRoles: [] } }, `access: has no key "mapRoles", ${accessEntries}`],
  [
    "an authentication mode",
    { authenticationMode: "CONFIG_MAP" },
    `: has no key "authenticationMode", ${accessEntries}`,
  ],
  ["a key misspelt", { acces: {} }, ': has no key "acces", its keys are "kind", "name"'],
  [
    "a role with two entries",
    { access: { viewers: { operations: "arn:aws:iam::111122223333:role/deployer" } } },
    "access.viewers.operations: is arn:aws:iam::111122223333:role/deployer, as access.deployer is: EKS keeps one entry for each role",
  ],
  [
    "a user instead of a role",
    { access: { admins: { me: "arn:aws:iam::111122223333:user/me" } } },
    "access.admins.me: must be the ARN of a role like",
  ],
  [
    "a team in a group of Kubernetes",
    { access: { teams: { web: { role: "arn:aws:iam::111122223333:role/web", groups: ["system:masters"] } } } },
    "access.teams.web.groups.0: starts with system:",
  ],
  ["a version that EKS does not support", { version: "1.30" }, "version: is not supported, use one of 1.35, 1.36"],
  ["no nodes", { nodeGroups: null }, "nodeGroups: has no group, so nothing could run: add one, or turn autoMode on"],
  ["min above max", { nodeGroups: { system: { nodes: { min: 5 } } } }, "nodeGroups.system.nodes.max: 4 is below min 5"],
  [
    "desired outside",
    { nodeGroups: { system: { nodes: { desired: 2 } } } },
    "nodeGroups.system.nodes.desired: 2 is not from min 3 to max 4",
  ],
  [
    "all nodes away at once",
    { nodeGroups: { system: { maxUnavailable: 3 } } },
    "nodeGroups.system.maxUnavailable: is 3 of 3 nodes, an update would take all of them at once: lower it",
  ],
  [
    "no place for DNS",
    { nodeGroups: { system: { taints: [{ key: "only", effect: "NoExecute" }] } } },
    "nodeGroups: has no group with at least one node and without taints",
  ],
  [
    "a kubelet newer than the control plane",
    { version: "1.35", nodeGroups: { system: { version: "1.36" } } },
    "nodeGroups.system.version: 1.36 is newer than the cluster's 1.35: upgrade the control plane first",
  ],
  [
    "a kubelet newer than any that is known here",
    { nodeGroups: { system: { version: "1.37" } } },
    "nodeGroups.system.version: 1.37 is newer than the cluster's 1.36: upgrade the control plane first",
  ],
  [
    "a kubelet four minor releases behind",
    { nodeGroups: { system: { version: "1.32" } } },
    "nodeGroups.system.version: 1.32 is more than three minor releases behind the cluster's 1.36: upgrade it first",
  ],
  [
    "a kubelet whose image nobody names",
    { nodeGroups: { system: { version: "1.34" } } },
    "nodeGroups.system.release: is missing, and versions.ts pins none for Kubernetes 1.34: `aws ssm get-parameter --name /aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/standard/recommended/release_version` has the newest",
  ],
  [
    "a patch release of a kubelet",
    { nodeGroups: { system: { version: "1.35.7" } } },
    'nodeGroups.system.version: must be a minor release like "1.36"',
  ],
  [
    "an image of another release",
    { nodeGroups: { system: { release: "1.35.7-20260903" } } },
    "nodeGroups.system.release: 1.35.7-20260903 is no image of Kubernetes 1.36, name one that starts with 1.36.",
  ],
  [
    "a group in a zone that is not there",
    { nodeGroups: { system: { zones: ["eu-central-1f"] } } },
    "nodeGroups.system.zones.0: eu-central-1f is none of vpc.zones",
  ],
  [
    "an ARM instance with an Intel image",
    { nodeGroups: { system: { instanceTypes: ["m7g.large"] } } },
    `nodeGroups.system.instanceTypes.0: m7g.large does not start with amiType AL2023_x86_64_STANDARD, it wants ${arm}`,
  ],
  [
    "an Intel instance with an ARM image",
    { nodeGroups: { system: { amiType: arm } } },
    `nodeGroups.system.instanceTypes.0: m7i.large does not start with amiType ${arm}, it wants AL2023_x86_64_STANDARD`,
  ],
  [
    "a label of Kubernetes",
    { nodeGroups: { system: { labels: { "node.kubernetes.io/x": "y" } } } },
    "nodeGroups.system.labels.node.kubernetes.io/x: lies in kubernetes.io, which belongs to Kubernetes",
  ],
  [
    "node groups under Auto Mode",
    { autoMode: true, networkPolicy: "standard" },
    "nodeGroups: has groups, but under autoMode EKS starts the nodes: leave them out, or turn autoMode off",
  ],
  [
    "strict policies under Auto Mode",
    { ...auto, networkPolicy: "strict" },
    "networkPolicy: is strict, which the nodes of autoMode are not by themselves",
  ],
  [
    "an add-on of its own under Auto Mode",
    { ...auto, addOns: { coredns: { configuration: { replicaCount: 3 } } } },
    "addOns.coredns: is set, but under autoMode EKS runs its own: leave it out, or turn autoMode off",
  ],
  [
    "an add-on that nobody knows",
    { addOns: { "kube-proxi": {} } },
    'addOns: has no key "kube-proxi", its keys are "vpc-cni", "kube-proxy"',
  ],
  [
    "an add-on without a version",
    { version: "1.35" },
    "addOns.vpc-cni.version: is missing, and versions.ts pins none for Kubernetes 1.35: `aws eks describe-addon-versions --addon-name vpc-cni --kubernetes-version 1.35` lists them",
  ],
  [
    "an add-on at its latest",
    { addOns: { coredns: { version: "latest" } } },
    "addOns.coredns.version: must be one build like v1.14.3-eksbuild.16",
  ],
  [
    "a kube-proxy newer than the API server",
    { addOns: { "kube-proxy": { version: "v1.37.0-eksbuild.1" } } },
    "addOns.kube-proxy.version: v1.37.0-eksbuild.1 does not go with Kubernetes 1.36, its minor release must be 1.36 or at most three older",
  ],
  [
    "a kube-proxy too old",
    { addOns: { "kube-proxy": { version: "v1.32.0-eksbuild.1" } } },
    "addOns.kube-proxy.version: v1.32.0-eksbuild.1 does not go with Kubernetes 1.36",
  ],
  [
    "a storage driver that its role shuts out",
    { addOns: { "aws-ebs-csi-driver": { version: "v1.57.0-eksbuild.1" } } },
    "addOns.aws-ebs-csi-driver.version: v1.57.0-eksbuild.1 does not mark volumes as this cluster's",
  ],
  [
    "a key that an add-on does not have",
    { addOns: { coredns: { configuration: { replicas: 3 } } } },
    'addOns.coredns.configuration: has no key "replicas", its keys are "autoScaling", "corefile"',
  ],
  [
    "network policy by the back door",
    { addOns: { "vpc-cni": { configuration: { enableNetworkPolicy: "false" } } } },
    "addOns.vpc-cni.configuration.enableNetworkPolicy: follows from quintet:cluster.networkPolicy: set it there",
  ],
  [
    "the mode of network policy by the back door",
    { addOns: { "vpc-cni": { configuration: { env: { NETWORK_POLICY_ENFORCING_MODE: "standard" } } } } },
    "addOns.vpc-cni.configuration.env.NETWORK_POLICY_ENFORCING_MODE: follows from quintet:cluster.networkPolicy",
  ],
  [
    "a variable that the network does not have",
    { addOns: { "vpc-cni": { configuration: { env: { WARM_IPS: "5" } } } } },
    "addOns.vpc-cni.configuration.env: has no variable WARM_IPS, it has ANNOTATE_POD_IP, AWS_EC2_ENDPOINT",
  ],
  [
    "a number in the environment of the network",
    { addOns: { "vpc-cni": { configuration: { env: { WARM_IP_TARGET: 5 } } } } },
    "addOns.vpc-cni.configuration.env.WARM_IP_TARGET: must be text, write numbers and booleans in quotes",
  ],
  [
    "an identity without the agent",
    { addOns: { "eks-pod-identity-agent": { enabled: false } } },
    "addOns.eks-pod-identity-agent.enabled: is off, but vpc-cni and aws-ebs-csi-driver get the right to act in AWS from it: leave it on",
  ],
  [
    "network policy without the network",
    { addOns: { "vpc-cni": { enabled: false } } },
    "networkPolicy: is strict, but addOns.vpc-cni, which enforces it, is off: say off, or leave vpc-cni on",
  ],
  [
    "logs for a time that CloudWatch does not know",
    { logRetentionDays: 100 },
    "logRetentionDays: must be a number of days that CloudWatch knows: 1, 3, 5",
  ],
])("refuses %s", (_, change, problem) => {
  expect(problemsAfter(change)).toContainEqual(expect.stringContaining(problem));
});

test.each<[what: string, change: Change]>([
  ["Auto Mode", auto],
  ["a public endpoint for some", { endpoint: { private: false, publicCidrs: ["192.0.2.0/24"] } }],
  ["a network of somebody else's", { networkPolicy: "off", addOns: { "vpc-cni": { enabled: false } } }],
  ["older nodes", { nodeGroups: { burst: { version: "1.35" } } }],
  ["nodes three minor releases behind", { nodeGroups: { system: { version: "1.33", release: "1.33.9-20260903" } } }],
  ["the longest name", { name: "a".repeat(63) }],
  ["no storage", { addOns: { "aws-ebs-csi-driver": { enabled: false } } }],
])("takes %s", (_, change) => {
  expect(eksProblems(configOf(change))).toEqual([]);
});
