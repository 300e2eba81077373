/**
 * The cluster for machines that allow no real nodes: the same API server, scheduler, controller manager and etcd as
 * processes of this user, and kwok in the place of five kubelets. Objects are real; pods only say that they run.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { cacheDir, ensureTools, toolPath } from "../toolchain/index.ts";
import { clusterFacts, withFacts } from "./kubeconfig.ts";
import { apply, clusterUid, kubectl, waitForNodes } from "./kubectl.ts";
import { owner } from "./owner.ts";
import { run } from "./run.ts";
import type { ClusterSpec, NodeSpec } from "./spec.ts";
import { ClusterState } from "./state.ts";

const readyDeadline = 60_000;
const marker = "simulated.json";

/** Brings the simulated cluster up, anew where an earlier one does not answer. */
export async function upSimulated(spec: ClusterSpec): Promise<void> {
  const state = new ClusterState(spec.name);
  if (isSimulated(spec.name) && (await answers(state))) {
    return;
  }
  await downSimulated(spec);
  await ensureTools(["simulated"]);
  mkdirSync(state.dir, { recursive: true });
  state.write(marker, { name: spec.name });
  writeFileSync(state.file("kwok.yaml"), stringify(loopbackOnly));
  const binaries = {
    etcd: toolPath("etcd"),
    "kube-apiserver": toolPath("kube-apiserver"),
    "kube-controller-manager": toolPath("kube-controller-manager"),
    "kube-scheduler": toolPath("kube-scheduler"),
    "kwok-controller": toolPath("kwok"),
  };
  await kwokctl(state, spec, [
    "create",
    "cluster",
    "--runtime=binary",
    `--kubeconfig=${state.kubeconfig}`,
    `--config=${state.file("kwok.yaml")}`,
    "--wait=60s",
    ...Object.entries(binaries).map(([name, file]) => `--${name}-binary=${file}`),
  ]);
  await apply(state, spec.nodes.map(kwokNode));
  await waitForNodes(spec, state, readyDeadline);
  const text = readFileSync(state.kubeconfig, "utf8");
  const endpoint = (
    await kubectl(state, ["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"])
  ).trim();
  const id = await clusterUid(state);
  state.writeKubeconfig(withFacts(text, spec.name, clusterFacts(spec, id, "simulated", endpoint)), owner());
}

/** Removes the simulated cluster. Safe to repeat. */
export async function downSimulated(spec: ClusterSpec): Promise<void> {
  const state = new ClusterState(spec.name);
  if (isSimulated(spec.name)) {
    await ensureTools(["simulated"]);
    await kwokctl(state, spec, ["delete", "cluster", `--kubeconfig=${state.kubeconfig}`]);
    rmSync(state.dir, { recursive: true, force: true });
  }
}

/** Whether the cluster of that name is a simulated one. */
export function isSimulated(name: string): boolean {
  return new ClusterState(name).read(marker) !== undefined;
}

const loopbackOnly = {
  apiVersion: "config.kwok.x-k8s.io/v1alpha1",
  kind: "KwokctlConfiguration",
  options: { bindAddress: "127.0.0.1" },
};

async function kwokctl(state: ClusterState, spec: ClusterSpec, args: readonly string[]): Promise<void> {
  const env = {
    KWOK_WORKDIR: state.file("kwok"),
    KWOK_KUBE_VERSION: spec.kubernetesVersion,
    PATH: `${cacheDir()}/bin:${process.env["PATH"] ?? ""}`,
  };
  await run(toolPath("kwokctl"), [...args, `--name=${spec.name}`], { env });
}

async function answers(state: ClusterState): Promise<boolean> {
  try {
    return (await kubectl(state, ["get", "--raw", "/readyz", "--request-timeout=5s"])) === "ok";
  } catch {
    return false; // it was stopped, for example with the machine
  }
}

/** A node that kwok keeps: it has the lab's name and labels, and the capacity of a small machine. */
function kwokNode(node: NodeSpec): object {
  const resources = { cpu: "2", memory: "4Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": node.rack,
        ...(node.role === "control-plane" ? { "node-role.kubernetes.io/control-plane": "" } : {}),
      },
    },
    status: { capacity: resources, allocatable: resources },
  };
}
