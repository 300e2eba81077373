/**
 * Proves that NetworkPolicies let through what a graph declares, and nothing else: from the objects that would be
 * applied, over every pod there can be, every address and every port.
 */
import {
  anyone,
  everyPodOf,
  type Graph,
  namespaceOf,
  portOf,
  refOf,
  selectorOf,
  vertexOf,
} from "./connectivity-graph.ts";
import {
  type Call,
  type End,
  type Evaluator,
  evaluator,
  type Labels,
  type NetworkPolicy,
  type Objects,
  type Pod,
  type Protocol,
  protocols,
  rangeOf,
  selects,
  toAddress,
  toNumber,
} from "./network-policy.ts";

/** One of those that calls are tried between, and what people call it. */
interface Candidate extends End {
  readonly name: string;
}

/** Every port from the first to the last, which no policy and no edge tells apart. */
interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/**
 * What policies let through and the graph does not declare, or the other way round; nothing when both are the same.
 *
 * Each side of a call is held against the graph by itself, so that neither relies on the other. Callers and called are
 * the declared pods, a strange pod in every namespace, pods that carry the labels of another namespace's workload, and
 * addresses: one of every range that is told apart. No policy may bind a pod that the graph leaves open.
 *
 * @param policies what would be applied, in any order
 * @returns one sentence for each caller, called and side
 */
export function proveConnectivity(graph: Graph, policies: readonly NetworkPolicy[]): string[] {
  const candidates = [...pods(graph), ...addresses(graph, policies)];
  const ranges = portRanges(graph, policies);
  const declared = declarations(graph);
  const namespaces = Object.fromEntries(Object.keys(graph.namespaces).map((name) => [name, {}]));
  const readings = readingsOf({ namespaces, policies }, candidates).map(evaluator);

  return candidates.flatMap((own) => {
    if (own.pod === undefined) return [];
    const closed = isClosed(graph, own.pod);
    return candidates.flatMap((other) =>
      (["out", "in"] as const).flatMap((side) => {
        const [from, to] = side === "out" ? [own, other] : [other, own];
        const wanted = closed ? declared(from, to, side) : () => true;
        const answers = ranges.flatMap((range) => {
          const call: Call = { from, to, protocol: range.protocol, port: range.first };
          const is = readings.map(({ letsOut, letsIn }) => (side === "out" ? letsOut(call) : letsIn(call)));
          const want = wanted(call);
          return is.every((one) => one === want) ? [] : [{ range, want }];
        });
        return [true, false].flatMap((want) => {
          const wrong = answers.filter((answer) => answer.want === want).map(({ range }) => range);
          if (wrong.length === 0) return [];
          const why = !want ? "no edge declares" : closed ? "an edge declares" : "the graph does not close";
          return [`${whatHappens(from, to, side, want)} on ${listed(wrong)}, which ${why}`];
        });
      }),
    );
  });
}

/** Reads a graph as {@link evaluator} reads policies: what each side of a call lets through. */
export function graphEvaluator(graph: Graph): Evaluator {
  const declared = declarations(graph);
  const lets = ({ pod }: End, call: Call, side: "out" | "in") =>
    pod === undefined || !isClosed(graph, pod) || declared(call.from, call.to, side)(call);
  const letsOut = (call: Call) => lets(call.from, call, "out");
  const letsIn = (call: Call) => lets(call.to, call, "in");
  return { letsOut, letsIn, allows: (call) => letsOut(call) && letsIn(call) };
}

function whatHappens(from: Candidate, to: Candidate, side: "out" | "in", want: boolean): string {
  return side === "out"
    ? `${from.name} is ${want ? "not " : ""}let out to ${to.name}`
    : `${to.name} ${want ? "does not let" : "lets"} in ${from.name}`;
}

/** Ranges that touch are one: TCP 1-52, TCP 54-65535. */
function listed(ranges: PortRange[]): string {
  const merged: PortRange[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before?.protocol === range.protocol && before.last + 1 === range.first) {
      merged[merged.length - 1] = { ...before, last: range.last };
    } else merged.push(range);
  }
  const shown = ({ protocol, first, last }: PortRange) => {
    if (first === 1 && last === 65535) return `every port of ${protocol}`;
    return `${protocol} ${String(first)}${first === last ? "" : `-${String(last)}`}`;
  };
  return merged.map(shown).join(", ");
}

