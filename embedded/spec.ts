/**
 * What an embedded cluster is made of, as plain data: names, addresses, ranges and roles, with the checks that need
 * nothing but the data. What only the machine knows is checked in preflight.ts.
 */
import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import { versions } from "../versions.ts";

/** One node: its host name, IPv4 address, kubeadm role and the rack that becomes its zone label. */
export interface NodeSpec {
  readonly name: string;
  readonly address: string;
  readonly role: "control-plane" | "worker";
  readonly rack: string;
}

/** A whole cluster. Ranges are IPv4 in CIDR notation, addresses are IPv4 without a prefix length. */
export interface ClusterSpec {
  readonly name: string;
  /** The nodes' own network; its prefix length is the nodes' prefix length. */
  readonly subnet: string;
  /** This machine's address in the nodes' network. */
  readonly hostAddress: string;
  /** The address of the API server that moves to a living control-plane node. */
  readonly apiAddress: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dnsAddress: string;
  readonly kubernetesVersion: string;
  readonly nodes: readonly NodeSpec[];
}

/** What the command line can choose; everything else of a cluster follows from it. */
export interface ClusterOptions {
  readonly name: string;
  readonly subnet: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** As `v1.36.3`. @default the newest that there are tools of */
  readonly kubernetes?: string;
}

/** The lab's own cluster. */
export const defaults: ClusterOptions = {
  name: "quintet",
  subnet: "172.20.20.0/24",
  podCidr: "10.42.0.0/16",
  serviceCidr: "10.43.0.0/16",
};

/** Where every API server listens, and the address that stands for all of them. */
export const apiPort = 6443;

/** What the names of Services end in. */
export const clusterDomain = "cluster.local";

/** The lab's nodes by host number in their network; the three control-plane nodes stand in three racks. */
const lab = [
  { name: "qke-master", host: 1, role: "control-plane", rack: "rack-1" },
  { name: "qke-worker-49-1", host: 11, role: "control-plane", rack: "rack-49" },
  { name: "qke-worker-49-2", host: 12, role: "worker", rack: "rack-49" },
  { name: "qke-worker-181-1", host: 51, role: "control-plane", rack: "rack-181" },
  { name: "qke-worker-181-2", host: 52, role: "worker", rack: "rack-181" },
] as const;

const apiHost = 100;
const hostHost = 254;
const dnsHost = 10;
const longestName = 30; // a node's network namespace carries the cluster's and the node's name

/**
 * The lab's five nodes under that name and in those ranges.
 *
 * @throws Error with every problem of the options in one message, each with its option and what would be right.
 */
export function labCluster(options: ClusterOptions = defaults): ClusterSpec {
  const problems = [...nameProblems(options.name), ...rangeProblems(options), ...releaseProblems(options)];
  if (problems.length > 0) {
    throw new Error(`The embedded cluster cannot be described:\n${problems.map((p) => `  ${p}`).join("\n")}`);
  }
  return {
    name: options.name,
    subnet: options.subnet,
    hostAddress: addressIn(options.subnet, hostHost),
    apiAddress: addressIn(options.subnet, apiHost),
    podCidr: options.podCidr,
    serviceCidr: options.serviceCidr,
    dnsAddress: addressIn(options.serviceCidr, dnsHost),
    kubernetesVersion: options.kubernetes ?? versions.kubernetes,
    nodes: lab.map(({ name, host, role, rack }) => ({ name, role, rack, address: addressIn(options.subnet, host) })),
  };
}

/** The control-plane nodes in the order in which they join; the first one is initialised. */
export function controlPlane(spec: ClusterSpec): readonly NodeSpec[] {
  return spec.nodes.filter((node) => node.role === "control-plane");
}

/** A node by its name. @throws Error that lists the names there are. */
export function nodeNamed(spec: ClusterSpec, name: string): NodeSpec {
  const found = spec.nodes.find((node) => node.name === name);
  if (found === undefined) {
    const names = spec.nodes.map((node) => node.name).join(", ");
    throw new Error(`Cluster ${spec.name} has no node "${name}". Its nodes are ${names}.`);
  }
  return found;
}

/** Eight hexadecimal digits that stand for the cluster where its name is too long, as in an interface's name. */
export function shortId(clusterName: string): string {
  return createHash("sha256").update(clusterName).digest("hex").slice(0, 8);
}

/** Whether two IPv4 ranges share an address. */
export function overlap(left: string, right: string): boolean {
  const [a, aBits] = ipaddr.IPv4.parseCIDR(left);
  const [b, bBits] = ipaddr.IPv4.parseCIDR(right);
  return a.match(b, Math.min(aBits, bBits));
}

function addressIn(cidr: string, host: number): string {
  const bytes = ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray();
  return [...bytes.slice(0, 3), host].join(".");
}

function releaseProblems({ kubernetes = versions.kubernetes }: ClusterOptions): string[] {
  const known = Object.keys(versions.kubernetesReleases);
  return known.includes(kubernetes) ? [] : [`--kubernetes "${kubernetes}": there are tools of ${known.join(", ")}`];
}

function nameProblems(name: string): string[] {
  if (/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= longestName) {
    return [];
  }
  return [
    `--name "${name}": use lower-case letters, digits and "-", at most ${String(longestName)}, starting with a letter`,
  ];
}

function rangeProblems(options: ClusterOptions): string[] {
  const ranges = [
    { option: "--subnet", cidr: options.subnet, bits: [24, 24] },
    { option: "--pod-cidr", cidr: options.podCidr, bits: [12, 20] }, // at least 16 nodes of /24
    { option: "--service-cidr", cidr: options.serviceCidr, bits: [12, 24] }, // /12 is the API server's own limit
  ] as const;
  const problems = ranges.flatMap(({ option, cidr, bits: [least, most] }) => {
    if (!ipaddr.IPv4.isValidCIDR(cidr)) {
      return [`${option} "${cidr}": not an IPv4 network; write it like 172.20.20.0/24`];
    }
    const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
    const network = ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
    return [
      ...(network === address.toString() ? [] : [`${option} "${cidr}": has host bits set; the network is ${network}`]),
      ...(bits >= least && bits <= most
        ? []
        : [`${option} "${cidr}": use a prefix of /${String(least)} to /${String(most)}`]),
      ...(address.range() === "private" ? [] : [`${option} "${cidr}": use a private range (RFC 1918)`]),
    ];
  });
  if (problems.length > 0) {
    return problems;
  }
  return ranges.flatMap((a, i) =>
    ranges
      .slice(i + 1)
      .filter((b) => overlap(a.cidr, b.cidr))
      .map((b) => `${a.option} ${a.cidr} overlaps ${b.option} ${b.cidr}: give each a range of its own`),
  );
}
