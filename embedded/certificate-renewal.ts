/** New certificates for the control plane, made by kubeadm, with one process at a time away. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { writeFacts } from "./cluster.ts";
import { runInNode } from "./node.ts";
import type { Owner } from "./owner.ts";
import { waitForQuorum } from "./quorum.ts";
import { controlPlane, type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";
import type { Step } from "./steps.ts";

/** What reads its certificates when it starts, by the process' name as the kernel cuts it, and in this order. */
const restarted = ["etcd", "kube-apiserver", "kube-controller", "kube-scheduler", "kube-vip"];

const restartDeadline = 180_000;

/** The steps that renew what kubeadm has made, one control-plane node after the other. The kubelets renew their own. */
export function renewalSteps(spec: ClusterSpec, state: ClusterState, owner: Owner): Step[] {
  const all = controlPlane(spec);
  return [
    ["every member of etcd and every API server", () => waitForQuorum(spec, state)],
    ...all.flatMap((node): Step[] => [
      [`${node.name}: new certificates`, () => renew(node, state)],
      ...restarted.map((name): Step => [`${node.name}: ${name} starts anew`, () => restart(spec, node, state, name)]),
    ]),
    ["kubeconfig", () => refreshKubeconfig(spec, state, owner)],
  ];
}

async function renew(node: NodeSpec, state: ClusterState): Promise<void> {
  await runInNode(node, state, ["kubeadm", "certs", "renew", "all"], { timeout: restartDeadline });
}

/** Ends a static pod's process, waits for the kubelet to start another one, and then for all of the control plane. */
async function restart(spec: ClusterSpec, node: NodeSpec, state: ClusterState, name: string): Promise<void> {
  const rounds = restartDeadline / 500;
  const script = [
    `old=$(pgrep -x ${name} || true); pkill -TERM -x ${name}; i=0`,
    `while [ $i -lt ${String(rounds)} ]; do new=$(pgrep -x ${name} || true)`,
    `if [ -n "$new" ] && [ "$new" != "$old" ]; then exit 0; fi; sleep 0.5; i=$((i+1)); done`,
    `echo "${name} has not started again" >&2; exit 1`,
  ];
  await runInNode(node, state, ["/bin/sh", "-c", script.join("\n")], { timeout: restartDeadline + 10_000 });
  await waitForQuorum(spec, state);
}

/** Gives the user the administrator's certificate that kubeadm has made last. */
export async function refreshKubeconfig(spec: ClusterSpec, state: ClusterState, owner: Owner): Promise<void> {
  const [first] = controlPlane(spec);
  if (first === undefined) throw new Error(`Cluster ${spec.name} has no control-plane node.`);
  const admin = readFileSync(path.join(state.nodeRoot(first.name), "etc/kubernetes/admin.conf"), "utf8");
  await writeFacts(spec, state, owner, admin);
}
