import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { disallowOpenPeers } from "../../../policies/network-policy/disallow-open-peers.ts";
import { closed, unknown } from "../network-policies.ts";
import { saidOf } from "../workloads.ts";

const blocks = (...cidrs: string[]) => ({ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })) });
const egress = (...cidrs: string[]) => closed({ egress: [blocks(...cidrs)] });
const said = (object: object) => saidOf([disallowOpenPeers], [object]);

test.each<[string, object]>([
  ["the baseline", closed()],
  ["all private networks", egress("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")],
  ["networks beside pods", closed({ egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "10.0.0.0/8" } }] }] })],
  ["just a quarter of IPv4", egress("0.0.0.0/2")],
  ["a sixteenth of IPv6", egress("2000::/4")],
  ["networks whose last digit is one", egress("10.0.0.0/21", "fd00::/11", "10.0.0.0/10")],
  ["rules of a direction that the policy does not have", closed({ policyTypes: ["Egress"], ingress: [{}] })],
])("accepts %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

const everywhere = "it lets pods call everywhere, but for what is excepted. Name the networks in spec.egress[0].to";

test.each<[string, object, string]>([
  [
    "a rule without peers",
    closed({ ingress: [{}] }),
    "a rule without peers lets everybody in. Name the peers in spec.ingress[0].from",
  ],
  ["an empty list of peers", closed({ ingress: [{ from: [] }] }), "a rule without peers lets everybody in."],
  [
    "it on a port",
    closed({ egress: [{ ports: [{ port: 443 }] }] }),
    "lets pods call everywhere, on the ports that it names.",
  ],
  ["all of IPv4", egress("0.0.0.0/0"), `0.0.0.0/0 is most of the internet: ${everywhere}[0].ipBlock.cidr`],
  ["all of IPv6", egress("::/0"), `::/0 is most of the internet: ${everywhere}[0].ipBlock.cidr`],
  ["all of IPv6 that is given out", egress("2000::/3"), "2000::/3 is most of the internet"],
  ["it written with a zero before", egress("0.0.0.0/00"), "0.0.0.0/00 is most of the internet"],
  [
    "it beside a pod",
    closed({ egress: [{ to: [{ podSelector: {} }, ...blocks("::/1").to] }] }),
    "spec.egress[0].to[1]",
  ],
  ["it in the second rule", closed({ egress: [blocks("10.0.0.0/8"), blocks("0.0.0.0/0")] }), "spec.egress[1].to[0]"],
  ["a half", egress("128.0.0.0/1"), "128.0.0.0/1 is most of the internet"],
  [
    "all but what is excepted",
    closed({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }] }),
    "it lets everybody in, but for what is excepted",
  ],
])("refuses %s", (_, object, message) => {
  expect(said(object)).toEqual([expect.stringContaining(message)]);
});

test("takes an exemption with a reason, until its last day", () => {
  const exemption = {
    rule: disallowOpenPeers.name,
    namespace: "shop",
    reason: "the shop is open",
    expires: "2026-12-31",
  };
  const config = policyConfigSchema.parse({ exemptions: [exemption] });
  expect(saidOf([disallowOpenPeers], [egress("0.0.0.0/0")], config, "2026-12-31")).toEqual([]);
  expect(saidOf([disallowOpenPeers], [egress("0.0.0.0/0")], config, "2027-01-01")).toHaveLength(1);
});

test("is undecided while a network is not known", () => {
  expect(said(egress(unknown))).toEqual([expect.stringContaining("spec.egress[0].to[0].ipBlock.cidr is not known")]);
});
