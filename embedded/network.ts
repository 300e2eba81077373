/**
 * The cluster's network: a switch (a bridge in a network namespace of its own) that joins the nodes and this machine,
 * and nothing else. There is no way out: no node has a default route, this machine forwards nothing to or from the
 * switch, and the switch may open no connection to this machine but to the image mirror and the S3 service.
 */
import { existsSync } from "node:fs";
import { s3Port } from "./backups.ts";
import { mirrorPort } from "./mirror.ts";
import { run, succeeds } from "./run.ts";
import { shortId, type ClusterSpec, type NodeSpec } from "./spec.ts";

/** The default gateway of every pod: Calico's plugin gives all of them this link-local address. */
const podGateway = "169.254.1.1";

/** Where the rule stands that refuses what has no route: behind the kernel's own last one, 32767. */
const refusing = 33_000;

/** The network namespace of the switch. */
export function switchNamespace(spec: ClusterSpec): string {
  return `quintet-${spec.name}`;
}

/** The network namespace of a node. */
export function nodeNamespace(spec: ClusterSpec, node: NodeSpec): string {
  return `quintet-${spec.name}-${node.name}`;
}

/** This machine's interface to the switch; 15 characters are the kernel's limit. */
export function hostInterface(spec: ClusterSpec): string {
  return `qt${shortId(spec.name)}`;
}

/** The nftables table that closes this machine to the cluster. */
export function isolationTable(spec: ClusterSpec): string {
  return `quintet_${shortId(spec.name)}`;
}

/**
 * The rules that keep the cluster in: they stand before the interface does. Their priority is before any rule of
 * others, and a drop is final whatever those say.
 */
