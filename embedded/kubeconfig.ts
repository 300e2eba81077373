/** The one file in which the embedded cluster and the Pulumi program meet. */
import { parse, stringify } from "yaml";
import type { BackupFacts } from "./backups.ts";
import { clusterDomain, type ClusterSpec } from "./spec.ts";

/** Under this name a kubeconfig tells what the cluster is, as an extension of its cluster entry. */
export const factsExtension = "quintet.dev/cluster";

/** The facts of a cluster that the program builds on; components/cluster/embedded.ts reads them. */
export interface ClusterFacts {
  /** The UID of the kube-system namespace: the same for as long as the cluster lives, and another for another one. */
  readonly id: string;
  readonly mode: "nodes" | "simulated";
  readonly kubernetesVersion: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly apiEndpoint: string;
  readonly dns: { address: string; domain: string; settings: "imports"; resolvers: readonly string[] };
  readonly hostAddress: string;
  readonly nodes: readonly { name: string; address: string; role: string; rack: string }[];
  readonly enforcesNetworkPolicy: boolean;
  readonly ownsEtcd: boolean;
  readonly controlPlaneMetrics: boolean;
  readonly loadBalancer: "nodes";
  readonly imageSource: "mirror";
  readonly brings: readonly string[];
  /** Absent where nothing is backed up, as of simulated nodes. */
  readonly backups?: BackupFacts;
}

/** The facts of an embedded cluster. */
export function clusterFacts(
  spec: ClusterSpec,
  id: string,
  mode: ClusterFacts["mode"],
  apiEndpoint: string,
): ClusterFacts {
  return {
    id,
    mode,
    kubernetesVersion: spec.kubernetesVersion,
    podCidr: spec.podCidr,
    serviceCidr: spec.serviceCidr,
    apiEndpoint,
    dns: { address: spec.dnsAddress, domain: clusterDomain, settings: "imports", resolvers: [] },
    hostAddress: spec.hostAddress,
    nodes: spec.nodes.map(({ name, address, role, rack }) => ({ name, address, role, rack })),
    enforcesNetworkPolicy: true, // by Calico; and simulated pods send nothing
    ownsEtcd: true,
    controlPlaneMetrics: mode === "nodes",
    loadBalancer: "nodes",
    imageSource: "mirror",
    brings: ["cni", "dns", "proxy", "metrics"],
  };
}

/** The parts of a kubeconfig that are touched here (client.authentication.k8s.io, v1 Config). */
interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  "current-context": string;
}

/** The administrator's kubeconfig with one cluster, user and context named after the cluster, and the facts in it. */
export function withFacts(text: string, clusterName: string, facts: ClusterFacts | undefined): string {
  const config = parse(text) as Kubeconfig; // written by kubeadm or kwokctl a moment ago
  const [cluster, user] = [config.clusters[0], config.users[0]];
  if (cluster === undefined || user === undefined) {
    throw new Error(`The kubeconfig of cluster ${clusterName} names no cluster or no user.`);
  }
  const name = `quintet-${clusterName}`;
  const extensions = facts === undefined ? {} : { extensions: [{ name: factsExtension, extension: facts }] };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { ...cluster.cluster, ...extensions } }],
    users: [{ name, user: user.user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/** The identity of the cluster that a kubeconfig of `withFacts` leads to, or undefined when it has no facts yet. */
export function clusterIdOf(text: string): string | undefined {
  const config = parse(text) as Kubeconfig; // written by withFacts
  const extensions = config.clusters[0]?.cluster["extensions"] as
    { name: string; extension: ClusterFacts }[] | undefined;
  return extensions?.find((e) => e.name === factsExtension)?.extension.id;
}
