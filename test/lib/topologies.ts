/** Random clusters for the tests of NetworkPolicies: arbitrary objects, and arbitrary graphs without problems. */
import fc from "fast-check";
import {
  anyone,
  type Edge,
  everyPodOf,
  type Graph,
  graphOf,
  graphProblems,
  type Half,
  namespaceOf,
  type NamespaceRules,
  type Peer,
  refOf,
  vertexOf,
  type Workload,
} from "../../components/connectivity-graph.ts";
import {
  type End,
  type LabelSelector,
  type Labels,
  nameLabel,
  type NetworkPolicy,
  type Pod,
  type PolicyPeer,
  type PolicyPort,
  type PolicySpec,
  protocols,
} from "../../components/network-policy.ts";

/** Objects with those who call each other. */
export interface Topology {
  /** All labels of the namespaces. */
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly policies: readonly NetworkPolicy[];
  readonly ends: readonly End[];
  readonly ports: readonly { readonly protocol: "TCP" | "UDP" | "SCTP"; readonly port: number }[];
}

const names = ["a", "b", "c"];
const protocol = fc.constantFrom(...protocols);

/** Every object has the label `tier`, since cyclonus reads NotIn on a label that is not there otherwise than Kubernetes. */
const labels: fc.Arbitrary<Labels> = fc
  .record({ tier: fc.constantFrom("x", "y"), app: fc.option(fc.constantFrom("x", "y", "z"), { nil: undefined }) })
  .map(({ tier, app }) => ({ tier, ...(app === undefined ? {} : { app }) }));

const key = fc.constantFrom("tier", "app");
const values = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 2 });
const requirement = fc.oneof(
  fc.record({ key, operator: fc.constant("In" as const), values }),
  fc.record({ key: fc.constant("tier"), operator: fc.constant("NotIn" as const), values }),
  fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  fc.record({ matchLabels: fc.dictionary(key, fc.constantFrom("x", "y"), { maxKeys: 2, noNullPrototype: true }) }),
  fc.record({ matchExpressions: fc.array(requirement, { maxLength: 2 }) }),
);
const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom(...names).map((name) => ({ matchLabels: { [nameLabel]: name } })),
);

