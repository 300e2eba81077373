/** The embedded cluster seen through its API server: reading, applying, and waiting for what must be so. */
import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import pRetry from "p-retry";
import { parseDuration } from "../duration.ts";
import { run, type RunOptions, until } from "./run.ts";
import type { ClusterSpec } from "./spec.ts";
import { cacheDir } from "../toolchain/index.ts";
import type { ClusterState } from "./state.ts";

/** The part of a Node that is read here (Kubernetes API, core/v1). */
interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podCIDR?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The part of a CertificateSigningRequest that is read here (certificates.k8s.io/v1). */
interface RequestObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly signerName: string; readonly username: string };
  readonly status: { readonly conditions?: readonly { readonly type: string }[] };
}

/** The part of a Deployment or DaemonSet that is read here (apps/v1). */
interface WorkloadObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

/**
 * How long kubectl may take, in milliseconds: as long as its arguments tell it to wait, and half a minute in which it
 * says what it has waited for in vain. Undefined, which is what every command has, when they tell it nothing.
 */
export function kubectlDeadline(args: readonly string[]): number | undefined {
  const waitFlag = "--timeout=";
  const [told] = args.flatMap((arg) => (arg.startsWith(waitFlag) ? [parseDuration(arg.slice(waitFlag.length))] : []));
  return told === undefined ? undefined : told + 30_000;
}

export async function kubectl(state: ClusterState, args: readonly string[], input?: string): Promise<string> {
  return call(state.kubeconfig, args, input === undefined ? {} : { input });
}

function call(kubeconfig: string, args: readonly string[], options: RunOptions): Promise<string> {
  const timeout = kubectlDeadline(args);
  const program = path.join(cacheDir(), "bin", "kubectl");
  return run(program, ["--kubeconfig", kubeconfig, ...args], {
    ...(timeout === undefined ? {} : { timeout }),
    ...options,
  });
}

/** What tells the cluster that answers from every other one: the uid of its namespace kube-system. */
export async function clusterUid(state: ClusterState, flags: readonly string[] = []): Promise<string> {
  return kubectl(state, ["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}", ...flags]);
}

/** What kubectl says when no API server has heard it, as while the API address moves from one node to another. */
const unheard = /Unable to connect to the server|The connection to the server .* was refused/;

/** kubectl by a kubeconfig, which is called again for some ten seconds while no API server hears it. */
export async function patientKubectl(
  kubeconfig: string,
  args: readonly string[],
  options: Pick<RunOptions, "timeout"> = {},
): Promise<string> {
  return pRetry(() => call(kubeconfig, args, options), {
    retries: 5,
    minTimeout: 300,
    shouldRetry: ({ error }) => unheard.test(error.message),
  });
}

/** Server-side apply of objects, in one go. */
export async function apply(state: ClusterState, objects: readonly object[]): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await kubectl(
    state,
    ["apply", "--server-side", "--force-conflicts", "--field-manager=quintet-embedded", "-f", "-"],
    JSON.stringify(list),
  );
}

/** The objects of a list. */
export async function items<T>(state: ClusterState, args: readonly string[]): Promise<readonly T[]> {
  const list = JSON.parse(await kubectl(state, ["get", ...args, "-o", "json"])) as { items: T[] }; // kubectl's List
  return list.items;
}

/** Each registered node's pod range, by the node's name. */
export async function podCidrs(state: ClusterState): Promise<Map<string, string>> {
  const nodes = await items<NodeObject>(state, ["nodes"]);
  return new Map(
    nodes.flatMap((n) => (n.spec.podCIDR === undefined ? [] : [[n.metadata.name, n.spec.podCIDR] as const])),
  );
}

/** The names of the nodes that are Ready. */
export async function readyNodes(state: ClusterState): Promise<string[]> {
  const nodes = await items<NodeObject>(state, ["nodes"]);
  const ready = (n: NodeObject) => n.status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
  return nodes.filter(ready).map((n) => n.metadata.name);
}

/** Waits until all of the cluster's nodes are Ready. @param deadline milliseconds */
export async function waitForNodes(spec: ClusterSpec, state: ClusterState, deadline: number): Promise<void> {
  await until(`the nodes of cluster ${spec.name} to be Ready`, deadline, async () => {
    const ready = await readyNodes(state);
    const missing = spec.nodes.filter((n) => !ready.includes(n.name)).map((n) => n.name);
    if (missing.length > 0) {
      throw new Error(`not Ready: ${missing.join(", ")}`);
    }
    return true;
  });
}

/** Waits until every Deployment and DaemonSet of kube-system has all its pods. @param deadline milliseconds */
export async function waitForSystem(state: ClusterState, deadline: number): Promise<void> {
  await until("the pods of kube-system", deadline, async () => {
    const workloads = await items<WorkloadObject>(state, ["deployments,daemonsets", "-n", "kube-system"]);
    const missing = workloads.filter((w) => !complete(w)).map((w) => `${w.kind} ${w.metadata.name}`);
    if (missing.length > 0) {
      throw new Error(`not complete: ${missing.join(", ")}`);
    }
    return workloads.length > 0;
  });
}

function complete({ metadata, spec, status }: WorkloadObject): boolean {
  const wanted = spec.replicas ?? status.desiredNumberScheduled ?? 0;
  const updated = status.updatedReplicas ?? status.updatedNumberScheduled ?? 0;
  const available = status.availableReplicas ?? status.numberAvailable ?? 0;
  return status.observedGeneration === metadata.generation && updated >= wanted && available >= wanted;
}

/**
 * Approves the serving certificates that the cluster's own kubelets ask for. kube-controller-manager signs no serving
 * certificate unasked, since it cannot know which names a node may have.
 *
 * @returns the names of the nodes whose requests are there, approved now or before
 */
export async function approveServingCertificates(spec: ClusterSpec, state: ClusterState): Promise<string[]> {
  const nodes = new Map(spec.nodes.map((n) => [`system:node:${n.name}`, n.name]));
  const requests = (await items<RequestObject>(state, ["certificatesigningrequests"])).filter(
    (r) => r.spec.signerName === "kubernetes.io/kubelet-serving" && nodes.has(r.spec.username),
  );
  const pending = requests.filter((r) => (r.status.conditions ?? []).length === 0);
  if (pending.length > 0) {
    await kubectl(state, ["certificate", "approve", ...pending.map((r) => r.metadata.name)]);
  }
  return requests.flatMap((r) => nodes.get(r.spec.username) ?? []);
}

/** Waits until every kubelet of a new cluster has asked for its serving certificate and got it. */
export async function waitForServingCertificates(
  spec: ClusterSpec,
  state: ClusterState,
  deadline: number,
): Promise<void> {
  await until(`the serving certificates of cluster ${spec.name}'s kubelets`, deadline, async () => {
    const asked = await approveServingCertificates(spec, state);
    const missing = spec.nodes.filter((n) => !asked.includes(n.name)).map((n) => n.name);
    if (missing.length > 0) {
      throw new Error(`no request from ${missing.join(", ")}`);
    }
    return true;
  });
}

/** The pin of the cluster's certificate authority, in the form in which `kubeadm join` takes it. */
export function caHash(certificateFile: string): string {
  const key = new X509Certificate(readFileSync(certificateFile)).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}
