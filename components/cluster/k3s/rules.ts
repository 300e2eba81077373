/** What in the description of a k3s cluster cannot be true together. */
import ipaddr from "ipaddr.js";
import { coerce } from "semver";
import { addressAt, type Contradiction, contradictions, overlap } from "../facts.ts";
import type { K3sConfig, K3sNode } from "./schema.ts";

/** What in the description of a k3s cluster cannot be true together, by the path of what to change. */
export function k3sProblems(config: K3sConfig): Contradiction[] {
  // That nodes lie in a range follows from its overlap with their network, which is reported.
  const overlapping = (["podCidr", "serviceCidr"] as const).filter((key) => overlap(config[key], config.nodeCidr));
  const follows = ([path, problem]: Contradiction) =>
    path[2] === "address" && overlapping.some((key) => problem.endsWith(` lies in ${key} ${config[key]}`));
  const general = contradictions({
    ownsEtcd: true,
    podCidr: config.podCidr,
    serviceCidr: config.serviceCidr,
    nodes: config.nodes.map(({ name, address, rack, role }) => ({
      name,
      address,
      rack,
      role: role === "server" ? "control-plane" : "worker",
    })),
  });
  return [
    ...general.filter((problem) => !follows(problem)),
    ...rangeProblems(config),
    ...nodeAddressProblems(config),
    ...versionProblems(config),
    ...domainProblems(config),
  ];
}

function rangeProblems({ nodeCidr, podCidr, serviceCidr, clusterDns }: K3sConfig): Contradiction[] {
  const found: Contradiction[] = [];
  for (const [key, range] of [
    ["podCidr", podCidr],
    ["serviceCidr", serviceCidr],
  ] as const) {
    if (overlap(range, nodeCidr))
      found.push([[key], `${range} overlaps nodeCidr ${nodeCidr}, give each a range of its own`]);
  }
  const bits = bitsOf(serviceCidr);
  // kube-apiserver takes at most 20 bits; below 8, the addresses it sets aside leave none.
  if (bits < 12 || bits > 24) {
    found.push([["serviceCidr"], `${serviceCidr} must be from /12 to /24 for kube-apiserver to serve it`]);
  }
  if (clusterDns !== undefined && !overlap(`${clusterDns}/32`, serviceCidr)) {
    found.push([["clusterDns"], `${clusterDns} lies outside serviceCidr ${serviceCidr}`]);
  } else if (clusterDns !== undefined && [0, 1].some((offset) => addressAt(serviceCidr, offset) === clusterDns)) {
    found.push([["clusterDns"], `${clusterDns} is taken: the first address of serviceCidr is the API's own Service`]);
  }
  return found;
}

function nodeAddressProblems({ nodeCidr, nodes }: K3sConfig): Contradiction[] {
  if (!ipaddr.IPv4.isValidCIDR(nodeCidr)) return [];
  const networkAddress = ipaddr.IPv4.networkAddressFromCIDR(nodeCidr).toString();
  const broadcast = ipaddr.IPv4.broadcastAddressFromCIDR(nodeCidr).toString();
  return nodes.flatMap(({ address }, index): Contradiction[] => {
    const path = ["nodes", index, "address"];
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return [];
    if (!overlap(`${address}/32`, nodeCidr)) return [[path, `${address} lies outside nodeCidr ${nodeCidr}`]];
    if (address === networkAddress) return [[path, `${address} is the address of the network ${nodeCidr} itself`]];
    if (address === broadcast) return [[path, `${address} is the broadcast address of ${nodeCidr}`]];
    return [];
  });
}

function versionProblems(config: K3sConfig): Contradiction[] {
  const { nodes, version } = config;
  const servers = nodes.filter(({ role }) => role === "server").map((node) => versionOf(config, node));
  const minors = servers.map(minorNumber);
  const [oldest, newest] = [Math.min(...minors), Math.max(...minors)];
  return nodes.flatMap((node, index): Contradiction[] => {
    const own = versionOf(config, node);
    const minor = minorNumber(own);
    const path = ["nodes", index, "version"];
    const found: Contradiction[] = [];
    if (node.version !== undefined && node.sha256 === undefined) {
      found.push([["nodes", index, "sha256"], `is missing: the checksum of ${node.version}, which this node stays at`]);
    }
    if (node.version === undefined && node.sha256 !== undefined) {
      found.push([
        ["nodes", index, "sha256"],
        "is without effect, name the version that it belongs to or leave it out",
      ]);
    }
    if (node.version !== undefined && minor > minorNumber(version)) {
      found.push([path, `${own} is newer than the cluster's version ${version}: a node is held back, never ahead`]);
    } else if (node.role === "server" && minor < newest - 1) {
      found.push([
        path,
        `${own} is more than one minor release behind the newest server: servers go one minor at a time`,
      ]);
    } else if (node.role === "agent" && minor > oldest) {
      found.push([path, `${own} is newer than the oldest server, and a kubelet may not be: hold this node back too`]);
    } else if (node.role === "agent" && minor < newest - 3) {
      found.push([path, `${own} is more than three minor releases behind the newest server: upgrade this node first`]);
    }
    return found;
  });
}

function domainProblems({ clusterDomain, api }: K3sConfig): Contradiction[] {
  if (!clusterDomain.includes(".")) {
    return [
      [
        ["clusterDomain"],
        `"${clusterDomain}" has one part only, and resolvers try those last: take one like cluster.local`,
      ],
    ];
  }
  if (api.host === clusterDomain || api.host.endsWith(`.${clusterDomain}`)) {
    return [
      [
        ["clusterDomain"],
        `${clusterDomain} holds api.host ${api.host}, which pods could then not resolve: take one like cluster.local`,
      ],
    ];
  }
  return [];
}

/** The release that a node is to run. */
export const versionOf = (config: Pick<K3sConfig, "version">, node: K3sNode): string => node.version ?? config.version;

const minorNumber = (version: string) => coerce(version)?.minor ?? 0;

const bitsOf = (cidr: string) => Number(cidr.split("/")[1]);
