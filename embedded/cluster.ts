/** The life of an embedded cluster of real nodes: up, down, and one node's stop and start. Every step is safe to repeat. */
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BackupStore, startS3, stopS3 } from "./backups.ts";
import { removeGroup } from "./cgroups.ts";
import { calicoKinds, calicoObjects } from "./calico.ts";
import { conflist } from "./cni.ts";
import { corednsConfig, corednsPatch } from "./coredns.ts";
import { bootstrapEtcd } from "./etcd.ts";
import { prepareHost, restoreHost } from "./host.ts";
import { apiAddressHolder, kubeVipPod } from "./kube-vip.ts";
import { apiEndpoint, kubeadmInit, kubeadmJoin, kubeProxyPatch, newJoinSecrets, type JoinSecrets } from "./kubeadm.ts";
import { clusterFacts, withFacts } from "./kubeconfig.ts";
import {
  apply,
  approveServingCertificates,
  caHash,
  clusterUid,
  kubectl,
  podCidrs,
  waitForNodes,
  waitForServingCertificates,
  waitForSystem,
} from "./kubectl.ts";
import { metricsServerObjects } from "./metrics-server.ts";
import { startMirror, stopMirror } from "./mirror.ts";
import { connectNode, createSwitch, nodeNamespace, removeNetwork, routePods } from "./network.ts";
import { clusterGroup, nodeRuns, runInNode, startNode, stopNode } from "./node.ts";
import { forgetNodes, placeSnapshot } from "./restore.ts";
import type { Owner } from "./owner.ts";
import { run, until } from "./run.ts";
import { controlPlane, type ClusterSpec, type NodeSpec } from "./spec.ts";
import { ClusterState } from "./state.ts";
import { type Step, steps } from "./steps.ts";

/** What `up` needs besides the cluster itself. */
export interface UpOptions {
  /** Folder of the OCI layout with the cluster's images. */
  readonly layout: string;
  /** Whether the mirror may fetch other images from the registries that they name. */
  readonly upstream: boolean;
  /** Who gets the kubeconfig and runs the mirror and the S3 service. */
  readonly owner: Owner;
  /** Folder of an opened snapshot that a new cluster starts from. @default an empty one */
  readonly restored?: string;
}

const nodesDeadline = 180_000;
const systemDeadline = 180_000;
const vipDeadline = 60_000;

/** Names in the cluster's state. */
const kept = { spec: "spec.json", ready: "ready.json" };

/**
 * Brings the cluster up: makes it when it is not there, starts what of it is stopped, and clears away what an earlier
 * start that was cut off has left.
 */
export async function up(spec: ClusterSpec, options: UpOptions): Promise<void> {
  const state = new ClusterState(spec.name);
  const known = existing(spec.name);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(spec)) {
    throw new Error(
      `Cluster ${spec.name} exists with other settings (nodes' network ${known.subnet}, pods ${known.podCidr}, Services ` +
        `${known.serviceCidr}, Kubernetes ${known.kubernetesVersion}). Use those, choose another --name, or remove it with ` +
        `\`npm run cluster -- down --name ${spec.name}\`. Its release changes with ` +
        `\`npm run cluster -- upgrade --name ${spec.name} --to ${spec.kubernetesVersion}\` alone.`,
    );
  }
  const made = state.read(kept.ready) !== undefined;
  await steps([
    ["clear what an unfinished start left", () => (made || known === undefined ? undefined : remove(spec, state))],
    ["network, image mirror and S3", () => foundation(spec, state, options)],
    ["nodes", () => startNodes(spec, state)],
    ...(made ? restart(spec, state) : create(spec, state, options)),
    ["pods of kube-system", () => waitForSystem(state, systemDeadline)],
    ["kubeconfig", () => finish(spec, state, options.owner)],
  ]);
}

/** Removes the cluster with everything that belongs to it. Safe to repeat, and after any failure. */
export async function down(spec: ClusterSpec): Promise<void> {
  const state = new ClusterState(spec.name);
  await steps([[`remove cluster ${spec.name}`, () => remove(existing(spec.name) ?? spec, state)]]);
}

/** Ends one node at once, as pulling its plug would. */
export async function stop(spec: ClusterSpec, node: NodeSpec): Promise<void> {
  await stopNode(spec, node, new ClusterState(spec.name));
}

/** Starts one node again; it comes back with its files, as a machine does. */
export async function start(spec: ClusterSpec, node: NodeSpec): Promise<void> {
  const state = new ClusterState(spec.name);
  if (!nodeRuns(node, state)) {
    await connectNode(spec, node);
    await startNode(spec, node, state);
    await routePods(spec, await podCidrs(state));
  }
}

/** The cluster of that name as it was made, or undefined. */
export function existing(name: string): ClusterSpec | undefined {
  return new ClusterState(name).read(kept.spec) as ClusterSpec | undefined; // `up` wrote it
}

