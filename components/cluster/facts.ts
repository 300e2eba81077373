/** What the platform knows about the cluster it runs on before the first call to it: plain data, checked strictly. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { section } from "../../problems.ts";
import { parseQuantity } from "../../quantity.ts";
import { versions } from "../../versions.ts";
import type { Half } from "../connectivity-graph.ts";

/** A DNS label by RFC 1123, the name of most Kubernetes objects. */
export const dnsLabel = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 of a-z, 0-9 and "-", with a letter or digit at both ends',
  );

/** The name of a namespace that is made for somebody, and so none of Kubernetes' own. */
export const ownNamespace = dnsLabel.refine(
  (name) => name !== "default" && !name.startsWith("kube-"),
  "is a namespace of Kubernetes, which is not closed for it: give it one of its own",
);

/** What a container is promised, or may take. */
export const quantity = z
  .string()
  .refine((text) => (parseQuantity(text) ?? 0n) > 0n, 'must be a Kubernetes quantity above zero like "100m" or "64Mi"');

/** A list of distinct values of one closed set. */
const setOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.array(z.enum(values)).refine((list) => new Set(list).size === list.length, "must not name anything twice");

/** An IPv4 network without host bits, like 10.42.0.0/16. */
export const network = z.string().superRefine((text, context) => {
  if (!ipaddr.IPv4.isValidCIDR(text)) {
    context.addIssue(`"${text}" is not an IPv4 network, write it like 10.42.0.0/16`);
  } else if (ipaddr.IPv4.networkAddressFromCIDR(text).toString() !== text.split("/")[0]) {
    context.addIssue(`"${text}" has host bits set, the network is ${networkOf(text)}`);
  }
});

/** An IPv4 address. */
export const address = z
  .string()
  .refine((text) => ipaddr.IPv4.isValidFourPartDecimal(text), "must be an IPv4 address like 172.20.20.1");

/** A host name by RFC 1123 without a dot at its end, or an address. */
export const hostName = z
  .string()
  .max(253, "must have at most 253 characters")
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    "must be a host name or an address, like qke.com",
  );

const kubernetesVersion = z
  .string()
  .regex(/^v\d+\.\d+\.\d+([+-][0-9A-Za-z.+-]+)?$/, "must be a full version like v1.36.3")
  .refine(
    (version) => (versions.kubernetesMinors as readonly string[]).includes(minorOf(version)),
    `is not supported, use one of ${versions.kubernetesMinors.join(", ")}`,
  );

const port = z
  .int("must be a port from 1 to 65535")
  .min(1, "must be a port from 1 to 65535")
  .max(65535, "must be a port from 1 to 65535");

/** One node: its host name, address, role, and the rack it carries as `topology.kubernetes.io/zone`. */
const node = section({
  name: dnsLabel,
  address,
  role: z.enum(["control-plane", "worker"]),
  rack: z.string().min(1).optional(),
});

/** The size of the range that each node takes out of the pod network: kube-controller-manager's --node-cidr-mask-size. */
const nodeRangeBits = 24;

/** The parts of a cluster that a target may bring along. */
export const parts = ["cni", "dns", "proxy", "metrics"] as const;

/** What is known of the cluster's DNS. */
const dns = section({
  /** The address of its Service, which kubelets tell their pods. @default the tenth of serviceCidr */
  address: address.optional(),
  /** What the names of Services end in, as kubelets tell their pods. */
  domain: hostName.default("cluster.local"),
  /**
   * How a CoreDNS that the cluster brings takes settings: "imports" where its Corefile imports *.override and *.server of
   * the ConfigMap kube-system/coredns-custom, as that of k3s does; "none" where it is left as it is.
   */
  settings: z.enum(["imports", "none"]).default("none"),
  /** The name servers that it asks for other names. @default whichever its nodes know */
  resolvers: z.array(address).optional(),
});

const folder = z.string().startsWith("/", "must be a path from the root of the nodes, like /opt/cni/bin");

