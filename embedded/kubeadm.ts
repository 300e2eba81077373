/** kubeadm's part: the configuration it is given, and the commands that make and join nodes. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { versions } from "../versions.ts";
import { containerdSocket } from "./containerd.ts";
import { runInNode } from "./node.ts";
import { apiPort, clusterDomain, controlPlane, type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

/** The secrets that join nodes: made once for a cluster, and kept in its folder only. */
export interface JoinSecrets {
  /** Bootstrap token in kubeadm's form, `[a-z0-9]{6}.[a-z0-9]{16}`. */
  readonly token: string;
  /** 32 bytes as hexadecimal digits; encrypts the control plane's certificates on their way to a joining node. */
  readonly certificateKey: string;
}

export function newJoinSecrets(): JoinSecrets {
  const hex = (bytes: number) => randomBytes(bytes).toString("hex");
  return { token: `${hex(3)}.${hex(8)}`, certificateKey: hex(32) };
}

const apiVersion = "kubeadm.k8s.io/v1beta4";
const joinDeadline = 300_000;

const seconds = {
  /**
   * After how long a silent node counts as lost, and its pods get no more requests. Kubernetes' own 50 s are for nodes
   * far apart; these are on one switch.
   */
  lostNode: 20,
  /** How often autoscalers look. Kubernetes' own 15 s spare a control plane with thousands of them. */
  autoscaling: 5,
};

/** The endpoint of the API server that survives the loss of a control-plane node. */
export function apiEndpoint(spec: ClusterSpec): string {
  return `${spec.apiAddress}:${String(apiPort)}`;
}

function nodeRegistration(node: NodeSpec): object {
  return {
    name: node.name,
    criSocket: `unix://${containerdSocket}`,
    imagePullPolicy: "IfNotPresent",
    imagePullSerial: false,
    taints: [], // as in the lab, every node takes workloads
    kubeletExtraArgs: [
      { name: "node-ip", value: node.address },
      { name: "node-labels", value: `topology.kubernetes.io/zone=${node.rack}` },
    ],
    // A node is a set of namespaces, not a machine: no systemd, no loadable modules, and swap is the machine's affair.
    ignorePreflightErrors: [
      "SystemVerification",
      "Swap",
      "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables",
      "DirAvailable--var-lib-etcd", // the first member's data is there (embedded/etcd.ts); a new node is empty anyway
    ],
  };
}

/** The address in an image's name up to the last part, and its tag. */
function splitImage(image: string): { repository: string; tag: string } {
  const [, repository = "", tag = ""] = /^(.*)\/[^/]+:([^:]+)$/.exec(image) ?? [];
  return { repository, tag };
}

/** The documents for `kubeadm init` on the first control-plane node. */
export function initConfig(spec: ClusterSpec, secrets: JoinSecrets): string {
  const [first] = controlPlane(spec);
  if (first === undefined) {
    throw new Error(`Cluster ${spec.name} has no control-plane node: give at least one node that role.`);
  }
  return documents([
    {
      apiVersion,
      kind: "InitConfiguration",
      bootstrapTokens: [{ token: secrets.token, ttl: "2h0m0s" }],
      certificateKey: secrets.certificateKey,
      localAPIEndpoint: { advertiseAddress: first.address, bindPort: apiPort },
      nodeRegistration: nodeRegistration(first),
    },
    clusterConfiguration(spec),
    kubeletConfiguration(spec),
    kubeProxyConfiguration(spec),
  ]);
}

/** The document for `kubeadm join` on any other node. */
export function joinConfig(spec: ClusterSpec, node: NodeSpec, secrets: JoinSecrets, caHash: string): string {
  const controlPlanePart = {
    controlPlane: {
      certificateKey: secrets.certificateKey,
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: apiPort },
    },
  };
  return documents([
    {
      apiVersion,
      kind: "JoinConfiguration",
      discovery: {
        bootstrapToken: { apiServerEndpoint: apiEndpoint(spec), token: secrets.token, caCertHashes: [caHash] },
      },
      nodeRegistration: nodeRegistration(node),
      ...(node.role === "control-plane" ? controlPlanePart : {}),
    },
  ]);
}

