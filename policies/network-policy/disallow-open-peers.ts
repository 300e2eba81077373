/** Nobody is let through from everywhere, or to everywhere, without a word why. */
import { directionsOf, rulesOf } from "../../components/network-policy.ts";
import { cidrOf, sizeOf } from "../lib/network-policy/cidr.ts";
import { directions } from "../lib/network-policy/network-policies.ts";
import { policiesOf } from "../lib/network-policy/reading.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/**
 * What is too much of all addresses, as bits that may be free: a quarter of IPv4, which no private use comes near to,
 * and a sixteenth of IPv6, since an eighth is the whole internet (2000::/3).
 */
const mostBits = { 32: 30, 128: 124 } as const;

/** Refuses a rule without peers, and networks that together are most of the internet. */
export const disallowOpenPeers = defineRule({
  name: "network-policy-disallow-open-peers",
  severity: "high",
  level: "mandatory",
  title: "No NetworkPolicy lets everybody in, or lets pods call everywhere.",
  why: "Whoever breaks into a pod then fetches what it likes and sends out what it finds; a list of peers that is empty means everybody, not nobody.",
  fix: "Name the peers. Where it must be so, as at the edge, exempt the policy with the reason.",
  sees: "object",
  notCel:
    "it is about NetworkPolicies, and those of the CEL are about workloads; the platform writes them, and tenants may not",
  parameters: noParameters,
  *check(object) {
    for (const { spec } of policiesOf(object)) {
      for (const direction of directions.filter((one) => directionsOf(spec).includes(one))) {
        const [side, key] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
        const who = direction === "Ingress" ? "lets everybody in" : "lets pods call everywhere";
        const rules = rulesOf(spec, direction);
        for (const [index, { peers = [], ports = [] }] of rules.entries()) {
          if (peers.length > 0) continue;
          const path = `spec.${side}[${String(index)}].${key}`;
          const problem = `a rule without peers ${who}${ports.length === 0 ? "" : ", on the ports that it names"}`;
          yield { path, problem, fix: "Name the peers in {path}, or exempt the policy with the reason." };
        }
        const blocks = rules.flatMap(({ peers = [] }, rule) =>
          peers.flatMap(({ ipBlock }, index) => {
            const network = cidrOf(ipBlock?.cidr ?? "");
            const path = `spec.${side}[${String(rule)}].${key}[${String(index)}].ipBlock.cidr`;
            return network === undefined || ipBlock === undefined ? [] : [{ network, path, cidr: ipBlock.cidr }];
          }),
        );
        for (const bits of [32, 128] as const) {
          const own = blocks.filter(({ network }) => network.bits === bits);
          const widest = own.toSorted((a, b) => a.network.prefix - b.network.prefix)[0];
          if (widest === undefined || sizeOf(own.map(({ network }) => network)) <= 1n << BigInt(mostBits[bits]))
            continue;
          const cidrs = [...new Set(own.map(({ cidr }) => cidr))].join(", ");
          const problem = `${cidrs} ${own.length === 1 ? "is" : "are together"} most of the internet: it ${who}, but for what is excepted`;
          yield {
            path: widest.path,
            problem,
            fix: "Name the networks in {path}, or exempt the policy with the reason.",
          };
        }
      }
    }
  },
});
