import { EksCluster } from "../../../../components/cluster/eks/index.ts";
import { record, type Recorded, secret, valueOf } from "../../../lib/record.ts";
import { argsOf, type Change, configOf, ofType, resourcesOf } from "./example.ts";

const cluster = "aws:eks/cluster:Cluster::cluster-control-plane-cluster";
const made = (change: Change = {}) => resourcesOf(configOf(change));

/** Everything that must be there before a resource, by way of others, too. */
function before(resources: readonly Recorded[], name: string): Set<string> {
  const all = new Map(resources.map((one) => [`${one.type}::${one.name}`, one]));
  const found = new Set<string>();
  const visit = (of: readonly string[]) => {
    for (const one of of.filter((other) => !found.has(other))) {
      found.add(one);
      visit(all.get(one)?.after ?? []);
    }
  };
  visit(resources.filter((one) => one.name === name).flatMap(({ after }) => after));
  return found;
}

const addOn = (name: string) => `aws:eks/addon:Addon::${name}`;
const nodes = (group: string) => `aws:eks/nodeGroup:NodeGroup::cluster-${group}-nodes`;

test("network and proxy before nodes, wave after wave, and DNS, storage and metrics after them", async () => {
  const resources = await made();
  const base = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"].map((name) => addOn(`cluster-base-${name}`));
  const services = ["coredns", "aws-ebs-csi-driver", "metrics-server"].map((name) => `cluster-services-${name}`);
  const beforeSystem = before(resources, "cluster-system-nodes");
  for (const one of base) {
    expect(beforeSystem).toContain(one);
    expect([...before(resources, one.split("::")[1] ?? "")].filter((name) => name.includes("nodeGroup"))).toEqual([]);
  }
  expect(beforeSystem).not.toContain(nodes("burst"));
  expect(before(resources, "cluster-burst-nodes")).toContain(nodes("system"));
  for (const service of services) {
    expect(before(resources, service)).toContain(nodes("system"));
    expect(before(resources, service)).toContain(nodes("burst"));
    expect(beforeSystem).not.toContain(addOn(service));
  }
});

test("nodes of one wave do not wait for each other", async () => {
  const resources = await made({ nodeGroups: { burst: { wave: 1 } } });
  expect(before(resources, "cluster-burst-nodes")).not.toContain(nodes("system"));
  expect(before(resources, "cluster-system-nodes")).not.toContain(nodes("burst"));
});

test("nodes find their ways out, AWS's services and the rights of their role when they start", async () => {
  const needed = before(await made(), "cluster-system-nodes");
  for (const one of [
    "aws:ec2/route:Route::cluster-network-private-eu-central-1b-internet",
    "aws:ec2/routeTableAssociation:RouteTableAssociation::cluster-network-private-eu-central-1b-routes",
    "aws:ec2/vpcEndpoint:VpcEndpoint::cluster-endpoints-ecr.dkr",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment::cluster-node-AmazonEKSWorkerNodePolicy",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation::cluster-identities-vpc-cni-association",
  ]) {
    expect(needed).toContain(one);
  }
});

test("DNS starts with a NetworkPolicy, without which a strict network would keep it from becoming ready", async () => {
  const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy::cluster-system-allow-coredns";
  const resources = await made();
  expect(before(resources, "cluster-services-coredns")).toContain(policy);
  expect(before(resources, "cluster-system-allow-coredns")).toContain(addOn("cluster-base-vpc-cni"));
  const open = await made({ networkPolicy: "off" });
  expect([...ofType(open, "kubernetes:networking.k8s.io/v1:NetworkPolicy")]).toEqual([]);
});

test("nothing goes into the cluster before the role that runs `pulumi up` does", async () => {
  const provider = ofType(await made(), "pulumi:providers:kubernetes").get("cluster-early-provider");
  expect(provider?.inputs).toMatchObject({
    kubeconfig: secret,
    clusterIdentifier: "cluster-control-plane-cluster-arn",
  });
  expect(provider?.after).toEqual([
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation::cluster-access-111122223333-deployer-policy",
    cluster,
  ]);
});

