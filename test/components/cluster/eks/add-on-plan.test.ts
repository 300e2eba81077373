import { addOnNames, hasIdentity, planAddOns } from "../../../../components/cluster/eks/add-on-plan.ts";
import { corefile } from "../../../../components/coredns-plan.ts";
import { supportedMinors } from "../../../../support.ts";
import { versions } from "../../../../versions.ts";
import { noDns } from "../../../lib/stacks.ts";
import { type Change, configOf } from "./example.ts";

const planned = (change: Change = {}, dns = noDns) => planAddOns(configOf(change), dns);

test("what every node runs comes before nodes, the rest after, each at the pinned build", () => {
  const pins = versions.eks["1.36"].addOns;
  expect(planned().map(({ name, version, before }) => [name, version, before])).toEqual([
    ["vpc-cni", pins["vpc-cni"], true],
    ["kube-proxy", pins["kube-proxy"], true],
    ["eks-pod-identity-agent", pins["eks-pod-identity-agent"], true],
    ["coredns", pins.coredns, false],
    ["aws-ebs-csi-driver", pins["aws-ebs-csi-driver"], false],
    ["metrics-server", pins["metrics-server"], false],
  ]);
});

test("versions.ts pins every add-on, and images for every release of EKS", () => {
  expect(Object.keys(versions.eks["1.36"].addOns).sort()).toEqual([...addOnNames].sort());
  expect(Object.keys(versions.eks)).toEqual(supportedMinors("Amazon EKS"));
  for (const [minor, { nodes }] of Object.entries(versions.eks)) expect(nodes.startsWith(`${minor}.`)).toBe(true);
});

/** JSON in JSON. */
const eniTags = `"ADDITIONAL_ENI_TAGS":${JSON.stringify('{"quintet.dev/cluster":"shop"}')}`;

test.each([
  ["strict", `{"enableNetworkPolicy":"true","env":{${eniTags},"NETWORK_POLICY_ENFORCING_MODE":"strict"}}`],
  ["standard", `{"enableNetworkPolicy":"true","env":{${eniTags},"NETWORK_POLICY_ENFORCING_MODE":"standard"}}`],
  ["off", `{"enableNetworkPolicy":"false","env":{${eniTags}}}`],
])("network policy %s is the network's to know", (networkPolicy, configuration) => {
  expect(planned({ networkPolicy }).find(({ name }) => name === "vpc-cni")?.configuration).toBe(configuration);
});

test("what the stack says is passed on, in an order that stays", () => {
  const say = (configuration: Change) => {
    const addOns = { "vpc-cni": { configuration } };
    return planned({ addOns }).find(({ name }) => name === "vpc-cni")?.configuration;
  };
  const one = say({ env: { WARM_ENI_TARGET: "2", ENABLE_PREFIX_DELEGATION: "true" }, tolerations: [] });
  expect(one).toBe(
    `{"enableNetworkPolicy":"true","env":{${eniTags},"ENABLE_PREFIX_DELEGATION":"true","NETWORK_POLICY_ENFORCING_MODE":"strict","WARM_ENI_TARGET":"2"},"tolerations":[]}`,
  );
  expect(say({ tolerations: [], env: { ENABLE_PREFIX_DELEGATION: "true", WARM_ENI_TARGET: "2" } })).toBe(one);
});

test("CoreDNS has replicas on different nodes by the size of the cluster, and its own Corefile when names are set", () => {
  const told = (change: Change, dns = noDns): unknown =>
    JSON.parse(planned(change, dns).find(({ name }) => name === "coredns")?.configuration ?? "");
  const labelSelector = { matchLabels: { "k8s-app": "kube-dns" } };
  const topologySpreadConstraints = [
    { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", labelSelector },
    { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
  ];
  const autoScaling = { enabled: true, minReplicas: 2, maxReplicas: 10 };
  expect(told({})).toEqual({ autoScaling, topologySpreadConstraints });
  const own = { replicaCount: 3, topologySpreadConstraints: [] };
  expect(told({ addOns: { coredns: { configuration: own } } })).toEqual(own);
  const dns = { stubDomains: { "corp.example": ["10.0.0.53"] }, upstream: [] };
  expect(told({}, dns)).toEqual({
    autoScaling,
    topologySpreadConstraints,
    corefile: corefile("cluster.local", dns),
  });
});

test("an add-on may stand at another build, or be left out", () => {
  const addOns = { coredns: { version: "v1.14.9-eksbuild.1" }, "aws-ebs-csi-driver": { enabled: false } };
  const names = planned({ addOns }).map(({ name, version }) => `${name} ${version}`);
  expect(names).toContain("coredns v1.14.9-eksbuild.1");
  expect(names.filter((name) => name.startsWith("aws-ebs-csi-driver"))).toEqual([]);
});

test("Auto Mode leaves only what it does not bring", () => {
  const auto = { autoMode: true, nodeGroups: null, networkPolicy: "standard" };
  expect(planned(auto).map(({ name }) => name)).toEqual(["metrics-server"]);
});

test("the network and the storage driver act in AWS, each by its own service account", () => {
  expect(
    planned()
      .filter(hasIdentity)
      .map(({ name, serviceAccount }) => [name, serviceAccount]),
  ).toEqual([
    ["vpc-cni", "aws-node"],
    ["aws-ebs-csi-driver", "ebs-csi-controller-sa"],
  ]);
});
