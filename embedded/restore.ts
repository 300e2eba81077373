/** The restore of an embedded cluster's etcd: its nodes reached from this machine, and what is checked before. */
import { X509Certificate } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { minor } from "semver";
import type { Hands } from "../backup/reset.ts";
import { etcdData, restoreScript } from "../backup/reset-plan.ts";
import type { Manifest } from "../backup/snapshot.ts";
import { clusterUid, kubectl } from "./kubectl.ts";
import { runInNode } from "./node.ts";
import { controlPlane, nodeNamed, type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

const scriptDeadline = 150_000;

/** Where control-plane nodes keep the snapshots that they have taken. */
export const localSnapshots = "/var/lib/quintet/etcd-backup";

/** What all control-plane nodes have in common, below /etc/kubernetes/pki; kubeadm makes the rest for each. */
const sharedPki = [
  "ca.crt",
  "ca.key",
  "sa.key",
  "sa.pub",
  "front-proxy-ca.crt",
  "front-proxy-ca.key",
  "etcd/ca.crt",
  "etcd/ca.key",
];

/** Gives a new first node the data and the authorities of an opened snapshot, before kubeadm makes the rest. */
export async function placeSnapshot(node: NodeSpec, state: ClusterState, opened: string): Promise<void> {
  for (const file of sharedPki) {
    const to = path.join(state.nodeRoot(node.name), "etc/kubernetes/pki", file);
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(path.join(opened, "pki", file), to);
    chmodSync(to, file.endsWith(".key") ? 0o600 : 0o644);
  }
  const database = "/var/lib/quintet/restore.db";
  const copy = path.join(state.nodeRoot(node.name), database);
  mkdirSync(path.dirname(copy), { recursive: true, mode: 0o700 });
  copyFileSync(path.join(opened, "etcd.db"), copy);
  const script = restoreScript(database, [node], node, "restore-to-new-nodes");
  await runInNode(node, state, ["/bin/sh", "-c", script], { timeout: scriptDeadline });
}

/** Removes what a snapshot says of nodes that join anew: the nodes themselves, and what they have once asked for. */
export async function forgetNodes(spec: ClusterSpec, state: ClusterState): Promise<void> {
  const [first] = controlPlane(spec);
  const others = spec.nodes.filter((node) => node !== first).map(({ name }) => name);
  await kubectl(state, ["delete", "node", "--ignore-not-found", ...others]);
  await kubectl(state, ["delete", "certificatesigningrequests", "--all"]);
}

/** The nodes of an embedded cluster, and the database that goes onto them. */
export function handsOf(spec: ClusterSpec, state: ClusterState, database: string): Hands {
  return {
    run: (node, script) =>
      runInNode(nodeNamed(spec, node), state, ["/bin/sh", "-c", script], { timeout: scriptDeadline }),
    copy: (node, to) => {
      const file = path.join(state.nodeRoot(node), to);
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      copyFileSync(database, file);
      chmodSync(file, 0o600);
      return Promise.resolve();
    },
  };
}

/**
 * What of a snapshot does not fit the cluster, as sentences: its releases, and the authority that all certificates and
 * tokens of its nodes are of.
 *
 * @param pki the folder `pki` out of the bundle
 */
export function misfits(spec: ClusterSpec, state: ClusterState, manifest: Manifest, pki: string): string[] {
  const problems: string[] = [];
  const older = minor(spec.kubernetesVersion) - minor(manifest.kubernetesVersion);
  if (older !== 0 && older !== 1) {
    problems.push(
      `The snapshot is of Kubernetes ${manifest.kubernetesVersion}, and the cluster of ${spec.kubernetesVersion}: ` +
        `it can be read by that minor release and the next.`,
    );
  }
  for (const { name } of spec.nodes.filter(({ role }) => role === "control-plane")) {
    for (const file of ["ca.crt", "etcd/ca.crt", "sa.pub"]) {
      const [inside, there] = [path.join(pki, file), path.join(state.nodeRoot(name), "etc/kubernetes/pki", file)];
      if (fingerprint(inside) !== fingerprint(there)) {
        problems.push(`/etc/kubernetes/pki/${file} of node ${name} is not the one of the snapshot.`);
      }
    }
  }
  return problems;
}

/** A certificate's fingerprint, or the file's own text where it is none; undefined where there is no file. */
function fingerprint(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return file.endsWith(".crt") ? new X509Certificate(text).fingerprint256 : text.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether the API server answers, with etcd behind it. */
export async function apiAnswers(state: ClusterState): Promise<boolean> {
  try {
    return (await kubectl(state, ["get", "--raw", "/readyz", "--request-timeout=5s"])) === "ok";
  } catch {
    return false; // that is the answer
  }
}

/** What tells the cluster that answers from others, or undefined when none does: etcd without its data begins another one. */
export async function liveId(state: ClusterState): Promise<string | undefined> {
  try {
    return await clusterUid(state, ["--request-timeout=5s"]);
  } catch {
    return undefined; // that is the answer
  }
}

/** Takes one more snapshot on a node, encrypted to the keys of those who could open the last one. */
export async function saveBefore(
  spec: ClusterSpec,
  state: ClusterState,
  node: string,
  of: Pick<Manifest, "clusterId" | "recipients">,
  reason: "before-restore" | "before-upgrade" | "by-hand" = "before-restore",
): Promise<void> {
  const pki = "/etc/kubernetes/pki";
  await runInNode(nodeNamed(spec, node), state, [
    "etcd-backup",
    "save",
    "--endpoint=https://127.0.0.1:2379",
    `--cacert=${pki}/etcd/ca.crt`,
    `--cert=${pki}/etcd/healthcheck-client.crt`,
    `--key=${pki}/etcd/healthcheck-client.key`,
    `--cluster-id=${of.clusterId}`,
    `--member=${node}`,
    `--kubernetes-version=${spec.kubernetesVersion}`,
    `--reason=${reason}`,
    `--data-dir=${etcdData}`,
    ...of.recipients.map((key) => `--recipient=${key}`),
    `--pki=${pki}`,
    `--directory=${localSnapshots}`,
  ]);
}
