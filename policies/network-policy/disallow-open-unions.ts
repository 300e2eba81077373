/** Nobody is let through from everywhere, or to everywhere, by many networks instead of one. */
import { directionsOf, rulesOf } from "../../components/network-policy.ts";
import { type Cidr, cidrOf, sizeOf } from "../lib/network-policy/cidr.ts";
import { directions } from "../lib/network-policy/network-policies.ts";
import { policiesOf } from "../lib/network-policy/reading.ts";
import { defineRule, noParameters } from "../lib/rule.ts";

/** What is too much of all addresses, as bits that may be free: network-policy-disallow-open-peers says why. */
const mostBits = { 32: 30, 128: 124 } as const;

const isWide = ({ bits, prefix }: Cidr, most: number) => bits - prefix > most;

/** Refuses networks that only together are most of the internet. */
export const disallowOpenUnions = defineRule({
  name: "network-policy-disallow-open-unions",
  severity: "high",
  level: "mandatory",
  title: "The networks of a NetworkPolicy together are not most of the internet.",
  why: "Four quarters let through as much as 0.0.0.0/0, and nobody sees it in a list.",
  fix: "Name the networks that are meant. Where it must be so, exempt the policy with the reason.",
  sees: "object",
  notCel: "it adds up networks of up to 128 bits, and CEL counts with 64",
  parameters: noParameters,
  *check(object) {
    for (const { spec } of policiesOf(object)) {
      for (const direction of directions.filter((one) => directionsOf(spec).includes(one))) {
        const [side, key] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
        const who = direction === "Ingress" ? "let everybody in" : "let pods call everywhere";
        const blocks = rulesOf(spec, direction).flatMap(({ peers = [] }, rule) =>
          peers.flatMap(({ ipBlock }, index) => {
            const network = cidrOf(ipBlock?.cidr ?? "");
            const path = `spec.${side}[${String(rule)}].${key}[${String(index)}].ipBlock.cidr`;
            return network === undefined || ipBlock === undefined ? [] : [{ network, path, cidr: ipBlock.cidr }];
          }),
        );
        for (const bits of [32, 128] as const) {
          const own = blocks.filter(({ network }) => network.bits === bits);
          const [widest] = own.toSorted((a, b) => a.network.prefix - b.network.prefix);
          // One that is so by itself is told by network-policy-disallow-open-peers.
          if (widest === undefined || isWide(widest.network, mostBits[bits])) continue;
          if (sizeOf(own.map(({ network }) => network)) <= 1n << BigInt(mostBits[bits])) continue;
          const cidrs = [...new Set(own.map(({ cidr }) => cidr))].join(", ");
          const problem = `${cidrs} are together most of the internet: they ${who}, but for what is excepted`;
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
