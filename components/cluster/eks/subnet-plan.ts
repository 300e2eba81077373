/** How a VPC is divided: by zone and tier, each at its own place for life. */
import ipaddr from "ipaddr.js";

/**
 * What a subnet is for: load balancers that the internet reaches and the ways out ("public"), nodes and pods
 * ("private"), the control plane's and AWS services' addresses, from where nothing leaves the VPC ("intra").
 */
export const tiers = ["public", "private", "intra"] as const;

/** What a subnet is for. */
export type Tier = (typeof tiers)[number];

/** One subnet. */
export interface SubnetPlan {
  readonly tier: Tier;
  readonly zone: string;
  readonly cidr: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** How many addresses AWS keeps in each subnet: the network, the router, DNS, one in reserve, and the broadcast. */
const reservedByAws = 5;

/**
 * Divides a VPC of /n. Its first six eighths are the private subnets of the zones a to f, a /(n+3) each: nearly all
 * addresses are pods'. The seventh eighth holds the public and the last one the intra subnets, a /(n+6) for each zone.
 * Of a /16 that is 8,187 addresses for a zone's nodes and pods, and 1,019 for each of the others.
 *
 * A subnet's place follows from its zone's letter, never from the order or number of zones, since another range would
 * be another subnet, and another subnet other nodes.
 *
 * @param cluster the cluster's name, for the tags by which load balancers find their subnets
 */
export function planSubnets(cluster: string, vpcCidr: string, zones: readonly string[]): SubnetPlan[] {
  return tiers.flatMap((tier) =>
    zones.map((zone) => ({ tier, zone, cidr: cidrOf(vpcCidr, tier, zone), tags: tagsOf(cluster, tier) })),
  );
}

/** How many addresses a zone's private subnet has for nodes and pods. */
export function privateAddresses(vpcCidr: string): number {
  return 2 ** (32 - bitsOf(vpcCidr) - 3) - reservedByAws;
}

/** The address at which a VPC answers DNS: the third of its range. */
export function resolverOf(vpcCidr: string): string {
  return textOf(numberOf(vpcCidr) + 2);
}

function cidrOf(vpcCidr: string, tier: Tier, zone: string): string {
  const slot = zone.charCodeAt(zone.length - 1) - "a".charCodeAt(0);
  const [more, place] = { private: [3, slot], public: [6, 6 * 8 + slot], intra: [6, 7 * 8 + slot] }[tier] as [
    number,
    number,
  ];
  const bits = bitsOf(vpcCidr) + more;
  return `${textOf(numberOf(vpcCidr) + place * 2 ** (32 - bits))}/${String(bits)}`;
}

/** kubernetes.io/role/… is what the load balancer controllers of EKS look for; intra subnets get no load balancer. */
function tagsOf(cluster: string, tier: Tier): Record<string, string> {
  if (tier === "intra") return {};
  const role = tier === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb";
  return { [role]: "1", [`kubernetes.io/cluster/${cluster}`]: "shared" };
}

const bitsOf = (cidr: string) => Number(cidr.split("/")[1]);

const numberOf = (cidr: string) =>
  ipaddr.IPv4.networkAddressFromCIDR(cidr).octets.reduce((sum, octet) => sum * 256 + octet, 0);

const textOf = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