/** Keeps what the cluster is from now on, as `up` finds it. */
export function keepSpec(spec: ClusterSpec, state: ClusterState): void {
  state.write(kept.spec, spec);
}

/** Whether the cluster was made whole and all its nodes run. */
export function isUp(spec: ClusterSpec): boolean {
  const state = new ClusterState(spec.name);
  return state.read(kept.ready) !== undefined && spec.nodes.every((node) => nodeRuns(node, state));
}

async function foundation(spec: ClusterSpec, state: ClusterState, options: UpOptions): Promise<void> {
  mkdirSync(state.dir, { recursive: true });
  chownSync(state.dir, options.owner.uid, options.owner.gid); // the nodes' files in it are root's, the rest is the user's
  keepSpec(spec, state);
  prepareHost();
  await createSwitch(spec);
  await startMirror(spec, state, options.layout, options.upstream, options.owner);
  await startS3(spec, state, options.owner);
}

async function startNodes(spec: ClusterSpec, state: ClusterState): Promise<void> {
  await Promise.all(
    spec.nodes
      .filter((node) => !nodeRuns(node, state))
      .map(async (node) => {
        await connectNode(spec, node);
        await startNode(spec, node, state);
      }),
  );
}

/** The steps that make a cluster of running, empty nodes. */
function create(spec: ClusterSpec, state: ClusterState, { owner, restored }: UpOptions): Step[] {
  const [first, ...others] = controlPlane(spec);
  if (first === undefined) {
    throw new Error(`Cluster ${spec.name} has no control-plane node.`);
  }
  const secrets = newJoinSecrets();
  const snapshot: Step[] =
    restored === undefined
      ? []
      : [[`etcd of ${first.name} out of the snapshot`, () => placeSnapshot(first, state, restored)]];
  return [
    ...snapshot,
    [`control plane on ${first.name}`, () => initialise(spec, first, state, secrets, owner)],
    ...(restored === undefined ? [] : [["what is of the earlier nodes", () => forgetNodes(spec, state)] as const]),
    [
      `control plane on ${others.map((node) => node.name).join(" and ")}, workers`,
      () =>
        joinAll(
          spec,
          spec.nodes.filter((node) => node !== first),
          state,
          secrets,
        ),
    ],
    ["pod network, DNS, metrics", () => addOns(spec, state, first)],
  ];
}

/** The steps that bring a cluster back whose nodes have been started again. */
function restart(spec: ClusterSpec, state: ClusterState): Step[] {
  return [
    ["API server", () => waitForApi(state)],
    ["pod network", () => connectPods(spec, state).then(() => guardPods(spec, state))],
    ["nodes Ready", () => waitForNodes(spec, state, nodesDeadline).then(() => openDns(state))],
    ["kubelet certificates", () => approveRenewals(spec, state)],
  ];
}

async function initialise(
  spec: ClusterSpec,
  node: NodeSpec,
  state: ClusterState,
  secrets: JoinSecrets,
  owner: Owner,
): Promise<void> {
  // kubeadm talks to the cluster's own address from the first moment; kube-vip can hold it only once there is an API.
  await run("ip", ["-n", nodeNamespace(spec, node), "address", "add", `${spec.apiAddress}/32`, "dev", "eth0"]);
  await bootstrapEtcd(node, state);
  await kubeadmInit(spec, node, state, secrets);
  const admin = readFileSync(path.join(state.nodeRoot(node.name), "etc/kubernetes/admin.conf"), "utf8");
  state.writeKubeconfig(withFacts(admin, spec.name, undefined), owner);
  const patch = JSON.stringify(kubeProxyPatch());
  await kubectl(state, ["patch", "daemonset", "kube-proxy", "-n", "kube-system", "--patch", patch]);
  writeKubeVip(spec, node, state);
  await until(`kube-vip on ${node.name} to hold ${spec.apiAddress}`, vipDeadline, async () => {
    return (await apiAddressHolder(state)) === node.name;
  });
  await guardPods(spec, state);
}

/** Puts Calico on every node that is there or comes. Safe to repeat. */
async function guardPods(spec: ClusterSpec, state: ClusterState): Promise<void> {
  await apply(state, calicoKinds());
  await kubectl(state, ["wait", "--for=condition=Established", "--timeout=60s", "customresourcedefinitions", "--all"]);
  await apply(state, calicoObjects(spec));
}

async function join(spec: ClusterSpec, node: NodeSpec, state: ClusterState, secrets: JoinSecrets): Promise<void> {
  const [first] = controlPlane(spec);
  const ca = path.join(state.nodeRoot(first?.name ?? node.name), "etc/kubernetes/pki/ca.crt");
  await kubeadmJoin(spec, node, state, secrets, caHash(ca));
  if (node.role === "control-plane") {
    writeKubeVip(spec, node, state);
  }
}

