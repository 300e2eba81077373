/** What every cluster adds to the connectivity graph: its nodes, its API server and its own namespace. */
import type { Edge, Half, Peer } from "../connectivity-graph.ts";
import type { ClusterFacts } from "./facts.ts";

/** The cluster's DNS as edges write it, with its ports `dns` (UDP) and `dns-tcp`. */
export const clusterDns = "kube-system/coredns";

/** What whoever resolves names needs: the cluster's DNS by both of its ports. */
export const lookups = (from: string, why: string): Edge[] =>
  ["dns", "dns-tcp"].map((port) => ({ from, to: clusterDns, port, why }));

/** What whoever acts in AWS with a role of its own needs: the agent that hands it out, a peer that EKS has. */
export const roleEdge = (from: string): Edge => ({
  from,
  to: "pod-identity",
  port: "http",
  why: "its role in AWS is handed out there",
});

/** Where kubeadm and k3s let the API server listen. */
export const apiServerPort = 6443;

/**
 * The peers `nodes` (with the port `kubelet`) and `api-server` (`https`), each where the facts say its addresses, and
 * kube-system, which is the target's own: at most those of its pods are closed that are known.
 */
export function clusterHalf(
  { nodes, nodeRanges, apiServer }: Pick<ClusterFacts, "nodes" | "nodeRanges" | "apiServer">,
  closed: "workloads" | "none" = "none",
): Half {
  const servers = nodes.filter(({ role }) => role === "control-plane").map(addressOf);
  return {
    of: "cluster",
    namespaces: { "kube-system": { closed } },
    peers: {
      ...peer("nodes", nodeRanges ?? nodes.map(addressOf), { kubelet: { port: 10250 } }),
      // What a Service stands for, since policies are asked after it has been translated; the caller of webhooks, too.
      ...peer("api-server", apiServer?.cidrs ?? servers, { https: { port: apiServer?.port ?? apiServerPort } }),
    },
  };
}

const addressOf = ({ address }: ClusterFacts["nodes"][number]) => `${address}/32`;

/** A peer of the cluster's own network, in which a cloud's pods have addresses, too. */
const peer = (name: string, cidrs: readonly string[], ports: NonNullable<Peer["ports"]>): Record<string, Peer> =>
  cidrs.length === 0 ? {} : { [name]: { cidrs, ports, amongPods: true } };
