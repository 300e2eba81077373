/** What each node of a k3s cluster is to hold, and in which order they are changed: data in, data out. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { ClusterFacts } from "../facts.ts";
import type { Registries } from "../../registries.ts";
import { admission, auditPolicy, kubeletArguments, paths, serverArguments } from "./hardening.ts";
import { versionOf } from "./rules.ts";
import { clusterDnsOf, type K3sConfig, type K3sNode, kubeletSysctls } from "./schema.ts";
import { assignments, nodeScripts, scriptText } from "./scripts.ts";

/** A file on a node: its mode in octal digits, its path, its content. */
export interface NodeFile {
  readonly mode: string;
  readonly path: string;
  readonly content: string;
}

/** What one node is to be. */
export interface NodePlan {
  readonly node: K3sNode;
  /** The release that it runs, as in "v1.36.3+k3s1". */
  readonly version: string;
  /** What is put in force on it; none of it is secret. */
  readonly files: readonly NodeFile[];
  /** The settings of its scripts. */
  readonly settings: Settings & { readonly content: string };
  /** What the pre-flight check holds the machine against. */
  readonly preflight: Readonly<Record<string, string>>;
  /** The hash of all that, and of the release: another one restarts k3s. It knows no address of SSH. */
  readonly content: string;
}

/** A cluster's nodes in the order in which they are changed. */
export interface K3sPlan {
  /** One after the other; the first may make the cluster when there is none. */
  readonly servers: readonly [NodePlan, ...NodePlan[]];
  /** After the servers, all at once. */
  readonly agents: readonly NodePlan[];
}

/** Where images may be had instead, as `quintet:registries.mirrors` says. */
export type Mirrors = Registries["mirrors"];

/** What a machine needs for its role: k3s' own requirements, less what the firmware keeps of the memory. */
const needs = {
  server: { memoryMib: 1800, processors: 2, diskMib: 10240, ports: [6443, 2379, 2380, 10250] },
  agent: { memoryMib: 480, processors: 1, diskMib: 5120, ports: [10250] },
} as const;

const modules = ["br_netfilter", "overlay", "vxlan"];

/** What each node is to hold, and in which order they are changed. */
export function planK3s(config: K3sConfig, mirrors: Mirrors = {}): K3sPlan {
  const plans = config.nodes.map((node) => planNode(config, node, mirrors));
  const [first, ...others] = plans.filter(({ node }) => node.role === "server");
  if (first === undefined) throw new Error("A cluster without a server has passed the schema.");
  return { servers: [first, ...others], agents: plans.filter(({ node }) => node.role === "agent") };
}

function planNode(config: K3sConfig, node: K3sNode, mirrors: Mirrors): NodePlan {
  const version = versionOf(config, node);
  const files = filesOf(config, node, mirrors);
  const settings = settingsOf(config, node, version);
  const content = hashOf(
    JSON.stringify([files, version, settings.k3s_sha256, settings.images_sha256, config.certificateGeneration]),
  );
  return { node, version, files, settings: { ...settings, content }, preflight: preflightOf(config, node), content };
}

/** The files that k3s and the system read. */
function filesOf(config: K3sConfig, node: K3sNode, mirrors: Mirrors): NodeFile[] {
  const server = node.role === "server";
  return [
    { mode: "600", path: "/etc/rancher/k3s/config.yaml", content: stringify(k3sConfigFile(config, node)) },
    ...(Object.keys(mirrors).length === 0
      ? []
      : [{ mode: "600", path: "/etc/rancher/k3s/registries.yaml", content: stringify(registriesFile(mirrors)) }]),
    ...(server
      ? [
          { mode: "600", path: paths.admission, content: stringify(admission) },
          { mode: "600", path: paths.audit, content: stringify(auditPolicy) },
        ]
      : []),
    { mode: "644", path: "/etc/modules-load.d/quintet-k3s.conf", content: lines(modules) },
    { mode: "644", path: "/etc/sysctl.d/90-quintet-k3s.conf", content: sysctlFile(node) },
    { mode: "644", path: `/etc/systemd/system/${server ? "k3s" : "k3s-agent"}.service`, content: unit(node) },
  ];
}

