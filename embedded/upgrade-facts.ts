/** What is seen of a cluster before an upgrade. */
import { parse } from "yaml";
import { freeSpace } from "../toolchain/cache.ts";
import { readCertificates } from "./certificate-files.ts";
import { readyEndpoints, type Slice } from "./endpoints.ts";
import { etcdctl } from "./etcd.ts";
import { items, patientKubectl, readyNodes } from "./kubectl.ts";
import { apiPort, controlPlane, type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";
import type { Budget, Definition, Facts, Hook, Pod } from "./upgrade-kinds.ts";
import type { ClusterVersions } from "./upgrade-plan.ts";

/** A node with the versions that it runs (core/v1). */
interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } };
}

/** A pod that a node makes of a file of its own. */
interface StaticPod {
  readonly spec: { readonly nodeName: string; readonly containers: readonly { readonly image: string }[] };
}

interface HookConfiguration {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly webhooks?: readonly {
    readonly name: string;
    readonly failurePolicy?: string;
    readonly clientConfig: { readonly service?: { readonly namespace: string; readonly name: string } };
  }[];
}

const perRequest = 60_000;

/** The API server of one node, and not the one that holds the cluster's address. */
export const serverOf = ({ address }: NodeSpec): string => `--server=https://${address}:${String(apiPort)}`;

/** What every node runs. */
export async function readVersions(spec: ClusterSpec, state: ClusterState): Promise<ClusterVersions> {
  const get = (...args: string[]) => patientKubectl(state.kubeconfig, ["get", "-n", "kube-system", ...args]);
  const nodes = await items<NodeObject>(state, ["nodes"]);
  const pods = await items<StaticPod>(state, ["pods", "-n", "kube-system", "-l", "tier=control-plane,component!=etcd"]);
  const kubeadm = await get("configmap", "kubeadm-config", "-o", "jsonpath={.data.ClusterConfiguration}");
  const proxy = await get("daemonset", "kube-proxy", "-o", "jsonpath={.spec.template.spec.containers[0].image}");
  const ordered = [...controlPlane(spec), ...spec.nodes.filter(({ role }) => role === "worker")];
  return {
    recorded: spec.kubernetesVersion,
    kubeadm: (parse(kubeadm) as { kubernetesVersion: string }).kubernetesVersion, // kubeadm's own ClusterConfiguration
    kubeProxy: tagOf(proxy),
    nodes: ordered.map(({ name, role }) => {
      const found = nodes.find(({ metadata }) => metadata.name === name);
      if (found === undefined)
        throw new Error(`Node ${name} is not registered. Start it: npm run cluster -- start ${name}`);
      const own = pods.filter(({ spec: { nodeName } }) => nodeName === name);
      return {
        name,
        role,
        kubelet: found.status.nodeInfo.kubeletVersion,
        components: own.map(({ spec: { containers } }) => tagOf(containers[0]?.image ?? "")),
        cordoned: found.spec.unschedulable === true,
      };
    }),
  };
}

const tagOf = (image: string): string => /:([^:/]+)$/.exec(image)?.[1] ?? "";

/** Everything that may stand against an upgrade. */
export async function readFacts(spec: ClusterSpec, state: ClusterState): Promise<Facts> {
  const ready = await readyNodes(state);
  const members = controlPlane(spec);
  const [etcd, apis, metrics]: [string[], string[], string[]] = [[], [], []];
  for (const node of members) {
    if (!(await isHealthy(state, node))) etcd.push(node.name);
    const text = await ask(state, node, "/metrics").catch(() => undefined);
    if (text === undefined) apis.push(node.name);
    else metrics.push(text);
  }
  const all = <T>(kind: string) => items<T>(state, [kind, "--all-namespaces"]);
  const hooks = await all<HookConfiguration>("validatingwebhookconfigurations,mutatingwebhookconfigurations");
  return {
    now: Date.now(),
    notReady: spec.nodes.filter(({ name }) => !ready.includes(name)).map(({ name }) => name),
    etcd,
    apis,
    metrics: metrics.join("\n"),
    definitions: await all<Definition>("customresourcedefinitions"),
    budgets: await all<Budget>("poddisruptionbudgets"),
    hooks: hooks.flatMap(hooksOf),
    endpoints: readyEndpoints(await all<Slice>("endpointslices")),
    pods: await all<Pod>("pods"),
    certificates: readCertificates(spec, state),
    freeBytes: freeSpace(state.nodesDir),
  };
}

/** What an API server says, asked at its own node. */
export async function ask(state: ClusterState, node: NodeSpec, path: string): Promise<string> {
  const args = [serverOf(node), "--request-timeout=10s", "get", "--raw", path];
  return patientKubectl(state.kubeconfig, args, { timeout: perRequest });
}

/** Whether a member of etcd is healthy. */
export async function isHealthy(state: ClusterState, node: NodeSpec): Promise<boolean> {
  return etcdctl(node, state, ["endpoint", "health"]).then(
    () => true,
    () => false, // that is the answer
  );
}

const hooksOf = ({ kind, metadata, webhooks = [] }: HookConfiguration): Hook[] =>
  webhooks.map(({ name, failurePolicy = "Fail", clientConfig: { service } }) => ({
    configuration: `${kind}/${metadata.name}`,
    name,
    failurePolicy,
    service: service === undefined ? undefined : `${service.namespace}/${service.name}`,
  }));
