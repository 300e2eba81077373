/** Nobody from anywhere reaches the API server or a node. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import ipaddr from "ipaddr.js";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType, isTrue } from "../lib/aws/values.ts";
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

/** Refuses an API endpoint or an ingress rule that is open to everybody. */
export const disallowOpenNetworks: ResourceValidationPolicy = {
  name: "aws-disallow-open-networks",
  description:
    "No API endpoint and no security group lets everybody in. Whoever scans the internet finds it within hours, and then a single flaw or password is all that is between.",
  severity: "critical",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    const refuse = (what: string, path: string) => (value: unknown) => {
      const cidr = String(value);
      if (!isEverybody(cidr)) return;
      reportViolation(`${what} is open to ${cidr}, which is everybody. Name the networks that need it in ${path}.`);
    };
    switch (awsType(type)) {
      case "eks:Cluster": {
        if (!isTrue(at(props, "vpcConfig", "endpointPublicAccess") ?? true)) return; // AWS' default is open
        const cidrs = list(at(props, "vpcConfig", "publicAccessCidrs"));
        judgeAll(
          cidrs.length === 0 ? ["0.0.0.0/0"] : cidrs,
          refuse("The API server's public endpoint", "vpcConfig.publicAccessCidrs"),
        );
        return;
      }
      case "ec2:SecurityGroup":
      case "ec2:DefaultSecurityGroup": {
        judgeAll(list(at(props, "ingress")), (rule, index) => {
          const path = `ingress[${String(index)}]`;
          judgeAll(list(at(rule, "cidrBlocks")), refuse("The security group", `${path}.cidrBlocks`));
          judgeAll(list(at(rule, "ipv6CidrBlocks")), refuse("The security group", `${path}.ipv6CidrBlocks`));
        });
        return;
      }
      case "ec2:SecurityGroupRule":
        if (at(props, "type") !== "ingress") return;
        judgeAll(list(at(props, "cidrBlocks")), refuse("The security group rule", "cidrBlocks"));
        judgeAll(list(at(props, "ipv6CidrBlocks")), refuse("The security group rule", "ipv6CidrBlocks"));
        return;
      case "vpc:SecurityGroupIngressRule":
        judgeAll(list(at(props, "cidrIpv4")), refuse("The ingress rule", "cidrIpv4"));
        judgeAll(list(at(props, "cidrIpv6")), refuse("The ingress rule", "cidrIpv6"));
        return;
      default:
    }
  },
};
