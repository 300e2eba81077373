/** Calls between everything on the live cluster that a connectivity graph tells apart, from inside its networks. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { anyone, type Edge, type Graph } from "../../components/connectivity-graph.ts";
import { graphEvaluator } from "../../components/connectivity-prover.ts";
import type { Call, End, Protocol } from "../../components/network-policy.ts";
import { kubectl } from "../../embedded/kubectl.ts";
import { nodeNamespace } from "../../embedded/network.ts";
import type { ClusterSpec } from "../../embedded/spec.ts";
import type { ClusterState } from "../../embedded/state.ts";

/** Where a call goes. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** One who calls and is called: a pod, a node, or somebody outside. */
export interface Host extends End {
  readonly name: string;
  /** The file of its network namespace. @default it calls nobody */
  readonly network?: string;
}

/** A call between two of them. */
export interface Attempt extends Call {
  readonly from: Host;
  readonly to: Host;
}

/** The parts of a pod that are read here (core/v1). */
interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Record<string, string>;
  };
  readonly spec: { readonly nodeName: string; readonly hostNetwork?: boolean };
  readonly status: { readonly podIP?: string; readonly phase: string };
}

/** The pods with networks of their own that run, and the nodes. */
export async function hostsOf(spec: ClusterSpec, state: ClusterState): Promise<Host[]> {
  const { items } = JSON.parse(await kubectl(state, ["get", "pods", "-A", "-o", "json"])) as { items: Pod[] };
  const networks = podNetworks();
  return [
    ...spec.nodes.map((node) => ({
      name: node.name,
      address: node.address,
      node: node.name,
      network: join("/run/netns", nodeNamespace(spec, node)),
    })),
    ...items
      .filter(({ spec, status }) => spec.hostNetwork !== true && status.phase === "Running")
      .map(({ metadata: { name, namespace, uid, labels }, spec, status }) => ({
        name: `${namespace}/${name}`,
        address: status.podIP ?? "",
        node: spec.nodeName,
        pod: { namespace, labels },
        network: networks.get(uid) ?? "",
      })),
  ];
}

/** The network namespaces of the pods of this machine, by the pods' UIDs, which their control groups are named after. */
function podNetworks(): Map<string, string> {
  const found = new Map<string, string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, uid] = /\/pod([0-9a-f-]{36})\//.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? [];
      if (uid !== undefined) found.set(uid, `/proc/${pid}/ns/net`);
    } catch {
      continue; // it has ended meanwhile
    }
  }
  return found;
}

/**
 * After how many milliseconds each attempt is answered.
 *
 * @param patience for how many milliseconds it is tried again and again. @default it is tried once
 * @returns without those that are not answered
 */
export async function answered(attempts: readonly Attempt[], patience?: number): Promise<Map<Attempt, number>> {
  const found = new Map<Attempt, number>();
  const byCaller = Map.groupBy(attempts, ({ from }) => from.network ?? "");
  await Promise.all(
    [...byCaller].map(async ([network, own]) => {
      const targets = own.map(({ to, port, protocol }): Target => ({ address: to.address, port, protocol }));
      const words = [JSON.stringify(targets), ...(patience === undefined ? [] : [String(patience)])];
      const dial = [process.execPath, join(import.meta.dirname, "dial.ts"), ...words];
      const { stdout } = await execa("nsenter", [`--net=${network}`, ...dial]);
      const answers = JSON.parse(stdout) as (number | null)[]; // dial.ts prints them
      own.forEach((attempt, index) => {
        const answer = answers[index] ?? null;
        if (answer !== null) found.set(attempt, answer);
      });
    }),
  );
  return found;
}

/** What people call an attempt. */
export const shown = ({ from, to, port, protocol }: Attempt) =>
  `${from.name} -> ${to.name} ${String(port)}/${protocol}`;

/** How many calls are made for one edge. */
const callsPerEdge = 12;