/** The configuration of k3s, whole: no flag stands anywhere else. */
function k3sConfigFile(config: K3sConfig, node: K3sNode): object {
  const common = {
    "token-file": "/etc/rancher/k3s/token",
    "node-name": node.name,
    "node-ip": node.address,
    "node-label": labelsOf(config, node),
    ...(node.taints.length === 0 ? {} : { "node-taint": node.taints }),
    "protect-kernel-defaults": true,
    "kubelet-arg": [...kubeletArguments, ...reservationsOf(node)],
  };
  if (node.role === "agent") return { server: apiUrl(config), ...common };
  return {
    ...common,
    "tls-san": [config.api.host],
    "https-listen-port": 6443,
    "write-kubeconfig-mode": "0600",
    "cluster-cidr": config.podCidr,
    "service-cidr": config.serviceCidr,
    "cluster-dns": clusterDnsOf(config),
    "cluster-domain": config.clusterDomain,
    "flannel-backend": config.cni === "flannel" ? "vxlan" : "none",
    "disable-network-policy": config.cni !== "flannel",
    ...(config.disable.length === 0 ? {} : { disable: [...config.disable].sort() }),
    "secrets-encryption": true,
    "etcd-snapshot-schedule-cron": config.snapshots.schedule,
    "etcd-snapshot-retention": config.snapshots.retention,
    ...serverArguments,
  };
}

