/** What every cluster adds to the connectivity graph: its DNS, its nodes and its API server. */
import type { Half, Peer } from "../connectivity-graph.ts";
import type { ClusterFacts } from "./facts.ts";

/** The cluster's DNS as edges write it, with its ports `dns` (UDP) and `dns-tcp`. */
export const clusterDns = "kube-system/coredns";

/** Where kubeadm and k3s let the API server listen. */
const apiServerPort = 6443;

/**
 * The peers `nodes` (with the port `kubelet`) and `api-server` (`https`), each where the facts say its addresses, and
 * CoreDNS. kube-system is the target's own: nothing there is closed from here, whoever brings a part answers for it.
 */
export function clusterHalf({ nodes, apiServer }: Pick<ClusterFacts, "nodes" | "apiServer">): Half {
  const servers = nodes.filter(({ role }) => role === "control-plane").map(addressOf);
  return {
    of: "cluster",
    namespaces: { "kube-system": { closed: "none" } },
    workloads: [
      {
        namespace: "kube-system",
        name: "coredns",
        labels: { "k8s-app": "kube-dns" },
        ports: { dns: { port: 53, protocol: "UDP" }, "dns-tcp": { port: 53 }, metrics: { port: 9153 } },
      },
    ],
    peers: {
      ...peer("nodes", nodes.map(addressOf), { kubelet: { port: 10250 } }),
      // What a Service stands for, since policies are asked after it has been translated; the caller of webhooks, too.
      ...peer("api-server", apiServer?.cidrs ?? servers, { https: { port: apiServer?.port ?? apiServerPort } }),
    },
  };
}

const addressOf = ({ address }: ClusterFacts["nodes"][number]) => `${address}/32`;

/** A peer of the cluster's own network, in which a cloud's pods have addresses, too. */
const peer = (name: string, cidrs: readonly string[], ports: NonNullable<Peer["ports"]>): Record<string, Peer> =>
  cidrs.length === 0 ? {} : { [name]: { cidrs, ports, amongPods: true } };