/** For every edge, calls that go by it and that both sides let through: as many as there are, at most 12. */
export function declaredAttempts(graph: Graph, hosts: readonly Host[]): Map<Edge, Attempt[]> {
  const { allows } = graphEvaluator(graph);
  const possible = attemptsOf(graph, hosts).filter(allows);
  const namespaces = Object.fromEntries(
    Object.keys(graph.namespaces).map((name) => [name, { closed: "every-pod" as const }]),
  );
  const known = ({ pod }: End) => pod === undefined || Object.hasOwn(namespaces, pod.namespace);
  return new Map(
    graph.edges.map((edge) => {
      const alone = graphEvaluator({ ...graph, namespaces, edges: [edge] });
      const goesBy = (call: Attempt) =>
        edge.from === anyone
          ? call.to.pod !== undefined && known(call.to) && alone.letsIn(call)
          : known(call.from) && known(call.to) && alone.allows(call);
      return [edge, shuffled(possible.filter(goesBy)).slice(0, callsPerEdge)];
    }),
  );
}

/** What tells undeclared calls apart, so that a sample has some of each. */
const kinds = {
  "on one node": ({ from, to }: Attempt) => from.node === to.node && to.pod !== undefined && from.pod !== undefined,
  "across nodes": ({ from, to }: Attempt) => from.node !== to.node && to.pod !== undefined && from.pod !== undefined,
  "from pods to nodes": ({ from, to }: Attempt) =>
    from.pod !== undefined && to.pod === undefined && to.node !== undefined,
  "from nodes to pods": ({ from, to }: Attempt) =>
    from.pod === undefined && from.node !== undefined && to.pod !== undefined,
  "from pods to the outside": ({ to }: Attempt) => to.node === undefined,
  "from the outside to pods": ({ from }: Attempt) => from.node === undefined,
};

/** So many calls that the graph does not let through, as many of each kind as there are; the same for the same cluster. */
export function undeclaredAttempts(graph: Graph, hosts: readonly Host[], count: number): Map<string, Attempt[]> {
  const { allows } = graphEvaluator(graph);
  const closed = shuffled(attemptsOf(graph, hosts).filter((call) => !allows(call) && call.protocol === "TCP"));
  const left = Object.entries(kinds).map(([kind, is]) => ({ kind, calls: closed.filter(is) }));
  const chosen = new Map<string, Attempt[]>(left.map(({ kind }) => [kind, []]));
  for (let taken = 0; taken < count && left.some(({ calls }) => calls.length > 0);) {
    for (const { kind, calls } of left) {
      const call = taken < count ? calls.pop() : undefined;
      if (call === undefined) continue;
      chosen.get(kind)?.push(call);
      taken += 1;
    }
  }
  return chosen;
}

/** A port that nobody names, to try what is closed altogether. */
const unnamedPort = 9999;

/** Every call that policies can bind, to every port that the graph names for anybody, and one more. */
function attemptsOf({ workloads, peers, edges }: Graph, hosts: readonly Host[]): Attempt[] {
  const ports = new Map<string, Pick<Target, "port" | "protocol">>();
  const add = (port: number, protocol: Protocol) => ports.set(`${String(port)}/${protocol}`, { port, protocol });
  add(unnamedPort, "TCP");
  for (const { ports: named = {} } of [...Object.values(workloads), ...Object.values(peers)]) {
    for (const { port, protocol = "TCP" } of Object.values(named)) add(port, protocol);
  }
  for (const { port } of edges) {
    const [, number] = /^(\d+)\/TCP$/.exec(port) ?? [];
    if (number !== undefined) add(Number(number), "TCP");
  }
  return hosts.flatMap((from) =>
    hosts
      .filter((to) => from.network !== undefined && from !== to && (from.pod !== undefined || to.pod !== undefined))
      // A node always reaches its own pods.
      .filter((to) => from.pod !== undefined || from.node === undefined || from.node !== to.node)
      .flatMap((to) => [...ports.values()].map((port) => ({ from, to, ...port })))
      // Only a name server answers to a question by UDP.
      .filter(
        ({ to, protocol }) => protocol === "TCP" || to.pod?.labels["k8s-app"] === "kube-dns" || to.node === undefined,
      ),
  );
}

/** In an order that has nothing to do with names and is always the same. */
function shuffled(attempts: readonly Attempt[]): Attempt[] {
  const key = (attempt: Attempt) => createHash("sha256").update(shown(attempt)).digest("hex");
  return attempts
    .map((attempt) => ({ attempt, key: key(attempt) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ attempt }) => attempt);
}
