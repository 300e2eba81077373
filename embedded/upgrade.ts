/** An upgrade of an embedded cluster, carried out: docs/decisions/0021-an-upgrade-looks-and-goes-on.md. */
import { refreshKubeconfig } from "./certificate-renewal.ts";
import { keepSpec } from "./cluster.ts";
import { kubeProxyPatch } from "./kubeadm.ts";
import { kubeadmUpgrade } from "./kubeadm-upgrade.ts";
import { approveServingCertificates, patientKubectl, readyNodes, waitForSystem } from "./kubectl.ts";
import { replaceMirror } from "./mirror.ts";
import { runInNode } from "./node.ts";
import type { Owner } from "./owner.ts";
import { waitForQuorum } from "./quorum.ts";
import { placePrograms, type Release } from "./releases.ts";
import { until } from "./run.ts";
import { nodeNamed, type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";
import type { Step } from "./steps.ts";
import { versions } from "../versions.ts";
import { readVersions } from "./upgrade-facts.ts";
import { type Act, type Begun, type ClusterVersions, type UpgradePlan, words } from "./upgrade-plan.ts";

/** What an upgrade works with. */
export interface Upgrade {
  readonly spec: ClusterSpec;
  readonly state: ClusterState;
  readonly to: Release;
  /** The images of both releases. */
  readonly layout: string;
  readonly owner: Owner;
  /** Milliseconds that the pods of a node have to move. */
  readonly drainDeadline: number;
}

const nodeDeadline = 300_000;
const systemDeadline = 300_000;
const begunFile = "upgrade.json";

/** The upgrade that has begun and has not ended. */
export function begun(state: ClusterState): Begun | undefined {
  const kept = state.read(begunFile) as Begun | null | undefined; // upgradeSteps wrote it
  return kept ?? undefined;
}

/** Forgets the upgrade that has ended. */
export function forgetBegun(state: ClusterState): void {
  if (begun(state) !== undefined) state.write(begunFile, null);
}

/** The steps of a plan. Those that an earlier run has done are not in it. */
export function upgradeSteps(upgrade: Upgrade, plan: UpgradePlan, seen: ClusterVersions): Step[] {
  const { spec, state, to } = upgrade;
  const cordoned = begun(state)?.cordoned ?? seen.nodes.filter((node) => node.cordoned).map(({ name }) => name);
  const start = async () => {
    state.write(begunFile, { from: spec.kubernetesVersion, to, cordoned } satisfies Begun);
    await replaceMirror(spec, state, upgrade.layout, upgrade.owner);
  };
  const nodes = (role: NodeSpec["role"]) =>
    plan.nodes
      .filter((node) => node.role === role)
      .flatMap(({ name, acts }) => [
        ...acts.map((act): Step => [`${name}: ${words[act]}`, () => actions[act](upgrade, nodeNamed(spec, name))]),
        [`${name}: the control plane and kube-system are whole`, () => gate(upgrade)] satisfies Step,
      ]);
  return [
    [`images of Kubernetes ${to}`, start],
    ["every member of etcd and every API server", () => waitForQuorum(spec, state)],
    ...nodes("control-plane"),
    ...(plan.kubeProxy ? [["kube-proxy, node by node", () => upgradeKubeProxy(upgrade)] satisfies Step] : []),
    ...nodes("worker"),
    [`everything is of Kubernetes ${to}`, () => finish(upgrade)],
  ];
}

const actions: Readonly<Record<Act, (upgrade: Upgrade, node: NodeSpec) => Promise<void>>> = {
  cordon: ({ state }, { name }) => say(state, ["cordon", name]),
  uncordon: ({ state }, { name }) => say(state, ["uncordon", name]),
  drain,
  apply: (upgrade, node) => kubeadmUpgrade(upgrade, node, ["apply", upgrade.to, "--yes"]),
  node: (upgrade, node) => kubeadmUpgrade(upgrade, node, ["node"]),
  kubelet: startKubelet,
};

async function say(state: ClusterState, args: readonly string[]): Promise<void> {
  await patientKubectl(state.kubeconfig, args);
}

async function drain({ state, drainDeadline }: Upgrade, { name }: NodeSpec): Promise<void> {
  const options = ["--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${String(drainDeadline / 1000)}s`];
  await say(state, ["drain", name, ...options]).catch((error: unknown) => {
    throw new Error(
      `Node ${name} could not be drained within ${String(drainDeadline / 1000)} s, and stays without new pods. What is ` +
        `said below of a PodDisruptionBudget or a pod is what holds it. Mend that and run the upgrade again: it goes on ` +
        `here. Or let the node have pods again: kubectl uncordon ${name}\n${(error as Error).message}`,
      { cause: error },
    );
  });
}

async function startKubelet({ spec, state, to }: Upgrade, node: NodeSpec): Promise<void> {
  placePrograms(node.name, state, to);
  await runInNode(node, state, ["/bin/sh", "-c", "pkill -x kubelet; true"]); // node-init starts it again
  await until(`node ${node.name} to be Ready with the kubelet of ${to}`, nodeDeadline, async () => {
    await approveServingCertificates(spec, state);
    const { nodes } = await readVersions(spec, state);
    const now = nodes.find(({ name }) => name === node.name)?.kubelet;
    if (now !== to) throw new Error(`its kubelet is of ${now ?? "no release"}`);
    return (await readyNodes(state)).includes(node.name);
  });
}

async function gate({ spec, state }: Upgrade): Promise<void> {
  await waitForQuorum(spec, state);
  await waitForSystem(state, systemDeadline);
}

/** kubeadm's own phase would take the variables of {@link kubeProxyPatch} away for a moment. */
async function upgradeKubeProxy({ state, to }: Upgrade): Promise<void> {
  const patch = JSON.stringify(kubeProxyPatch(versions.kubernetesReleases[to].kubeProxy));
  await say(state, ["patch", "daemonset", "kube-proxy", "-n", "kube-system", "--patch", patch]);
  await waitForSystem(state, systemDeadline);
}

/** The cluster is known under its new version only when everything is of it. */
async function finish({ spec, state, to, owner }: Upgrade): Promise<void> {
  await waitForSystem(state, systemDeadline);
  const upgraded = { ...spec, kubernetesVersion: to };
  await refreshKubeconfig(upgraded, state, owner);
  keepSpec(upgraded, state);
  forgetBegun(state);
}