/**
 * Joins the workers side by side, and the control-plane nodes one after the other. etcd takes one new member at a time;
 * what it refuses stays in its log, and a member that starts anew takes it for members that never answer, and calls them
 * a hundred times a second.
 */
async function joinAll(
  spec: ClusterSpec,
  nodes: readonly NodeSpec[],
  state: ClusterState,
  secrets: JoinSecrets,
): Promise<void> {
  const inTurn = async () => {
    for (const node of nodes.filter(({ role }) => role === "control-plane")) await join(spec, node, state, secrets);
  };
  const workers = nodes.filter(({ role }) => role === "worker");
  await Promise.all([inTurn(), ...workers.map((node) => join(spec, node, state, secrets))]);
}

async function addOns(spec: ClusterSpec, state: ClusterState, first: NodeSpec): Promise<void> {
  await connectPods(spec, state);
  // A snapshot brings its own, which kubeadm would want to convert: it knows the releases of CoreDNS up to its own.
  const there = ["get", "deployment", "coredns", "-n", "kube-system", "--ignore-not-found", "-o", "name"];
  if ((await kubectl(state, there)) === "") {
    const phase = ["kubeadm", "init", "phase", "addon", "coredns"];
    await runInNode(first, state, [...phase, "--config", "/etc/kubernetes/kubeadm.yaml"]);
  }
  await openDns(state);
  await apply(state, metricsServerObjects());
  await waitForServingCertificates(spec, state, nodesDeadline);
  await waitForNodes(spec, state, nodesDeadline);
}

/** Has kubeadm's CoreDNS import the settings of others. Safe to repeat. */
async function openDns(state: ClusterState): Promise<void> {
  await apply(state, [corednsConfig()]);
  const patch = JSON.stringify(corednsPatch());
  await kubectl(state, ["patch", "deployment", "coredns", "-n", "kube-system", "--patch", patch]);
}

/** Kubelets whose certificate ran out while the cluster was stopped ask again. */
async function approveRenewals(spec: ClusterSpec, state: ClusterState): Promise<void> {
  await approveServingCertificates(spec, state);
}

/** Gives each node the network of its pod range, and routes the ranges. */
async function connectPods(spec: ClusterSpec, state: ClusterState): Promise<void> {
  await until(
    `the pod ranges of cluster ${spec.name}`,
    nodesDeadline,
    async () => (await podCidrs(state)).size === spec.nodes.length,
  );
  const cidrs = await podCidrs(state);
  for (const node of spec.nodes) {
    const file = path.join(state.nodeRoot(node.name), "etc/cni/net.d/10-quintet.conflist");
    const text = JSON.stringify(conflist(node.name, cidrs.get(node.name) ?? ""), undefined, 2);
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
      writeFileSync(file, text);
    }
  }
  await routePods(spec, cidrs);
}

async function waitForApi(state: ClusterState): Promise<void> {
  await until(
    "the API server to be ready",
    nodesDeadline,
    async () => (await kubectl(state, ["get", "--raw", "/readyz"])) === "ok",
  );
}

/** Writes the kubeconfig with the cluster's facts, for the user, and marks the cluster as made. */
async function finish(spec: ClusterSpec, state: ClusterState, owner: Owner): Promise<void> {
  await writeFacts(spec, state, owner, readFileSync(state.kubeconfig, "utf8"));
  state.write(kept.ready, { id: await clusterUid(state) });
}

/** Writes the kubeconfig out of another one of the cluster's administrator, with the cluster's facts, for the user. */
export async function writeFacts(spec: ClusterSpec, state: ClusterState, owner: Owner, admin: string): Promise<void> {
  const id = await clusterUid(state);
  const backups = await new BackupStore(spec.name).facts(spec);
  const facts = { ...clusterFacts(spec, id, "nodes", `https://${apiEndpoint(spec)}`), backups };
  state.writeKubeconfig(withFacts(admin, spec.name, facts), owner);
}

async function remove(spec: ClusterSpec, state: ClusterState): Promise<void> {
  await Promise.all(spec.nodes.map((node) => stopNode(spec, node, state)));
  await stopMirror(state);
  await stopS3(state);
  await removeNetwork(spec);
  removeGroup(clusterGroup(spec));
  rmSync(state.dir, { recursive: true, force: true });
  restoreHost();
}

function writeKubeVip(spec: ClusterSpec, node: NodeSpec, state: ClusterState): void {
  const file = path.join(state.nodeRoot(node.name), "etc/kubernetes/manifests/kube-vip.yaml");
  writeFileSync(file, JSON.stringify(kubeVipPod(spec), undefined, 2), { mode: 0o600 });
}