/** The facts of a cluster that is there already, as the embedded one or a person writes them. */
export const clusterFactsSchema = section({
  /** What tells this cluster from every other one: the uid of its namespace kube-system. */
  id: z.string().min(1),
  /** Whether pods really run ("nodes") or only their objects exist ("simulated"). */
  mode: z.enum(["nodes", "simulated"]),
  kubernetesVersion,
  podCidr: network,
  serviceCidr: network,
  apiEndpoint: z.url({ protocol: /^https$/, error: "must be an https URL like https://172.20.20.100:6443" }),
  /**
   * Where pods' calls to the API server arrive once Services have been translated, and its own come from.
   * @default the control-plane nodes, port 6443
   */
  apiServer: section({
    cidrs: z.array(network).min(1, "names no address, name one or leave the key out"),
    port,
  }).optional(),
  dns: dns.prefault({}),
  /** This machine's address in the nodes' network, when it has one. */
  hostAddress: address.optional(),
  nodes: z.array(node).min(1, "a cluster has at least one node"),
  /** Whether a NetworkPolicy has an effect. */
  enforcesNetworkPolicy: z.boolean(),
  /** Whether etcd is ours to back up. */
  ownsEtcd: z.boolean(),
  /** Whose folders the control-plane nodes keep it in, where it is. @default kubeadm's */
  etcdHome: z.enum(["kubeadm", "k3s"], 'must be "kubeadm" or "k3s"').optional(),
  /**
   * Whether etcd, the scheduler and the controller manager let pods scrape them on the control-plane nodes, at the ports
   * 2381, 10259 and 10257. @default they keep to themselves
   */
  controlPlaneMetrics: z.boolean().optional(),
  /** Where the nodes' container runtime looks for the network of pods. @default CNI's own folders */
  cniFolders: section({
    /** The configurations. */
    configuration: folder,
    /** The plugins. */
    programs: folder,
  }).optional(),
  /** Who answers for a Service of type LoadBalancer. */
  loadBalancer: z.enum(["cloud", "nodes", "host"]),
  imageSource: z.enum(["registry", "mirror"]),
  brings: setOf(parts),
  /** Where backups go unless the stack says otherwise, and the public key of age that they are encrypted to. */
  backups: section({
    recipient: z.string(),
    s3: section({ endpoint: z.string(), bucket: z.string(), region: z.string() }),
  }).optional(),
})
  .superRefine((facts, context) => {
    for (const [key, problem] of contradictions(facts)) {
      context.addIssue({ code: "custom", path: key, message: problem });
    }
  })
  .readonly();

/** A zone of a cloud's DNS, in which names of this cluster may stand. */
export interface DnsZone {
  readonly provider: "aws";
  readonly id: string;
  /** Every name in it is this, or ends in it after a dot. */
  readonly domain: string;
  readonly region: string;
}

/** Everything the platform knows about its cluster before the first call to it. */
export interface ClusterFacts extends Omit<z.infer<typeof clusterFactsSchema>, "id" | "apiEndpoint" | "dns"> {
  /** Where the API server answers, when that is known before the cluster is made. */
  readonly apiEndpoint?: string;
  /** On AWS, who makes a load balancer for a Service: EKS' Auto Mode, or the cloud controller of the control plane. */
  readonly awsLoadBalancers?: "auto-mode" | "cloud-controller";
  /** An add-on of the target takes its settings where the cluster is made. */
  readonly dns: Omit<z.infer<typeof dns>, "settings"> & { readonly settings: "imports" | "add-on" | "none" };
  /** Where public names stand that external-dns keeps. @default they are somebody else's matter */
  readonly publicZone?: DnsZone;
  /** Whether pods come in at AWS with roles that EKS hands out by their accounts. @default false */
  readonly podRoles?: boolean;
  /** The failure domains of nodes that come and go without names of their own. @default the racks of the nodes */
  readonly zones?: readonly string[];
  /** The networks of such nodes, in which their pods have addresses, too. @default the addresses of the nodes */
  readonly nodeRanges?: readonly string[];
  /** What the target runs in kube-system in pods of its own besides DNS, for the connectivity graph. @default nothing known */
  readonly system?: Half;
}