export function isolationRules(spec: ClusterSpec): string {
  const [table, link] = [isolationTable(spec), hostInterface(spec)];
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain forward {
    type filter hook forward priority -300; policy accept;
    iifname "${link}" counter drop
    oifname "${link}" counter drop
  }
  chain input {
    type filter hook input priority -300; policy accept;
    iifname "${link}" jump from_cluster
  }
  chain from_cluster {
    ct state established,related accept
    ip saddr ${spec.subnet} tcp dport ${String(mirrorPort)} accept
    ip saddr ${spec.subnet} tcp dport ${String(s3Port)} accept
    ip saddr ${spec.podCidr} tcp dport ${String(s3Port)} accept
    icmp type echo-request accept
    counter drop
  }
}
`;
}

/** Makes the switch and joins this machine to it. Safe to repeat. */
export async function createSwitch(spec: ClusterSpec): Promise<void> {
  const [ns, link] = [switchNamespace(spec), hostInterface(spec)];
  const prefix = spec.subnet.split("/")[1] ?? "24";
  await run("nft", ["-f", "-"], { input: isolationRules(spec) });
  await ensureNamespace(ns);
  if (!(await succeeds("ip", ["-n", ns, "link", "show", "br0"]))) {
    await run("ip", ["-n", ns, "link", "add", "br0", "type", "bridge"]);
  }
  await run("ip", ["-n", ns, "link", "set", "br0", "up"]);
  if (!existsSync(`/sys/class/net/${link}`)) {
    await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "host", "netns", ns]);
  }
  await run("ip", ["-n", ns, "link", "set", "host", "master", "br0", "up"]);
  await run("ip", ["address", "replace", `${spec.hostAddress}/${prefix}`, "dev", link]);
  await run("ip", ["link", "set", link, "up"]);
  // Until a node holds a range, and after it is gone, this machine must not send its packets to the uplink.
  await run("ip", ["route", "replace", "unreachable", spec.podCidr]);
  // The address of the API server is always on a living control-plane node, which also forwards to Services.
  await run("ip", ["route", "replace", spec.serviceCidr, "via", spec.apiAddress, "dev", link]);
}

/** The switch's port for a node. */
export function switchPort(spec: ClusterSpec, node: NodeSpec): string {
  const index = spec.nodes.findIndex(({ name }) => name === node.name);
  if (index < 0) throw new Error(`Cluster ${spec.name} has no node ${node.name}.`);
  return `p${String(index + 1)}`;
}

/** Plugs a node's network namespace into the switch, made anew, as a restarted machine's network is. */
export async function connectNode(spec: ClusterSpec, node: NodeSpec): Promise<void> {
  const ns = nodeNamespace(spec, node);
  const port = switchPort(spec, node);
  const prefix = spec.subnet.split("/")[1] ?? "24";
  await removeNamespace(ns);
  await ensureNamespace(ns);
  if (await succeeds("ip", ["-n", switchNamespace(spec), "link", "show", port])) {
    await run("ip", ["-n", switchNamespace(spec), "link", "delete", port]);
  }
  await run("ip", [
    "-n",
    switchNamespace(spec),
    "link",
    "add",
    port,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    ns,
  ]);
  await run("ip", ["-n", switchNamespace(spec), "link", "set", port, "master", "br0", "up"]);
  await run("ip", ["-n", ns, "link", "set", "lo", "up"]);
  await run("ip", ["-n", ns, "address", "add", `${node.address}/${prefix}`, "broadcast", "+", "dev", "eth0"]);
  await run("ip", ["-n", ns, "link", "set", "eth0", "up"]);
  // A node's own packet to a Service needs a route before kube-proxy's rules see it and rewrite its destination. One that
  // they do not rewrite finds nobody on the switch who has that address.
  await run("ip", ["-n", ns, "route", "replace", spec.serviceCidr, "dev", "eth0", "src", node.address]);
  await refuseTheRest(ns);
  // Pods have Calico's made-up gateway, for which the kernel answers (proxy ARP) when it has a way to it.
  await run("ip", ["-n", ns, "route", "replace", podGateway, "dev", "eth0"]);
  await inNamespace(ns, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
}

/**
 * What no range of the cluster holds is refused here, in the node, and never reaches the switch. By a rule that comes
 * after all routes: of a default route kubeadm asks for the interface's address, and an unreachable one has none.
 */
async function refuseTheRest(ns: string): Promise<void> {
  const rule = ["unreachable", "pref", String(refusing)];
  await succeeds("ip", ["-n", ns, "rule", "delete", ...rule]);
  await run("ip", ["-n", ns, "rule", "add", ...rule]);
}

/** Routes every node's pod range to that node: on the other nodes and on this machine. Safe to repeat. */
export async function routePods(spec: ClusterSpec, podCidrs: ReadonlyMap<string, string>): Promise<void> {
  const owners = spec.nodes.flatMap((node) => {
    const cidr = podCidrs.get(node.name);
    return cidr === undefined ? [] : [{ node, cidr }];
  });
  for (const { node, cidr } of owners) {
    await run("ip", ["route", "replace", cidr, "via", node.address, "dev", hostInterface(spec)]);
  }
  for (const node of spec.nodes) {
    const lines = owners
      .filter((o) => o.node !== node)
      .map((o) => `route replace ${o.cidr} via ${o.node.address} dev eth0\n`);
    await run("ip", ["-n", nodeNamespace(spec, node), "-batch", "-"], { input: lines.join("") });
  }
}

/** Removes the network with everything in it. Safe to repeat. */
export async function removeNetwork(spec: ClusterSpec): Promise<void> {
  for (const node of spec.nodes) {
    await removeNamespace(nodeNamespace(spec, node));
  }
  if (existsSync(`/sys/class/net/${hostInterface(spec)}`)) {
    await run("ip", ["link", "delete", hostInterface(spec)]); // takes its routes along
  }
  await removeNamespace(switchNamespace(spec));
  if (await succeeds("ip", ["route", "show", "exact", spec.podCidr])) {
    await succeeds("ip", ["route", "delete", "unreachable", spec.podCidr]);
  }
  if (await succeeds("nft", ["list", "table", "inet", isolationTable(spec)])) {
    await run("nft", ["delete", "table", "inet", isolationTable(spec)]);
  }
}

/** Runs a program in a network namespace, with this machine's own files. */
export async function inNamespace(namespace: string, command: readonly string[]): Promise<string> {
  return run("nsenter", [`--net=/run/netns/${namespace}`, ...command]);
}

async function ensureNamespace(name: string): Promise<void> {
  if (!existsSync(`/run/netns/${name}`)) {
    await run("ip", ["netns", "add", name]);
  }
}

async function removeNamespace(name: string): Promise<void> {
  if (existsSync(`/run/netns/${name}`)) {
    await run("ip", ["netns", "delete", name]);
  }
}