/** Whether its side of a call is the graph's to close. */
function isClosed(graph: Graph, { namespace, labels }: Pod): boolean {
  const closed = graph.namespaces[namespace]?.closed ?? "none";
  return (
    closed === "every-pod" ||
    (closed === "workloads" && workloadsOf(graph, namespace, labels).some(({ foreign }) => foreign !== true))
  );
}

const workloadsOf = (graph: Graph, namespace: string, labels: Labels) =>
  Object.values(graph.workloads).filter(
    (workload) => workload.namespace === namespace && selects({ matchLabels: selectorOf(workload) }, labels),
  );

/** What the edges say of one side of a call, by everything that its two ends are at once. */
function declarations(graph: Graph) {
  const byEnds = Map.groupBy(graph.edges, ({ from, to }) => `${from} ${to}`);
  const known = new Map<End, string[]>();
  const refsOf = (end: End): string[] => {
    const found = known.get(end) ?? refs(graph, end);
    known.set(end, found);
    return found;
  };
  return (from: End, to: End, side: "out" | "in") => {
    const callers = [...refsOf(from), ...(side === "in" ? [anyone] : [])];
    const ports = callers
      .flatMap((caller) => refsOf(to).flatMap((called) => byEnds.get(`${caller} ${called}`) ?? []))
      .flatMap((edge) => {
        const vertex = vertexOf(graph, edge.to);
        return vertex === undefined ? [] : (portOf(vertex, edge.port) ?? []);
      });
    return ({ protocol, port }: Pick<Call, "protocol" | "port">) =>
      ports.some((one) => one === "all" || (one.protocol === protocol && one.port === port));
  };
}

function refs(graph: Graph, { address, pod }: End): string[] {
  if (pod === undefined) {
    const number = toNumber(address);
    const inside = (cidr: string) => rangeOf(cidr)[0] <= number && number <= rangeOf(cidr)[1];
    return Object.entries(graph.peers).flatMap(([name, { cidrs, except = [] }]) =>
      cidrs.some(inside) && !except.some(inside) ? [name] : [],
    );
  }
  const { namespace, labels } = pod;
  return [
    ...(Object.hasOwn(graph.namespaces, namespace) ? [everyPodOf(namespace)] : []),
    ...workloadsOf(graph, namespace, labels).map(refOf),
  ];
}

/** The pods that differ for any graph: two of the same labels and namespace are the same to every policy. */
function pods(graph: Graph): Candidate[] {
  const strange = freshNamespace(graph);
  const found = new Map<string, Omit<Candidate, "address">>();
  const add = (namespace: string, labels: Labels, name: string, ports: Pod["ports"] = []) => {
    const key = JSON.stringify([namespace, Object.entries(labels).sort()]);
    if (!found.has(key)) found.set(key, { name, pod: { namespace, labels, ports } });
  };
  for (const workload of Object.values(graph.workloads)) {
    const ports = Object.entries(workload.ports ?? {}).map(([name, { port, protocol = "TCP" }]) => ({
      name,
      port,
      protocol,
    }));
    add(workload.namespace, workload.labels, refOf(workload), ports);
  }
  for (const namespace of [...Object.keys(graph.namespaces), strange]) {
    add(namespace, {}, namespace === strange ? "a pod of an unknown namespace" : `any other pod of ${namespace}`);
  }
  for (const { from, to } of graph.edges) {
    const ends = [from, to].flatMap((ref) => vertexOf(graph, ref) ?? []);
    for (const vertex of ends) {
      if (vertex.kind !== "workload") continue;
      for (const namespace of [...ends.flatMap((end) => namespaceOf(end) ?? []), strange]) {
        const where = namespace === strange ? "an unknown namespace" : namespace;
        add(namespace, selectorOf(vertex.workload), `a pod of ${where} with the labels of ${refOf(vertex.workload)}`);
      }
    }
  }
  const free = podAddresses(graph);
  return [...found.values()].map((candidate) => ({ ...candidate, address: free() }));
}