/** The folders of the Container Network Interface on nodes that do not say otherwise. */
export const cniFoldersOf = ({ cniFolders }: Pick<ClusterFacts, "cniFolders">) =>
  cniFolders ?? { configuration: "/etc/cni/net.d", programs: "/opt/cni/bin" };

/** A cluster as it is for a guest: what there is once is there, and others set it up. */
export const guestFacts = (facts: ClusterFacts): ClusterFacts => ({
  ...facts,
  brings: [...new Set([...facts.brings, "dns" as const, "metrics" as const])],
  dns: { ...facts.dns, settings: "none" },
});

/** The Service address of the cluster's DNS. */
export const dnsAddressOf = ({ dns: { address }, serviceCidr }: Pick<ClusterFacts, "dns" | "serviceCidr">): string =>
  address ?? addressAt(serviceCidr, 10);

/** An address of a network, by its place. */
export function addressAt(cidr: string, place: number): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(cidr).octets;
  return [...octets.slice(0, 3), (octets[3] ?? 0) + place].join(".");
}

/** The minor release of a version: "1.36" of "v1.36.3". */
export function minorOf(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

/** A path and what is wrong there. */
export type Contradiction = readonly [path: (string | number)[], problem: string];

/** What in the facts of a cluster cannot be true together, by the path of the one to change. */
export function contradictions(
  facts: Pick<ClusterFacts, "nodes" | "podCidr" | "serviceCidr" | "ownsEtcd"> & Partial<Pick<ClusterFacts, "dns">>,
): Contradiction[] {
  const { nodes, podCidr, serviceCidr } = facts;
  const found: Contradiction[] = [];
  const ranges = 2 ** Math.max(0, nodeRangeBits - Number(podCidr.split("/")[1]));
  if (ipaddr.IPv4.isValidCIDR(podCidr) && ranges < nodes.length) {
    found.push([
      ["podCidr"],
      `${podCidr} has room for ${String(ranges)} ${ranges === 1 ? "node" : "nodes"} of a /${String(nodeRangeBits)} each, but there are ${String(nodes.length)}`,
    ]);
  }
  if (overlap(podCidr, serviceCidr)) {
    found.push([["serviceCidr"], `${serviceCidr} overlaps podCidr ${podCidr}, give each a range of its own`]);
  }
  const dnsAddress = facts.dns?.address;
  if (dnsAddress !== undefined && !overlap(`${dnsAddress}/32`, serviceCidr)) {
    found.push([["dns", "address"], `${dnsAddress} lies outside serviceCidr ${serviceCidr}`]);
  }
  const servers = nodes.filter(({ role }) => role === "control-plane").length;
  if (facts.ownsEtcd && servers % 2 === 0) {
    found.push([["nodes"], `has ${String(servers)} control-plane nodes, etcd needs an odd number of members`]);
  }
  nodes.forEach(({ name, address: ip }, index) => {
    const earlier = nodes.slice(0, index);
    if (earlier.some((other) => other.name === name)) found.push([["nodes", index, "name"], `${name} is there twice`]);
    if (earlier.some((other) => other.address === ip))
      found.push([["nodes", index, "address"], `${ip} is there twice`]);
    for (const [key, range] of [
      ["podCidr", podCidr],
      ["serviceCidr", serviceCidr],
    ] as const) {
      if (overlap(`${ip}/32`, range)) found.push([["nodes", index, "address"], `${ip} lies in ${key} ${range}`]);
    }
  });
  return found;
}

const networkOf = (cidr: string) =>
  `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${cidr.split("/")[1] ?? ""}`;

/** Whether two IPv4 networks share an address; false when one is not a network, which is reported by itself. */
export function overlap(left: string, right: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(left) || !ipaddr.IPv4.isValidCIDR(right)) return false;
  const [a, aBits] = ipaddr.IPv4.parseCIDR(left);
  const [b, bBits] = ipaddr.IPv4.parseCIDR(right);
  return a.match(b, Math.min(aBits, bBits));
}

/** The failure domains that the nodes stand in, each once; empty when the nodes do not say. */
export function racksOf(facts: ClusterFacts): readonly string[] {
  return facts.zones ?? [...new Set(facts.nodes.flatMap(({ rack }) => rack ?? []))];
}
