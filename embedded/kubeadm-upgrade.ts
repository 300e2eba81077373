/** kubeadm's part of an upgrade. */
import { toolPath } from "../toolchain/index.ts";
import { runInNode } from "./node.ts";
import { waitForQuorum } from "./quorum.ts";
import { programOf, type Release } from "./releases.ts";
import { until } from "./run.ts";
import type { ClusterSpec, NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";
import { ask } from "./upgrade-facts.ts";

const kubeadmDeadline = 15 * 60_000;
const apiDeadline = 300_000;

/**
 * Checks of kubeadm's preflight that do not hold in a node of namespaces: its kernel's configuration is not to be read, and
 * the Corefile is our own (embedded/coredns.ts), as is the choice of CoreDNS' and etcd's releases (versions.ts).
 */
const ignored = ["SystemVerification", "CoreDNSUnsupportedPlugins", "CoreDNSMigration"];

/**
 * Runs `kubeadm upgrade` on a node, and waits until the node's API server is of that release and the control plane whole.
 *
 * @param command `apply` with its arguments on the first control-plane node, else `node`
 */
export async function kubeadmUpgrade(
  { spec, state, to }: { readonly spec: ClusterSpec; readonly state: ClusterState; readonly to: Release },
  node: NodeSpec,
  command: readonly string[],
): Promise<void> {
  const program = toolPath(programOf(to, "kubeadm"));
  await until(`kubeadm of an earlier run on ${node.name} to end`, kubeadmDeadline, () => isIdle(state, node));
  const options = ["--etcd-upgrade=false", "--skip-phases=addon", `--ignore-preflight-errors=${ignored.join(",")}`];
  await runInNode(node, state, [program, "upgrade", ...command, ...options], { timeout: kubeadmDeadline });
  if (node.role === "worker") return;
  await until(`the API server of ${node.name} at ${to}`, apiDeadline, async () => {
    const { gitVersion } = JSON.parse(await ask(state, node, "/version")) as { gitVersion: string }; // version.Info
    if (gitVersion !== to) throw new Error(`it is of ${gitVersion}`);
    return true;
  });
  await waitForQuorum(spec, state);
}

/** Whoever kills an upgrade does not kill what it has started on a node. */
const isIdle = (state: ClusterState, node: NodeSpec) =>
  runInNode(node, state, ["/bin/sh", "-c", "! pgrep -x kubeadm"]).then(
    () => true,
    () => false, // that is the answer
  );
