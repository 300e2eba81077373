/** The NetworkPolicies that make a connectivity graph true: default deny, and for each workload what its edges say. */
import {
  anyone,
  type Edge,
  everyPodOf,
  type Graph,
  holds,
  portOf,
  refOf,
  selectorOf,
  vertexOf,
  type Workload,
} from "./connectivity-graph.ts";
import {
  type EgressRule,
  type IngressRule,
  type LabelSelector,
  nameLabel,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyPort,
} from "./network-policy.ts";

/** The ports of one rule; "all" for every one of every protocol. */
type Ports = readonly Required<Pick<PolicyPort, "port" | "protocol">>[] | "all";

/** Both directions of a policy, of which each is closed but for its rules. */
interface Rules {
  readonly ingress: IngressRule[];
  readonly egress: EgressRule[];
}

/**
 * Every NetworkPolicy of a graph without problems, by namespace and name.
 *
 * Each caller and each called pod gets its own side of an edge, and no pod more than it has edges. Ports are those of
 * pods, peers those that Services stand for: policies are asked after addresses have been translated. Probes need no
 * rule, since nothing keeps a node from its own pods.
 */
export function planPolicies(graph: Graph): NetworkPolicy[] {
  return Object.entries(graph.namespaces)
    .flatMap(([namespace, { closed }]) => (closed === "none" ? [] : policiesOf(namespace, closed, graph)))
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

function policiesOf(namespace: string, closed: "every-pod" | "workloads", graph: Graph): NetworkPolicy[] {
  const policy = (name: string, podSelector: LabelSelector, { ingress, egress }: Rules): NetworkPolicy => ({
    namespace,
    name,
    spec: {
      podSelector,
      policyTypes: ["Ingress", "Egress"],
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  });
  const workloads = Object.values(graph.workloads).filter((workload) => workload.namespace === namespace);
  const own = (refs: string[], bound: (workload: Workload) => boolean = () => true) =>
    workloads
      .filter(bound)
      .map((workload) =>
        policy(
          `allow-${workload.name}`,
          { matchLabels: { ...selectorOf(workload) } },
          rulesOf(namespace, [refOf(workload), ...refs], graph),
        ),
      );
  const everyPod = everyPodOf(namespace);
  // Where others run too, no policy may bind every pod, so that each of ours says what every pod may.
  if (closed === "workloads") return own([everyPod], ({ foreign }) => foreign !== true);
  return [
    policy("default", {}, rulesOf(namespace, [everyPod], graph)),
    ...own([]).filter(({ spec }) => spec.ingress !== undefined || spec.egress !== undefined),
  ];
}

/** What the edges of pods say that the refs all stand for. */
function rulesOf(namespace: string, refs: readonly string[], graph: Graph): Rules {
  const [callers, called] = [new Map<string, Ports>(), new Map<string, Ports>()];
  for (const edge of graph.edges) {
    const port = portsOf(edge, graph);
    if (refs.includes(edge.to)) callers.set(edge.from, joined(callers.get(edge.from), port));
    if (refs.includes(edge.from)) called.set(edge.to, joined(called.get(edge.to), port));
  }
  const open = callers.get(anyone);
  callers.delete(anyone);
  return {
    ingress: [
      ...(open === undefined ? [] : [portsIn(open)]),
      ...grouped(callers, namespace, graph, open).map(({ peers, ports }) => ({ from: peers, ...portsIn(ports) })),
    ],
    egress: grouped(called, namespace, graph).map(({ peers, ports }) => ({ to: peers, ...portsIn(ports) })),
  };
}

function portsOf({ to, port }: Edge, graph: Graph): Ports {
  const vertex = vertexOf(graph, to);
  const found = vertex === undefined ? undefined : portOf(vertex, port);
  if (found === undefined) throw new Error(`There is no port ${port} of ${to}: the graph has not been checked.`);
  return found === "all" ? found : [found];
}

function joined(left: Ports = [], right: Ports): Ports {
  if (left === "all" || right === "all") return "all";
  const both = new Map([...left, ...right].map((port) => [keyOf([port]), port]));
  return [...both.values()].sort((a, b) => Number(a.port) - Number(b.port) || compare(a.protocol, b.protocol));
}

const keyOf = (ports: Ports) =>
  ports === "all" ? "all" : ports.map(({ protocol, port }) => `${String(port)}/${protocol}`).join(" ");

const portsIn = (ports: Ports): { ports?: PolicyPort[] } => (ports === "all" ? {} : { ports: [...ports] });

/** The other ends with what they share: one rule for each set of ports, without what is open to anyone. */
function grouped(
  ends: ReadonlyMap<string, Ports>,
  namespace: string,
  graph: Graph,
  open: Ports = [],
): { peers: PolicyPeer[]; ports: Ports }[] {
  const rest = [...ends].flatMap(([ref, ports]): [string, Ports][] => {
    const left = without(ports, open);
    return left === "all" || left.length > 0 ? [[ref, left]] : [];
  });
  const groups = Map.groupBy(rest, ([, ports]) => keyOf(ports));
  return [...groups.values()]
    .map((group) => ({
      peers: peersOf(
        group.map(([ref]) => ref),
        namespace,
        graph,
      ),
      ports: group[0]?.[1] ?? [],
    }))
    .sort((a, b) => compare(JSON.stringify(a.peers), JSON.stringify(b.peers)));
}

function without(ports: Ports, open: Ports): Ports {
  if (open === "all") return [];
  if (ports === "all") return "all";
  const known = new Set(open.map((port) => keyOf([port])));
  return ports.filter((port) => !known.has(keyOf([port])));
}

/** How a policy picks the ends of a rule; whole namespaces are one peer. */
function peersOf(refs: readonly string[], own: string, graph: Graph): PolicyPeer[] {
  const vertices = refs.toSorted().flatMap((ref) => vertexOf(graph, ref) ?? []);
  const namespaces = vertices.flatMap((vertex) => (vertex.kind === "namespace" ? [vertex.namespace] : []));
  return [
    ...(namespaces.length === 0 ? [] : [namespacePeer(namespaces, own)]),
    ...vertices.flatMap((vertex): PolicyPeer[] => {
      switch (vertex.kind) {
        case "workload": {
          const { namespace } = vertex.workload;
          const podSelector = { matchLabels: { ...selectorOf(vertex.workload) } };
          return [namespace === own ? { podSelector } : { ...inNamespace(namespace), podSelector }];
        }
        case "peer":
          return vertex.peer.cidrs.map((cidr) => {
            const except = (vertex.peer.except ?? []).filter((part) => holds(cidr, part) && part !== cidr);
            return { ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } };
          });
        case "namespace":
        case "anyone":
          return [];
      }
    }),
  ];
}

const inNamespace = (namespace: string) => ({ namespaceSelector: { matchLabels: { [nameLabel]: namespace } } });

function namespacePeer(namespaces: string[], own: string): PolicyPeer {
  const [first = ""] = namespaces;
  if (namespaces.length === 1) return first === own ? { podSelector: {} } : inNamespace(first);
  return { namespaceSelector: { matchExpressions: [{ key: nameLabel, operator: "In", values: namespaces }] } };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
