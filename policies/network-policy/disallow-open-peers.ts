/** Nobody is let through from everywhere, or to everywhere, without a word why. */
import { networkPolicies } from "../lib/cel/kinds.ts";
import { egress, ingress, lists } from "../lib/cel/peers.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

/** Refuses a rule without peers, and a network that is most of the internet. */
export const disallowOpenPeers = celRule({
  name: "network-policy-disallow-open-peers",
  severity: "high",
  level: "mandatory",
  title: "No NetworkPolicy lets everybody in, or lets pods call everywhere.",
  why: "Whoever breaks into a pod then fetches what it likes and sends out what it finds; a list of peers that is empty means everybody, not nobody.",
  fix: "Name the peers. Where it must be so, as at the edge, exempt the policy with the reason.",
  parameters: noParameters,
  about: networkPolicies,
  cel: () => ({
    lists,
    checks: [
      { ...ingress, who: "lets everybody in" },
      { ...egress, who: "lets pods call everywhere" },
    ].flatMap(({ each, binds, keys, path, keyPath, who }) => [
      {
        each,
        where: binds,
        valid: `${keys}.size() > 0`,
        path,
        problem: `a rule without peers ${who}{has(it.value.ports) && it.value.ports.size() > 0 ? ", on the ports that it names" : ""}`,
        fix: "Name the peers in {path}, or exempt the policy with the reason.",
      },
      {
        each,
        where: binds,
        keys,
        valid: `!has(key.ipBlock) || !has(key.ipBlock.cidr) || !(${isWide("key.ipBlock.cidr")})`,
        path: `${keyPath}.ipBlock.cidr`,
        problem: `{key.ipBlock.cidr} is most of the internet: it ${who}, but for what is excepted`,
        fix: "Name the networks in {path}, or exempt the policy with the reason.",
      },
    ]),
  }),
});

/**
 * That a network is more than a quarter of IPv4, which no private use comes near to, or than a sixteenth of IPv6, since an
 * eighth is the whole internet (2000::/3).
 */
function isWide(cidr: string): string {
  return `${cidr}.matches(${cidr}.contains(":") ? "/0*[0-3]$" : "/0*[01]$")`;
}