test("the platform's provider comes after every node, add-on and policy of the cluster, also in a preview", async () => {
  for (const preview of [false, true]) {
    const resources = await resourcesOf(configOf(), preview);
    const needed = before(resources, "cluster-provider");
    const parts = [
      "aws:eks/addon:Addon",
      "aws:eks/nodeGroup:NodeGroup",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    ];
    const missing = resources.filter(({ type, name }) => parts.includes(type) && !needed.has(`${type}::${name}`));
    expect(missing).toEqual([]);
    expect(needed).toContain(addOn("cluster-services-coredns"));
    expect(needed).toContain(nodes("system"));
  }
  const { inputs } = ofType(await made(), "pulumi:providers:kubernetes").get("cluster-provider") ?? {};
  expect(inputs).toMatchObject({ kubeconfig: secret, clusterIdentifier: "cluster-control-plane-cluster-arn" });
});

test("what the platform is told of Auto Mode, that it heeds NetworkPolicies, is true before its provider is there", async () => {
  const resources = await made({ autoMode: true, nodeGroups: null, networkPolicy: "standard" });
  expect(before(resources, "cluster-provider")).toContain(
    "kubernetes:core/v1:ConfigMap::cluster-system-auto-mode-network",
  );
});

test("everything in AWS goes through one provider, for one account and region, that marks it", async () => {
  const resources = await made();
  const [provider] = ofType(resources, "pulumi:providers:aws").values();
  expect(provider?.inputs).toMatchObject({
    region: "eu-central-1",
    allowedAccountIds: '["111122223333"]',
    defaultTags: '{"tags":{"quintet.dev/cluster":"shop","Environment":"prod","ManagedBy":"quintet"}}',
  });
  const others = resources.filter(
    ({ type, provider: through }) => type.startsWith("aws:") && through !== "pulumi:providers:aws::cluster-aws",
  );
  expect(others).toEqual([]);
});

test("what holds data or a record, or would lock people out, is protected, and only where it is asked for", async () => {
  const held = (resources: readonly Recorded[]) =>
    resources.filter((one) => one.protect === true).map(({ name }) => name);
  expect(held(await made())).toEqual([
    "cluster-access-break-glass",
    "cluster-access-break-glass-policy",
    "cluster-control-plane-log-group",
    "cluster-control-plane-cluster",
    "cluster-flow-logs-log-group",
    "cluster-keys-logs",
    "cluster-keys-secrets",
    "cluster-network-vpc",
  ]);
  expect(held(await made({ deletionProtection: false }))).toEqual([]);
});

test("what lives in the cluster goes with it, and nothing that would outlive it", async () => {
  const resources = await made();
  const types = new Set(
    resources.filter(({ custom, deletedWith }) => custom && deletedWith === cluster).map(({ type }) => type),
  );
  expect([...types].sort()).toEqual([
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/addon:Addon",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  ]);
  expect(resources.filter(({ deletedWith }) => deletedWith !== undefined && deletedWith !== cluster)).toEqual([]);
});

test("Auto Mode has neither node groups nor add-ons of its own but the metrics", async () => {
  const resources = await made({ autoMode: true, nodeGroups: null, networkPolicy: "standard" });
  expect([...ofType(resources, "aws:eks/nodeGroup:NodeGroup")]).toEqual([]);
  expect([...ofType(resources, "aws:eks/addon:Addon").keys()]).toEqual(["cluster-services-metrics-server"]);
  expect([...ofType(resources, "aws:eks/podIdentityAssociation:PodIdentityAssociation")]).toEqual([]);
});

test("a preview shows the resources that an update makes, each with a component as its parent and once", async () => {
  const [previewed, updated] = [await resourcesOf(configOf(), true), await made()];
  const urns = updated.map(({ urn }) => urn);
  expect(previewed.map(({ urn }) => urn)).toEqual(urns);
  expect(urns).toEqual([...new Set(urns)]);
  expect(updated.filter(({ custom, urn }) => custom && !urn.includes("$"))).toEqual([]);
});

test("its ARN tells it from every other cluster", async () => {
  const { result } = await record(() => new EksCluster("cluster", argsOf(configOf())));
  expect(await valueOf(result.id)).toBe("cluster-control-plane-cluster-arn");
  expect(await valueOf(result.resource.urn)).toContain("::cluster-control-plane-cluster");
});
