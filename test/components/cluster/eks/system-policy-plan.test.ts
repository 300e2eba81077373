import { planSystemPolicies } from "../../../../components/cluster/eks/system-policy-plan.ts";
import { type Change, configOf } from "./example.ts";

const planned = (change: Change = {}) => planSystemPolicies(configOf(change));
const block = (cidr: string) => ({ ipBlock: { cidr } });
const tcp = (port: number) => ({ protocol: "TCP", port });
const dns = [{ protocol: "UDP", port: 53 }, tcp(53)];
const controlPlane = ["10.64.224.0/22", "10.64.228.0/22", "10.64.232.0/22"].map(block);
const api = { to: [block("172.20.0.1/32"), ...controlPlane], ports: [tcp(443)] };
const names = { to: [{ podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: dns };

test("each add-on in pods of its own may do what it is for, and nothing else", () => {
  expect(
    planned().map(({ role, spec: { podSelector, policyTypes, ingress, egress } }) => {
      expect(policyTypes).toEqual(["Ingress", "Egress"]);
      return [role, podSelector.matchLabels, ingress, egress];
    }),
  ).toEqual([
    [
      "coredns",
      { "k8s-app": "kube-dns" },
      [{ ports: [...dns, tcp(9153)] }],
      [api, { to: [block("10.64.0.2/32"), block("169.254.169.253/32")], ports: dns }],
    ],
    [
      "metrics-server",
      { "app.kubernetes.io/name": "metrics-server" },
      [{ from: controlPlane, ports: [tcp(10250), tcp(10251)] }],
      [api, names, { to: [block("10.64.0.0/16")], ports: [tcp(10250)] }],
    ],
    [
      "ebs-csi-controller",
      { app: "ebs-csi-controller" },
      [],
      [
        api,
        names,
        { to: [block("10.64.0.0/16")], ports: [tcp(443)] },
        { to: [block("169.254.170.23/32")], ports: [tcp(80)] },
      ],
    ],
    ["ebs-csi-node", { app: "ebs-csi-node" }, [], [api, names]],
  ]);
});

test.each(["standard", "off"])("%s needs none: what no policy names is open", (networkPolicy) => {
  expect(planned({ networkPolicy })).toEqual([]);
});

test("an add-on that is off gets none", () => {
  const roles = planned({ addOns: { "aws-ebs-csi-driver": { enabled: false } } }).map(({ role }) => role);
  expect(roles).toEqual(["coredns", "metrics-server"]);
});

test("EC2 is called outside the VPC when it has no address inside", () => {
  const [controller] = planned({ vpc: { endpoints: ["sts"] } }).filter(({ role }) => role === "ebs-csi-controller");
  expect(controller?.spec.egress).toContainEqual({ to: [block("0.0.0.0/0")], ports: [tcp(443)] });
});