/** Its rack and its cluster beside its own; members.sh takes out nodes that carry the cluster only. */
function labelsOf(config: K3sConfig, node: K3sNode): string[] {
  const all = {
    ...node.labels,
    "topology.kubernetes.io/zone": node.rack,
    "quintet.dev/cluster": config.name,
    "quintet.dev/generation": String(node.generation),
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

function reservationsOf({ reservations }: K3sNode): string[] {
  return (
    [
      ["system-reserved", reservations.system],
      ["kube-reserved", reservations.kubernetes],
    ] as const
  ).flatMap(([flag, amounts]) => {
    const given = Object.entries(amounts ?? {}).flatMap(([resource, amount]) =>
      amount === undefined ? [] : [`${resource}=${amount}`],
    );
    return given.length === 0 ? [] : [`${flag}=${given.sort().join(",")}`];
  });
}

/** k3s' registries.yaml. */
const registriesFile = (mirrors: Mirrors) => ({
  mirrors: Object.fromEntries(Object.entries(mirrors).map(([host, endpoint]) => [host, { endpoint }])),
});

const sysctlFile = (node: K3sNode) =>
  lines(Object.entries({ ...node.sysctls, ...kubeletSysctls }).map(([key, value]) => `${key} = ${value}`));

/** The service as k3s' own installer writes it, but with its flags in the configuration file. */
const unit = ({ role }: K3sNode) =>
  lines([
    "[Unit]",
    `Description=k3s ${role}`,
    "Documentation=https://docs.k3s.io",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    `Type=${role === "server" ? "notify" : "exec"}`,
    `ExecStart=/usr/local/bin/k3s ${role}`,
    "# Pods outlive a restart of k3s.",
    "KillMode=process",
    "Delegate=yes",
    "LimitNOFILE=1048576",
    "LimitNPROC=infinity",
    "LimitCORE=infinity",
    "TasksMax=infinity",
    "TimeoutStartSec=0",
    "Restart=always",
    "RestartSec=5s",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ]);

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(config: K3sConfig, node: K3sNode, version: string) {
  const { source, arch } = config;
  const artifact = source.from === "artifact";
  const file = arch === "amd64" ? "k3s" : `k3s-${arch}`;
  return {
    cluster_name: config.name,
    node_name: node.name,
    node_role: node.role,
    node_generation: String(node.generation),
    k3s_version: version,
    k3s_sha256: node.sha256 ?? config.sha256,
    k3s_url: artifact ? "" : `${source.url}/${encodeURIComponent(version)}/${file}`,
    k3s_artifact: artifact ? artifactPaths.binary : "",
    images_artifact: artifact ? artifactPaths.images : "",
    images_sha256: artifact ? source.imagesSha256 : "",
    images_name: artifact ? (source.images.split("/").at(-1) ?? "") : "",
    api_url: apiUrl(config),
    certificate_generation: String(config.certificateGeneration),
  };
}

function preflightOf(config: K3sConfig, node: K3sNode): Record<string, string> {
  const need = needs[node.role];
  return {
    node_name: node.name,
    node_address: node.address,
    node_role: node.role,
    node_arch: config.arch,
    memory_mib: String(need.memoryMib),
    processors_least: String(need.processors),
    disk_mib: String(need.diskMib),
    ports: need.ports.join(" "),
    modules: modules.join(" "),
    settings: Object.keys({ ...kubeletSysctls, ...node.sysctls })
      .map((key) => key.replaceAll(".", "/"))
      .join(" "),
    programs: [
      "curl",
      "flock",
      "getent",
      "ip",
      "modprobe",
      "sha256sum",
      "ss",
      "sysctl",
      "systemctl",
      "timedatectl",
    ].join(" "),
    api_host: config.api.host,
    k3s_version: versionOf(config, node), // another release is another check
  };
}

/** Where the artifacts of a closed network are copied to: SSH's user writes there, and root checks what it takes. */
export const artifactPaths = { binary: "/var/tmp/quintet-k3s", images: "/var/tmp/quintet-k3s-images" } as const;

const apiUrl = ({ api }: Pick<K3sConfig, "api">) => `https://${api.host}:${String(api.port)}`;

/** The text that lays down all that a node is to hold, for a shell to read: one function, so that half of it does nothing. */
export function stageScript(plan: NodePlan): string {
  const staged: NodeFile[] = [
    { mode: "600", path: "node.env", content: `${assignments(plan.settings)}\n` },
    { mode: "600", path: "manifest", content: lines(plan.files.map(({ mode, path }) => `${mode} ${path}`)) },
    ...nodeScripts.map((name) => ({ mode: "700", path: `scripts/${name}.sh`, content: scriptText(name) })),
    ...plan.files.map((file) => ({ ...file, path: `files${file.path}` })),
  ];
  return [
    "main() {",
    "set -eu",
    scriptText("stage"),
    "begin",
    ...staged.map(fileCall),
    "end",
    "}",
    "main </dev/null",
    "",
  ].join("\n");
}

const endOfFile = "QUINTET_END_OF_FILE";

function fileCall({ mode, path, content }: NodeFile): string {
  if (content.split("\n").includes(endOfFile)) throw new Error(`${path} contains the line ${endOfFile}.`);
  return `file ${mode} '${path}' <<'${endOfFile}'\n${content}${endOfFile}`;
}

/** The members that the cluster is to have, one a line as `name role version`. */
export const membersOf = ({ servers, agents }: K3sPlan): string =>
  lines([...servers, ...agents].map(({ node, version }) => `${node.name} ${node.role} ${version}`));

/** Which generation of each node the cluster may hold, one a line as `name generation`. */
export const generationsOf = ({ servers, agents }: K3sPlan): string =>
  lines([...servers, ...agents].map(({ node }) => `${node.name} ${String(node.generation)}`));

/** Everything the platform knows about the cluster before the first call to it. */
export function k3sFacts(config: K3sConfig): ClusterFacts {
  const left = new Set(config.disable);
  return {
    mode: "nodes",
    kubernetesVersion: config.version.replace(/\+.*$/, ""),
    podCidr: config.podCidr,
    serviceCidr: config.serviceCidr,
    dns: {
      address: clusterDnsOf(config),
      domain: config.clusterDomain,
      settings: left.has("coredns") ? "none" : "imports",
    },
    apiEndpoint: apiUrl(config),
    nodes: config.nodes.map(({ name, address, role, rack }) => ({
      name,
      address,
      role: role === "server" ? ("control-plane" as const) : ("worker" as const),
      rack,
    })),
    enforcesNetworkPolicy: config.cni === "flannel",
    // docs.k3s.io/networking/basic-network-options: those of k3s' own containerd.
    cniFolders: {
      configuration: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
      programs: "/var/lib/rancher/k3s/data/cni",
    },
    ownsEtcd: true,
    etcdHome: "k3s",
    loadBalancer: "nodes",
    imageSource: config.source.from === "artifact" ? "mirror" : "registry",
    brings: [
      ...(config.cni === "flannel" ? (["cni"] as const) : []),
      ...(left.has("coredns") ? [] : (["dns"] as const)),
      "proxy",
      ...(left.has("metrics-server") ? [] : (["metrics"] as const)),
    ],
  };
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

const lines = (all: readonly string[]) => `${all.join("\n")}\n`;
