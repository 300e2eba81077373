import { eksFacts } from "../../../../components/cluster/eks/facts.ts";
import { eksHalf } from "../../../../components/cluster/eks/half.ts";
import { contradictions } from "../../../../components/cluster/facts.ts";
import { configOf } from "./example.ts";

test("a cluster that is not there yet is known by its configuration", () => {
  const facts = eksFacts(configOf());
  expect(facts).toEqual({
    mode: "nodes",
    kubernetesVersion: "v1.36",
    podCidr: "10.64.0.0/16",
    serviceCidr: "172.20.0.0/16",
    dns: { domain: "cluster.local", settings: "add-on", resolvers: ["10.64.0.2", "169.254.169.253"] },
    nodes: [],
    nodeRanges: ["10.64.0.0/19", "10.64.32.0/19", "10.64.64.0/19"],
    zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    apiServer: { cidrs: ["172.20.0.1/32", "10.64.224.0/22", "10.64.228.0/22", "10.64.232.0/22"], port: 443 },
    enforcesNetworkPolicy: true,
    ownsEtcd: false,
    podRoles: true,
    loadBalancer: "cloud",
    awsLoadBalancers: "cloud-controller",
    imageSource: "registry",
    brings: ["cni", "dns", "proxy", "metrics"],
    system: eksHalf(configOf()),
  });
  expect(contradictions(facts)).toEqual([]);
});

test("nothing enforces a NetworkPolicy when it is off", () => {
  expect(eksFacts(configOf({ networkPolicy: "off" })).enforcesNetworkPolicy).toBe(false);
  expect(eksFacts(configOf({ networkPolicy: "standard" })).enforcesNetworkPolicy).toBe(true);
});

test("it brings what its add-ons are, and Auto Mode all but the metrics", () => {
  const without = (name: string) => ({ addOns: { [name]: { enabled: false } } });
  expect(eksFacts(configOf(without("kube-proxy"))).brings).toEqual(["cni", "dns", "metrics"]);
  expect(eksFacts(configOf(without("coredns")))).toMatchObject({
    brings: ["cni", "proxy", "metrics"],
    dns: { settings: "none" },
  });
  const auto = { autoMode: true, nodeGroups: null, networkPolicy: "standard", ...without("metrics-server") };
  expect(eksFacts(configOf(auto)).brings).toEqual(["cni", "dns", "proxy"]);
});