const ipBlock = fc.constantFrom<NonNullable<PolicyPeer["ipBlock"]>>(
  { cidr: "0.0.0.0/0" },
  { cidr: "0.0.0.0/0", except: ["10.42.0.0/16"] },
  { cidr: "10.42.0.0/30" },
  { cidr: "10.42.0.0/16", except: ["10.42.0.2/32", "10.42.0.4/31"] },
  { cidr: "192.0.2.0/24", except: ["192.0.2.128/25"] },
  { cidr: "192.0.2.7/32" },
);
const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector: selector, namespaceSelector }),
  fc.record({ ipBlock }),
);
const port: fc.Arbitrary<PolicyPort> = fc.oneof(
  fc.constant({}),
  fc.record({ protocol }),
  fc.record({ port: fc.constantFrom(53, 80, 81, "web", "dns") }),
  fc.record({ protocol, port: fc.constantFrom(53, 80, "web", "dns") }),
  fc.record({ protocol, port: fc.constantFrom(53, 79), endPort: fc.constantFrom(80, 81) }),
);
const peers = fc.option(fc.array(peer, { maxLength: 2 }), { nil: undefined });
const ports = fc.option(fc.array(port, { maxLength: 2 }), { nil: undefined });
const present = <T extends object>(record: T) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
const spec: fc.Arbitrary<PolicySpec> = fc.record({
  podSelector: selector,
  policyTypes: fc.constantFrom<("Ingress" | "Egress")[]>(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
  ingress: fc.array(fc.record({ from: peers, ports }).map(present), { maxLength: 2 }),
  egress: fc.array(fc.record({ to: peers, ports }).map(present), { maxLength: 2 }),
});

const pod: fc.Arbitrary<Pod> = fc.record({
  namespace: fc.constantFrom(...names),
  labels,
  ports: fc.constantFrom<NonNullable<Pod["ports"]>>(
    [],
    [{ name: "web", port: 80, protocol: "TCP" }],
    [
      { name: "web", port: 81, protocol: "TCP" },
      { name: "dns", port: 53, protocol: "UDP" },
    ],
  ),
});

/** Any policies between a few pods and two addresses of the outside. */
export const topologies: fc.Arbitrary<Topology> = fc
  .record({
    labels: fc.tuple(labels, labels, labels),
    pods: fc.array(pod, { minLength: 2, maxLength: 5 }),
    policies: fc.array(fc.record({ namespace: fc.constantFrom(...names), spec }), { maxLength: 5 }),
  })
  .map((given) => ({
    namespaces: Object.fromEntries(names.map((name, index) => [name, { ...given.labels[index], [nameLabel]: name }])),
    policies: given.policies.map((policy, index) => ({ ...policy, name: `policy-${String(index)}` })),
    ends: [
      ...given.pods.map((one, index) => ({ address: `10.42.0.${String(index + 1)}`, pod: one })),
      { address: "192.0.2.7" },
      { address: "198.51.100.1" },
    ],
    ports: [
      { protocol: "TCP", port: 53 },
      { protocol: "TCP", port: 79 },
      { protocol: "TCP", port: 80 },
      { protocol: "TCP", port: 81 },
      { protocol: "UDP", port: 53 },
      { protocol: "SCTP", port: 80 },
    ],
  }));

/** The ranges of every random graph. */
export const ranges = { podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16" } as const;

const outside: Record<string, Peer> = {
  nodes: { cidrs: ["172.20.20.1/32", "172.20.20.11/32"], ports: { kubelet: { port: 10250 } } },
  internet: { cidrs: ["0.0.0.0/0"], except: ["10.42.0.0/16", "10.43.0.0/16", "172.20.20.0/24", "169.254.0.0/16"] },
  resolver: { cidrs: ["169.254.20.10/32"], ports: { dns: { port: 53, protocol: "UDP" } } },
};

const workloadPorts: NonNullable<Workload["ports"]> = {
  http: { port: 80 },
  metrics: { port: 9090 },
  dns: { port: 53, protocol: "UDP" },
};

/** What a random graph may have. */
interface Shape {
  readonly closed: readonly ("every-pod" | "workloads" | "none")[];
  /** Whether edges may say the same twice: by a whole namespace, by anyone, by all ports. */
  readonly overlapping: boolean;
  /** How namespaces may be in the mesh; then each workload has an account, and some are gateways. @default not at all */
  readonly meshed?: readonly (NamespaceRules["meshed"] | "not")[];
}

function halvesOf({ closed, overlapping, meshed = ["not"] }: Shape): fc.Arbitrary<readonly Half[]> {
  const place = fc.record({
    namespace: fc.nat(2),
    extra: fc.boolean(),
    narrow: fc.boolean(),
    foreign: fc.boolean(),
    gateway: fc.constantFrom(true, false, false),
  });
  const inMesh = meshed.some((one) => one !== "not");
  return fc
    .record({
      modes: fc.tuple(...names.map(() => fc.constantFrom(...closed))),
      meshes: fc.tuple(...names.map(() => fc.constantFrom(...meshed))),
      places: fc.array(place, { minLength: 1, maxLength: 6 }),
      edges: fc.array(fc.record({ from: fc.nat(20), to: fc.nat(20), port: fc.nat(5) }), { maxLength: 12 }),
    })
    .map(({ modes, meshes, places, edges }) => {
      const namespaces = Object.fromEntries(
        modes.map((mode, index): [string, NamespaceRules] => {
          const mesh = meshes[index];
          return [
            names[index] ?? "",
            { closed: mode, ...(mesh === undefined || mesh === "not" ? {} : { meshed: mesh }) },
          ];
        }),
      );
      const workloads = places.map(({ namespace, extra, narrow, foreign, gateway }, index): Workload => {
        const app = `w${String(index)}`;
        return {
          namespace: names[namespace] ?? "",
          name: app,
          labels: { app, ...(extra ? { tier: "x" } : {}) },
          ...(narrow ? { selector: { app } } : {}),
          ports: workloadPorts,
          ...(foreign ? { foreign } : {}),
          ...(inMesh ? { serviceAccount: app, gateway } : {}),
        };
      });
      const pods = [...workloads.map(refOf), ...(overlapping ? names.map(everyPodOf) : [])];
      const callers = [...pods, ...Object.keys(outside), anyone];
      const called = [...pods, ...Object.keys(outside)];
      const half = { of: "random", namespaces, workloads, peers: outside };
      const graph = graphOf(ranges, [half]);
      const chosen = edges.flatMap(({ from, to, port: which }): Edge[] => {
        const [caller, callee] = [callers[from % callers.length] ?? "", called[to % called.length] ?? ""];
        const ports = portsAt(callee, overlapping);
        const edge = { from: caller, to: callee, port: ports[which % ports.length] ?? "", why: "it is tried" };
        return isSound(edge, graph, overlapping) &&
          (!inMesh || graphProblems(ranges, [{ ...half, edges: [edge] }]).length === 0)
          ? [edge]
          : [];
      });
      const byName = new Map(chosen.map((edge) => [`${edge.from} ${edge.to} ${edge.port}`, edge]));
      return [{ ...half, edges: [...byName.values()] }];
    })
    .filter((halves) => graphProblems(ranges, halves).length === 0);
}

function portsAt(ref: string, overlapping: boolean): string[] {
  if (ref.endsWith("/*")) return ["80/TCP", "53/UDP", "*"];
  if (ref.includes("/")) return Object.keys(workloadPorts);
  return [...Object.keys(outside[ref]?.ports ?? {}), "443/TCP", ...(overlapping ? ["*"] : [])];
}

/** Whether an edge has a meaning, and, unless they may overlap, one that no other has. */
function isSound({ from, to }: Edge, graph: Graph, overlapping: boolean): boolean {
  const isPods = (ref: string) => {
    const vertex = vertexOf(graph, ref);
    return vertex !== undefined && namespaceOf(vertex) !== undefined;
  };
  if (!isPods(to)) return isPods(from);
  return overlapping || isPods(from) || from === anyone;
}

/** Graphs of every kind. */
export const anyGraphs = halvesOf({ closed: ["every-pod", "every-pod", "workloads", "none"], overlapping: true }).map(
  (halves) => graphOf(ranges, halves),
);

/** Graphs whose edges do not say the same twice, so that each of them counts. */
export const strictGraphs = halvesOf({ closed: ["every-pod"], overlapping: false }).map((halves) =>
  graphOf(ranges, halves),
);

/** Graphs of every kind, whose namespaces may be in the mesh. */
export const meshGraphs = halvesOf({
  closed: ["every-pod", "none"],
  overlapping: true,
  meshed: ["closed", "closed", "open", "not"],
}).map((halves) => graphOf(ranges, halves));