function clusterConfiguration(spec: ClusterSpec): object {
  const { repository: etcdRepository, tag: etcdTag } = splitImage(versions.images.etcd);
  const { repository: dnsRepository, tag: dnsTag } = splitImage(versions.images.coredns);
  return {
    apiVersion,
    kind: "ClusterConfiguration",
    clusterName: spec.name,
    kubernetesVersion: spec.kubernetesVersion,
    controlPlaneEndpoint: apiEndpoint(spec),
    networking: { podSubnet: spec.podCidr, serviceSubnet: spec.serviceCidr },
    etcd: {
      local: {
        imageRepository: etcdRepository,
        imageTag: etcdTag,
        extraArgs: [
          { name: "listen-metrics-urls", value: "http://0.0.0.0:2381" },
          { name: "initial-cluster-state", value: "existing" }, // embedded/etcd.ts
        ],
      },
    },
    dns: { imageRepository: dnsRepository, imageTag: dnsTag },
    // Both ask whoever comes for a token, and whether it may read figures.
    scheduler: { extraArgs: [{ name: "bind-address", value: "0.0.0.0" }] },
    controllerManager: {
      extraArgs: [
        { name: "bind-address", value: "0.0.0.0" },
        { name: "node-monitor-grace-period", value: `${String(seconds.lostNode)}s` },
        { name: "horizontal-pod-autoscaler-sync-period", value: `${String(seconds.autoscaling)}s` },
      ],
    },
    apiServer: {
      certSANs: [spec.apiAddress, spec.hostAddress, "127.0.0.1", "localhost"],
      extraArgs: [
        { name: "kubelet-preferred-address-types", value: "InternalIP" },
        { name: "kubelet-certificate-authority", value: "/etc/kubernetes/pki/ca.crt" },
      ],
    },
  };
}

function kubeletConfiguration(spec: ClusterSpec): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "cgroupfs",
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    serverTLSBootstrap: true, // certificates of the cluster's CA, so that exec, logs and metrics verify them
    nodeStatusUpdateFrequency: "5s",
    nodeLeaseDurationSeconds: seconds.lostNode,
    clusterDNS: [spec.dnsAddress],
    clusterDomain,
    resolvConf: "/etc/resolv.conf",
    // The five nodes share one machine: each leaves to the others what it would else believe to have for itself.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
  };
}

function kubeProxyConfiguration(spec: ClusterSpec): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: spec.podCidr,
    conntrack: { maxPerCore: 0, min: 0 }, // the table is the machine's, and not writable from a namespace
  };
}

/**
 * The strategic merge patch of kubeadm's DaemonSet. A watch is silent by nature: after the API server's address has
 * moved to another node, client-go asks only after 30 s whether the old connection lives, and until then a lost node's
 * pods stay in the rules. The variables are k8s.io/apimachinery's own (util/net/http.go), in seconds.
 *
 * @param image of another release. @default the one that it has
 */
export function kubeProxyPatch(image?: string): object {
  const env = [
    { name: "HTTP2_READ_IDLE_TIMEOUT_SECONDS", value: "3" },
    { name: "HTTP2_PING_TIMEOUT_SECONDS", value: "2" },
  ];
  return {
    spec: {
      template: { spec: { containers: [{ name: "kube-proxy", ...(image === undefined ? {} : { image }), env }] } },
    },
  };
}

function documents(all: readonly object[]): string {
  return all.map((d) => stringify(d)).join("---\n");
}

/** Makes the first control-plane node. The DNS add-on comes when there are nodes to spread it over. */
export async function kubeadmInit(
  spec: ClusterSpec,
  node: NodeSpec,
  state: ClusterState,
  secrets: JoinSecrets,
): Promise<void> {
  const config = writeConfig(node, state, initConfig(spec, secrets));
  await runInNode(
    node,
    state,
    ["kubeadm", "init", "--config", config, "--upload-certs", "--skip-phases=addon/coredns"],
    {
      timeout: joinDeadline,
    },
  );
}

/** Joins a node to the control plane or as a worker, by its role. */
export async function kubeadmJoin(
  spec: ClusterSpec,
  node: NodeSpec,
  state: ClusterState,
  secrets: JoinSecrets,
  caHash: string,
): Promise<void> {
  const config = writeConfig(node, state, joinConfig(spec, node, secrets, caHash));
  await runInNode(node, state, ["kubeadm", "join", "--config", config], { timeout: joinDeadline });
}

function writeConfig(node: NodeSpec, state: ClusterState, text: string): string {
  const inside = "/etc/kubernetes/kubeadm.yaml";
  const file = path.join(state.nodeRoot(node.name), inside);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return inside;
}
