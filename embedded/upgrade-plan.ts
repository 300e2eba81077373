/** What an upgrade does to which node, from what every node runs: it goes on from wherever an earlier one has stopped. */
import { gt, minor } from "semver";
import { hopProblem } from "../skew.ts";
import type { NodeSpec } from "./spec.ts";

/** What a node runs; versions as `v1.36.3`. */
export interface NodeVersions {
  readonly name: string;
  readonly role: NodeSpec["role"];
  readonly kubelet: string;
  /** Of its API server, controller manager and scheduler; a worker has none. */
  readonly components: readonly string[];
  readonly cordoned: boolean;
}

/** What the whole cluster runs, its nodes with the control plane first and in the order in which they joined. */
export interface ClusterVersions {
  /** What the cluster is known to be. */
  readonly recorded: string;
  /** Of kubeadm's own ConfigMap. */
  readonly kubeadm: string;
  readonly kubeProxy: string;
  readonly nodes: readonly NodeVersions[];
}

/** An upgrade that has begun; it is kept until it has ended. */
export interface Begun {
  readonly from: string;
  readonly to: string;
  /** Nodes that somebody else had cordoned before, and that stay so. */
  readonly cordoned: readonly string[];
}

/** One thing that is done to a node. */
export type Act =
  | "cordon"
  | "drain"
  /** `kubeadm upgrade apply`: the first control-plane node, which also changes what is kept in the cluster. */
  | "apply"
  /** `kubeadm upgrade node`. */
  | "node"
  | "kubelet"
  | "uncordon";

/** One node with what is left to do to it, in order. */
export interface NodePlan {
  readonly name: string;
  readonly role: NodeSpec["role"];
  readonly acts: readonly Act[];
}

/** What is left of an upgrade. */
export interface UpgradePlan {
  readonly nodes: readonly NodePlan[];
  readonly kubeProxy: boolean;
  /** Whether the cluster is to be known under the new version. */
  readonly record: boolean;
}

/** By how many minor releases a kubelet may be older than its API server (kubernetes.io/releases/version-skew-policy). */
const kubeletSkew = 3;

/**
 * Why the cluster may not go to that version, as sentences.
 *
 * @param known every version that there are tools of
 */
export function upgradeProblems(
  { recorded, nodes }: ClusterVersions,
  to: string,
  known: readonly string[],
  begun: Begun | undefined,
): string[] {
  const hop = hopProblem(recorded, to);
  const unknown = known.includes(to)
    ? []
    : [`there are no tools of ${to} here. There are: ${known.join(", ")}. tools/README.md says how to add a release`];
  const other =
    begun === undefined || begun.to === to
      ? []
      : [`an upgrade to ${begun.to} has begun and has not ended. Finish it first: upgrade --to ${begun.to}`];
  const problems = [...(hop === undefined ? [] : [hop]), ...unknown, ...other];
  if (problems.length > 0) return problems;
  return nodes.flatMap(({ name, kubelet }) => {
    if (gt(kubelet, to)) return [`the kubelet of ${name} is of ${kubelet}, and none may be newer than its API server`];
    return minor(to) - minor(kubelet) > kubeletSkew
      ? [`the kubelet of ${name} is of ${kubelet}, more than ${String(kubeletSkew)} minor releases behind ${to}`]
      : [];
  });
}

/** What is left to do until the whole cluster runs that version. */
export function planUpgrade(cluster: ClusterVersions, to: string, begun: Begun | undefined): UpgradePlan {
  const [first] = cluster.nodes;
  const nodes = cluster.nodes.map((node) => ({
    name: node.name,
    role: node.role,
    acts: actsOf(node, to, node === first && cluster.kubeadm !== to, begun),
  }));
  return {
    nodes: nodes.filter(({ acts }) => acts.length > 0),
    kubeProxy: cluster.kubeProxy !== to,
    record: cluster.recorded !== to,
  };
}

/** @param unfinished whether what kubeadm keeps in the cluster is of the version before */
function actsOf(node: NodeVersions, to: string, unfinished: boolean, begun: Begun | undefined): readonly Act[] {
  const stays = begun?.cordoned.includes(node.name) ?? node.cordoned;
  const uncordon: readonly Act[] = stays ? [] : ["uncordon"];
  const controlPlane = node.role === "control-plane" && (unfinished || node.components.some((one) => one !== to));
  const kubelet = node.kubelet !== to;
  if (!controlPlane && !kubelet) return node.cordoned ? uncordon : [];
  const upgrade: readonly Act[] = controlPlane
    ? [unfinished ? "apply" : "node"]
    : node.role === "worker"
      ? ["node"]
      : [];
  return [
    ...(stays ? [] : (["cordon"] as const)),
    "drain",
    ...upgrade,
    ...(kubelet ? (["kubelet"] as const) : []),
    ...uncordon,
  ];
}

/** Whether there is nothing to do. */
export const isDone = ({ nodes, kubeProxy, record }: UpgradePlan): boolean =>
  nodes.length === 0 && !kubeProxy && !record;

/** What is done, in words that follow a node's name. */
export const words: Readonly<Record<Act, string>> = {
  cordon: "gets no new pods",
  drain: "its pods move to other nodes",
  apply: "kubeadm upgrade apply, the first of the control plane",
  node: "kubeadm upgrade node",
  kubelet: "the new kubelet",
  uncordon: "gets pods again",
};

/** The plan as lines for people. */
export function planLines({ nodes, kubeProxy }: UpgradePlan): string[] {
  return [
    ...nodes.map(({ name, role, acts }) => `  ${name} (${role}): ${acts.map((act) => words[act]).join("; ")}`),
    ...(kubeProxy ? ["  kube-proxy: node by node, when the control plane is done"] : []),
  ];
}
