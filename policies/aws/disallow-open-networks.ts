/** Nobody from anywhere reaches the API server or a node. */
import ipaddr from "ipaddr.js";
import { awsType, isTrue, notCel } from "../lib/aws/values.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, list } from "../lib/values.ts";

/**
 * The widest public range that a rule may open, in bits: a /8 of IPv4 and a /32 of IPv6 are what one large organisation
 * holds. Anything wider is "everybody" cut in pieces.
 */
const widest = { ipv4: 8, ipv6: 32 } as const;

/** Whether a range is so wide that it means everybody; private ranges may be as wide as they are. */
export function isEverybody(cidr: string): boolean {
  if (!ipaddr.isValidCIDR(cidr)) return false;
  const [address, bits] = ipaddr.parseCIDR(cidr);
  if (bits >= widest[address.kind()]) return false;
  // What is private in IPv6 is one /7; in IPv4 nothing private is as wide.
  return bits < 7 || address.range() !== "uniqueLocal";
}

/** The lists of ranges that let somebody in, by type, with the paths where they are. */
const openings: Readonly<
  Record<string, (value: unknown) => Iterable<readonly [path: string, cidrs: readonly unknown[]]>>
> = {
  *"eks:Cluster"(value) {
    if (!isTrue(at(value, "vpcConfig", "endpointPublicAccess") ?? true)) return; // AWS' default is open
    const cidrs = list(at(value, "vpcConfig", "publicAccessCidrs"));
    yield ["vpcConfig.publicAccessCidrs", cidrs.length === 0 ? ["0.0.0.0/0"] : cidrs];
  },
  "ec2:SecurityGroup": ofGroup,
  "ec2:DefaultSecurityGroup": ofGroup,
  *"ec2:SecurityGroupRule"(value) {
    if (at(value, "type") === "ingress") yield* ofRule(value, "");
  },
  *"vpc:SecurityGroupIngressRule"(value) {
    for (const path of ["cidrIpv4", "cidrIpv6"]) yield [path, list(at(value, path))];
  },
};

function* ofGroup(value: unknown) {
  for (const [index, rule] of list(at(value, "ingress")).entries()) yield* ofRule(rule, `ingress[${String(index)}].`);
}

function* ofRule(rule: unknown, prefix: string): Iterable<readonly [string, readonly unknown[]]> {
  for (const name of ["cidrBlocks", "ipv6CidrBlocks"]) yield [prefix + name, list(at(rule, name))];
}

/** Refuses an API endpoint or an ingress rule that is open to everybody. */
export const disallowOpenNetworks = defineRule({
  name: "aws-disallow-open-networks",
  severity: "critical",
  level: "mandatory",
  title: "No API endpoint and no security group lets everybody in.",
  why: "Whoever scans the internet finds it within hours, and then a single flaw or password is all that is between.",
  fix: "Name the networks that need it.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    yield* each(openings[awsType(object)]?.(object.value) ?? [], ([path, cidrs]) =>
      each(cidrs, function* (cidr): Iterable<Finding> {
        if (!isEverybody(String(cidr))) return;
        const problem = `it is open to ${String(cidr)}, which is everybody`;
        yield { path, problem, fix: "Name the networks that need it in {path}." };
      }),
    );
  },
});
