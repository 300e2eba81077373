import { eksFacts } from "../../../../components/cluster/eks/facts.ts";
import { eksHalf } from "../../../../components/cluster/eks/half.ts";
import type { PolicyPort } from "../../../../components/network-policy.ts";
import { argsOf, type Change, configOf } from "./example.ts";

/** The policies of kube-system, by name. */
const planned = (change: Change = {}) =>
  Object.fromEntries(argsOf(configOf(change)).policies.map(({ name, spec }) => [name, spec]));
const block = (cidr: string) => ({ ipBlock: { cidr } });
const tcp = (port: number): PolicyPort => ({ protocol: "TCP", port });
const dns = [tcp(53), { protocol: "UDP", port: 53 }];
const intra = ["10.64.224.0/22", "10.64.228.0/22", "10.64.232.0/22"].map(block);
const api = { to: [block("172.20.0.1/32"), ...intra], ports: [tcp(443)] };
const names = { to: [{ podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: dns };
const both = ["Ingress", "Egress"];

test.each(["strict", "standard"])("%s: each add-on may do what it is for, and nothing else", (networkPolicy) => {
  expect(planned({ networkPolicy })).toEqual({
    "allow-coredns": {
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      policyTypes: both,
      ingress: [{ ports: dns }],
      egress: [{ to: [block("10.64.0.2/32"), block("169.254.169.253/32")], ports: dns }, api],
    },
    "allow-dns-check": {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "dns-check" } },
      policyTypes: both,
      egress: [names],
    },
    "allow-metrics-server": {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "metrics-server" } },
      policyTypes: both,
      ingress: [{ from: [block("172.20.0.1/32"), ...intra], ports: [tcp(10250), tcp(10251)] }],
      egress: [{ to: ["10.64.0.0/19", "10.64.32.0/19", "10.64.64.0/19"].map(block), ports: [tcp(10250)] }, api, names],
    },
    "allow-ebs-csi-controller": {
      podSelector: { matchLabels: { app: "ebs-csi-controller" } },
      policyTypes: both,
      egress: [
        { to: [block("169.254.170.23/32")], ports: [tcp(80)] },
        { to: [...api.to, ...intra], ports: [tcp(443)] },
        names,
      ],
    },
    "allow-ebs-csi-node": {
      podSelector: { matchLabels: { app: "ebs-csi-node" } },
      policyTypes: both,
      egress: [api, names],
    },
  });
});

test("without NetworkPolicies there are none", () => {
  expect(planned({ networkPolicy: "off" })).toEqual({});
});

test("an add-on that is off gets none", () => {
  expect(Object.keys(planned({ addOns: { "aws-ebs-csi-driver": { enabled: false } } })).sort()).toEqual([
    "allow-coredns",
    "allow-dns-check",
    "allow-metrics-server",
  ]);
});

test("Auto Mode resolves names outside pods, so that only the metrics are closed", () => {
  const auto = { autoMode: true, nodeGroups: null, networkPolicy: "standard" };
  expect(eksFacts(configOf(auto)).dns.settings).toBe("none");
  expect(Object.keys(planned(auto))).toEqual(["allow-metrics-server"]);
});

test("EC2 is called outside the VPC when it has no address inside", () => {
  expect(eksHalf(configOf({ vpc: { endpoints: ["sts"] } })).peers?.["ec2"]).toEqual({
    cidrs: ["0.0.0.0/0"],
    except: ["10.64.0.0/16", "172.20.0.0/16"],
    ports: { https: { port: 443 } },
  });
});
