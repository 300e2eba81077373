import { disallowOpenUnions } from "../../../policies/network-policy/disallow-open-unions.ts";
import { closed, unknown } from "../network-policies.ts";
import { saidOf } from "../workloads.ts";

const blocks = (...cidrs: string[]) => ({ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })) });
const egress = (...cidrs: string[]) => closed({ egress: [blocks(...cidrs)] });
const said = (object: object) => saidOf([disallowOpenUnions], [object]);

test.each<[string, object]>([
  ["the baseline", closed()],
  ["all private networks", egress("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")],
  ["networks beside pods", closed({ egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "10.0.0.0/8" } }] }] })],
  ["just a quarter of IPv4", egress("0.0.0.0/2")],
  ["a quarter in two parts", egress("0.0.0.0/3", "32.0.0.0/3")],
  ["a quarter, and a part of it", egress("0.0.0.0/2", "10.0.0.0/8")],
  ["a network many times", egress(...Array.from({ length: 300 }, () => "10.0.0.0/8"))],
  ["a quarter of IPv4 beside a sixteenth of IPv6", egress("0.0.0.0/2", "2000::/4")],
  ["one network, which is another rule's", egress("0.0.0.0/0")],
  ["what is more than one that is too wide by itself", egress("0.0.0.0/1", "128.0.0.0/1")],
  [
    "two ways, which are two things",
    closed({ ingress: [{ from: blocks("0.0.0.0/2").to }], egress: [blocks("64.0.0.0/2")] }),
  ],
  [
    "rules of a direction that the policy does not have",
    closed({ policyTypes: ["Ingress"], egress: [blocks("0.0.0.0/2", "64.0.0.0/2")] }),
  ],
])("accepts %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

const together = "are together most of the internet: they let pods call everywhere, but for what is excepted";

test.each<[string, object, string]>([
  [
    "quarters",
    egress("0.0.0.0/2", "64.0.0.0/2", "10.0.0.0/8"),
    `0.0.0.0/2, 64.0.0.0/2, 10.0.0.0/8 ${together}. Name the networks in spec.egress[0].to[0].ipBlock.cidr`,
  ],
  ["a little more than a quarter", egress("0.0.0.0/2", "192.168.0.0/16"), together],
  ["more than a sixteenth of IPv6", egress("2000::/4", "3000::/4"), together],
  ["them in two rules", closed({ egress: [blocks("0.0.0.0/2"), blocks("64.0.0.0/2")] }), together],
  [
    "them, and tells it of the widest",
    egress("10.0.0.0/8", "64.0.0.0/2", "0.0.0.0/2"),
    "Name the networks in spec.egress[0].to[1].ipBlock.cidr, or exempt",
  ],
  [
    "those who call",
    closed({ ingress: [{ from: blocks("0.0.0.0/2", "64.0.0.0/2", "0.0.0.0/2").to }] }),
    "0.0.0.0/2, 64.0.0.0/2 are together most of the internet: they let everybody in, but for what is excepted. Name the networks in spec.ingress[0].from[0].ipBlock.cidr",
  ],
])("refuses %s", (_, object, message) => {
  expect(said(object)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a network is not known", () => {
  expect(said(egress(unknown, "64.0.0.0/2"))).toEqual([
    expect.stringContaining("spec.egress[0].to[0].ipBlock.cidr is not known"),
  ]);
});