/** Addresses for pods, one after the other, that no peer has as long as there are such. */
function podAddresses({ podCidr, peers }: Graph): () => string {
  const [first, last] = rangeOf(podCidr);
  const taken = Object.values(peers).flatMap(({ cidrs }) => cidrs.map(rangeOf));
  let next = first;
  return () => {
    next = Math.min(next + 1, last);
    for (let end = endOf(next); end !== undefined && end < last; end = endOf(next)) next = end + 1;
    return toAddress(next);
  };
  function endOf(address: number): number | undefined {
    return taken.find(([start, end]) => start <= address && address <= end)?.[1];
  }
}

function freshNamespace({ namespaces }: Graph): string {
  let name = "unknown";
  while (Object.hasOwn(namespaces, name)) name += "-1";
  return name;
}

/** One address of every range that a policy or a peer tells apart from its neighbours. */
function addresses(graph: Graph, policies: readonly NetworkPolicy[]): Candidate[] {
  const blocks = policies.flatMap(({ spec }) =>
    [...(spec.ingress ?? []).map(({ from }) => from), ...(spec.egress ?? []).map(({ to }) => to)].flatMap(
      (peers = []) =>
        peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])])),
    ),
  );
  const peers = Object.values(graph.peers).flatMap(({ cidrs, except = [] }) => [...cidrs, ...except]);
  const starts = new Set([0]);
  for (const cidr of [...blocks, ...peers, graph.podCidr, graph.serviceCidr]) {
    const [first, last] = rangeOf(cidr);
    starts.add(first).add(last + 1);
  }
  const sorted = [...starts].filter((start) => start < 2 ** 32).sort((a, b) => a - b);
  return sorted.map((start, index) => {
    const end = (sorted[index + 1] ?? 2 ** 32) - 1;
    const [first, last] = [toAddress(start), toAddress(end)];
    return { address: first, name: first === last ? `the address ${first}` : `the addresses ${first} to ${last}` };
  });
}

/** Every port, in ranges that no policy and no edge tells apart. */
function portRanges(graph: Graph, policies: readonly NetworkPolicy[]): PortRange[] {
  const starts = new Map(protocols.map((protocol) => [protocol, new Set([1])]));
  const cut = (protocol: Protocol, first: number, last = first) =>
    starts
      .get(protocol)
      ?.add(first)
      .add(last + 1);
  for (const { ports = {} } of [...Object.values(graph.workloads), ...Object.values(graph.peers)]) {
    for (const { port, protocol = "TCP" } of Object.values(ports)) cut(protocol, port);
  }
  for (const { to, port } of graph.edges) {
    const vertex = vertexOf(graph, to);
    const found = vertex === undefined ? undefined : portOf(vertex, port);
    if (found !== undefined && found !== "all" && typeof found.port === "number") cut(found.protocol, found.port);
  }
  for (const { spec } of policies) {
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const { protocol = "TCP", port, endPort } of ports) {
        if (typeof port === "number") cut(protocol, port, endPort);
      }
    }
  }
  return [...starts].flatMap(([protocol, set]) => {
    const sorted = [...set].filter((start) => start <= 65535).sort((a, b) => a - b);
    return sorted.map((first, index) => ({ protocol, first, last: (sorted[index + 1] ?? 65536) - 1 }));
  });
}

/** Both readings of an ipBlock, where there is one that holds a pod; else they are the same. */
function readingsOf(objects: Objects, candidates: readonly Candidate[]): Objects[] {
  const { policies } = objects;
  const ofPods = candidates.flatMap(({ address, pod }) => (pod === undefined ? [] : [toNumber(address)]));
  const holdsPod = policies
    .flatMap(({ spec }) => [
      ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
      ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
    ])
    .some(({ ipBlock }) => {
      if (ipBlock === undefined) return false;
      const [first, last] = rangeOf(ipBlock.cidr);
      return ofPods.some((address) => first <= address && address <= last);
    });
  return holdsPod
    ? [
        { ...objects, blocksMatchPods: true },
        { ...objects, blocksMatchPods: false },
      ]
    : [objects];
}
