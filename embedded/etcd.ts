/** The members of etcd: how the first one starts, and how each is asked. */
import { etcdData } from "../backup/reset-plan.ts";
import { runInNode } from "./node.ts";
import type { NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

const deadline = 60_000;

/** What a node's own member of etcd says, asked with kubeadm's certificate for health checks. */
export async function etcdctl(node: NodeSpec, state: ClusterState, args: readonly string[]): Promise<string> {
  const pki = "/etc/kubernetes/pki/etcd";
  const login = [
    `--cacert=${pki}/ca.crt`,
    `--cert=${pki}/healthcheck-client.crt`,
    `--key=${pki}/healthcheck-client.key`,
  ];
  return runInNode(node, state, ["etcdctl", "--endpoints=https://127.0.0.1:2379", ...login, ...args], {
    timeout: deadline,
  });
}

/**
 * Makes the data of an etcd of one member, for kubeadm to go on from.
 *
 * kubeadm's own first member is told that its cluster is new, at each of its starts. One that has lost its disk would
 * begin an empty cluster beside the members that are left, and an API server would serve it. With this, every member
 * is told that its cluster exists, and one without data ends, and says so.
 */
export async function bootstrapEtcd(node: NodeSpec, state: ClusterState): Promise<void> {
  const { name, address } = node;
  const peer = `https://${address}:2380`;
  const client = "http://127.0.0.1:2379";
  const script = [
    `if [ -e ${etcdData}/member ]; then exit 0; fi`,
    `etcd --name=${name} --data-dir=${etcdData} --initial-cluster=${name}=${peer} --initial-advertise-peer-urls=${peer} \\`,
    `  --listen-peer-urls=http://127.0.0.1:2380 --listen-client-urls=${client} --advertise-client-urls=${client} \\`,
    "  --log-level=error &",
    `until etcdctl --endpoints=${client} endpoint health >/dev/null 2>&1; do kill -0 $! || exit 1; sleep 0.1; done`,
    "kill $!",
    "wait $! || true",
  ];
  await runInNode(node, state, ["/bin/sh", "-c", script.join("\n")], { timeout: deadline });
}
