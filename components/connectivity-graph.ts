/**
 * Who talks to whom on which port: one typed graph, put together from what every component says about itself. What it
 * does not name is closed. No Pulumi here.
 */
import ipaddr from "ipaddr.js";
import { pathOf } from "../problems.ts";
import type { Contradiction } from "./cluster/facts.ts";
import { proxyPorts } from "./istio-names.ts";
import { type Labels, type PolicyPort, type Protocol, protocols, rangeOf, selects } from "./network-policy.ts";

/** A port that pods listen on; not that of a Service, since policies see what has been translated. */
export interface Port {
  readonly port: number;
  /** @default TCP */
  readonly protocol?: Protocol;
}

/** Pods of one kind, picked out by their labels. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** What its pods carry. */
  readonly labels: Labels;
  /** What of it tells them from all others. @default all of it */
  readonly selector?: Labels;
  /** Where its pods listen, by the names that edges use. @default nowhere */
  readonly ports?: Readonly<Record<string, Port>>;
  /** Whether it is another's, so that edges may name it and a namespace that closes workloads leaves it. @default false */
  readonly foreign?: boolean;
  /** The account that its pods run under, by which the mesh knows a caller. @default not known */
  readonly serviceAccount?: string;
  /**
   * Whether it is a proxy of the mesh itself, which ends the connections of clients that have no identity there.
   * @default false
   */
  readonly gateway?: boolean;
}

/** A namespace, and which of its pods are closed but for what edges declare. */
export interface NamespaceRules {
  /**
   * "every-pod" is default deny in both directions; "workloads" closes only the pods that are declared and not
   * foreign, where others run that are not ours to cut off; "none" writes nothing, so that an edge opens only its other end.
   */
  readonly closed: "every-pod" | "workloads" | "none";
  /**
   * Whether its pods are in the mesh, by sidecars or as gateways, so that each has an identity and calls without one are
   * refused: "closed" to calls that no edge declares, or "open" to whoever has an identity. @default not in the mesh
   */
  readonly meshed?: "closed" | "open";
}

/** Somebody with addresses who is no pod that a policy could pick: nodes, the API server, the outside. */
export interface Peer {
  /** IPv4 networks. */
  readonly cidrs: readonly string[];
  /** Parts of them that are not meant. @default none */
  readonly except?: readonly string[];
  /** Where it listens, by the names that edges use. @default nowhere that has a name */
  readonly ports?: Readonly<Record<string, Port>>;
  /** Whether its addresses may lie among those of pods and Services, as nodes' do in a VPC. @default false */
  readonly amongPods?: boolean;
}

/**
 * One caller may call one port of another. An end is written as `namespace/workload`, as `namespace/*` for every pod of
 * a namespace, as the name of a {@link Peer}, or, for a caller, as `anyone`.
 */
export interface Edge {
  /** `anyone` opens the called side only: whoever is closed needs an edge of its own to call. */
  readonly from: string;
  readonly to: string;
  /** A name among the ports of `to`. Where the pods are not known, or for a peer, also `8080/TCP`, or `*` for all. */
  readonly port: string;
  /** What would break without it, as a few words for people. */
  readonly why: string;
}

/** What one component says about itself. */
export interface Half {
  /** The component, which stands before every path in a problem. */
  readonly of: string;
  readonly namespaces?: Readonly<Record<string, NamespaceRules>>;
  readonly workloads?: readonly Workload[];
  readonly peers?: Readonly<Record<string, Peer>>;
  readonly edges?: readonly Edge[];
}

/** The ranges that a peer must keep out of. */
export interface Ranges {
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** All halves together. */
export interface Graph extends Ranges {
  readonly namespaces: Readonly<Record<string, NamespaceRules>>;
  /** By `namespace/name`. */
  readonly workloads: Readonly<Record<string, Workload>>;
  readonly peers: Readonly<Record<string, Peer>>;
  readonly edges: readonly Edge[];
}

/** Whoever comes, as the caller of an edge. */
export const anyone = "anyone";

/** How edges write a workload. */
export const refOf = ({ namespace, name }: Pick<Workload, "namespace" | "name">) => `${namespace}/${name}`;

/** How edges write every pod of a namespace. */
export const everyPodOf = (namespace: string) => `${namespace}/*`;

/** What tells a workload's pods from all others. */
export const selectorOf = ({ selector, labels }: Workload): Labels => selector ?? labels;

/**
 * Puts halves together.
 *
 * @throws with what {@link graphProblems} finds in them, each problem by its path
 */
export function graphOf(ranges: Ranges, halves: readonly Half[]): Graph {
  const problems = graphProblems(ranges, halves).map(([path, problem]) => `\n  ${pathOf(path)}: ${problem}`);
  if (problems.length > 0) throw new Error(`The connectivity graph is refused:${problems.join("")}`);
  return together(ranges, halves);
}

function together({ podCidr, serviceCidr }: Ranges, halves: readonly Half[]): Graph {
  return {
    podCidr,
    serviceCidr,
    namespaces: Object.assign({}, ...halves.map(({ namespaces }) => namespaces)) as Graph["namespaces"],
    workloads: Object.fromEntries(
      halves.flatMap(({ workloads = [] }) => workloads).map((workload) => [refOf(workload), workload]),
    ),
    peers: Object.assign({}, ...halves.map(({ peers }) => peers)) as Graph["peers"],
    edges: halves.flatMap(({ edges = [] }) => edges),
  };
}

/** What an end of an edge stands for. */
export type Vertex =
  | { readonly kind: "workload"; readonly workload: Workload }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "peer"; readonly peer: Peer }
  | { readonly kind: "anyone" };

/** What an end of an edge stands for; `undefined` when there is no such thing. */
export function vertexOf(graph: Graph, ref: string): Vertex | undefined {
  if (ref === anyone) return { kind: "anyone" };
  const namespace = ref.endsWith("/*") ? ref.slice(0, -2) : undefined;
  if (namespace !== undefined) {
    return Object.hasOwn(graph.namespaces, namespace) ? { kind: "namespace", namespace } : undefined;
  }
  const [workload, peer] = [own(graph.workloads, ref), own(graph.peers, ref)];
  if (workload !== undefined) return { kind: "workload", workload };
  return peer === undefined ? undefined : { kind: "peer", peer };
}

/** The namespace that an end lies in; `undefined` when it is none of pods. */
export function namespaceOf(vertex: Vertex): string | undefined {
  switch (vertex.kind) {
    case "workload":
      return vertex.workload.namespace;
    case "namespace":
      return vertex.namespace;
    case "peer":
    case "anyone":
      return undefined;
  }
}

/** Whether an end is of pods that are in the mesh. */
export function isMeshed(graph: Graph, vertex: Vertex): boolean {
  const namespace = namespaceOf(vertex);
  return namespace !== undefined && graph.namespaces[namespace]?.meshed !== undefined;
}

/** The port of an edge as policies write it; "all" for every one; `undefined` when the called end has no such port. */
export function portOf(to: Vertex, port: string): Required<Pick<PolicyPort, "port" | "protocol">> | "all" | undefined {
  const known = own(portsOf(to), port);
  if (known !== undefined) return { protocol: known.protocol ?? "TCP", port: known.port };
  if (to.kind === "workload" || to.kind === "anyone") return undefined;
  if (port === "*") return "all";
  const [, number, name] = /^(\d{1,5})\/(\w+)$/.exec(port) ?? [];
  const protocol = protocols.find((one) => one === name);
  return protocol === undefined || !isPort(Number(number)) ? undefined : { protocol, port: Number(number) };
}

/** Where the agent and the proxy of a pod in the mesh answer themselves, and ask nobody for an identity. */
const unproxied: readonly number[] = Object.values(proxyPorts);

/**
 * The port of an edge as the proxies of the called end decide on it; `undefined` for what does not pass through them:
 * other protocols than TCP, and the ports of the proxies themselves.
 */
export function proxiedPortOf(to: Vertex, port: string): number | "all" | undefined {
  const found = portOf(to, port);
  if (found === undefined || found === "all") return found;
  const number = Number(found.port);
  return found.protocol === "TCP" && !unproxied.includes(number) ? number : undefined;
}

function portsOf(vertex: Vertex): Readonly<Record<string, Port>> {
  if (vertex.kind === "workload") return vertex.workload.ports ?? {};
  return vertex.kind === "peer" ? (vertex.peer.ports ?? {}) : {};
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535;

/**
 * What is wrong with halves, each for itself and together.
 *
 * @returns each problem by its path, which starts with the half, as the rest of a sentence
 */
export function graphProblems(ranges: Ranges, halves: readonly Half[]): Contradiction[] {
  const graph = together(ranges, halves);
  return [
    ...repeated(halves),
    ...halves.flatMap((half) => [
      ...(half.workloads ?? []).flatMap((workload, index) =>
        workloadProblems(workload, graph).map(([path, problem]): Contradiction => [
          [half.of, "workloads", index, ...path],
          problem,
        ]),
      ),
      ...Object.entries(half.peers ?? {}).flatMap(([name, peer]) =>
        peerProblems(name, peer, ranges).map(([path, problem]): Contradiction => [
          [half.of, "peers", name, ...path],
          problem,
        ]),
      ),
      ...(half.edges ?? []).flatMap((edge, index) =>
        edgeProblems(edge, graph).map(([path, problem]): Contradiction => [
          [half.of, "edges", index, ...path],
          problem,
        ]),
      ),
    ]),
  ];
}

/** What two halves both say, or one twice. */
function repeated(halves: readonly Half[]): Contradiction[] {
  const seen = new Map<string, string>();
  const once = (of: string, path: (string | number)[], what: string): Contradiction[] => {
    const earlier = seen.get(what);
    seen.set(what, of);
    return earlier === undefined ? [] : [[[of, ...path], `${what} is there already, by ${earlier}: say it once`]];
  };
  return halves.flatMap(({ of, namespaces = {}, workloads = [], peers = {}, edges = [] }) => [
    ...Object.keys(namespaces).flatMap((name) => once(of, ["namespaces", name], `the namespace ${name}`)),
    ...workloads.flatMap((workload, index) => once(of, ["workloads", index], `the workload ${refOf(workload)}`)),
    ...Object.keys(peers).flatMap((name) => once(of, ["peers", name], `the peer ${name}`)),
    ...edges.flatMap(({ from, to, port }, index) =>
      once(of, ["edges", index], `the edge from ${from} to ${to} on ${port}`),
    ),
  ]);
}

function workloadProblems(workload: Workload, graph: Graph): Contradiction[] {
  const { namespace, name, labels, ports = {} } = workload;
  const selector = selectorOf(workload);
  const found: Contradiction[] = [];
  if (!Object.hasOwn(graph.namespaces, namespace)) {
    found.push([["namespace"], `there is no namespace ${namespace}, ${thereAre("namespaces", graph.namespaces)}`]);
  }
  if (Object.keys(selector).length === 0) {
    found.push([["selector"], `picks every pod of the namespace, write ${everyPodOf(namespace)} where that is meant`]);
  } else if (!selects({ matchLabels: selector }, labels)) {
    found.push([["selector"], `${shown(selector)} picks none of its own pods, which carry ${shown(labels)}`]);
  }
  for (const [ref, other] of Object.entries(graph.workloads)) {
    if (other.namespace !== namespace || other.name === name) continue;
    if (selects({ matchLabels: selector }, other.labels)) {
      found.push([["selector"], `${shown(selector)} also picks the pods of ${ref}, add a label that they lack`]);
    }
  }
  const places = new Map<string, string>();
  for (const [key, { port, protocol = "TCP" }] of Object.entries(ports)) {
    found.push(...portProblems(key, port).map((problem): Contradiction => [["ports", key], problem]));
    const place = `${String(port)}/${protocol}`;
    const earlier = places.get(place);
    if (earlier !== undefined) found.push([["ports", key], `is ${place}, as ${earlier} is: a port has one name`]);
    places.set(place, key);
  }
  return found;
}

/** Kubernetes' own form for the names of ports (RFC 6335), which keeps them apart from numbers and from `*`. */
function portProblems(name: string, port: number): string[] {
  return [
    ...(/^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name)
      ? []
      : ['is no name of a port: 1 to 15 of a-z, 0-9 and "-", with a letter, and no "-" at an end or after another']),
    ...(isPort(port) ? [] : [`${String(port)} is not a port from 1 to 65535`]),
  ];
}

function peerProblems(
  name: string,
  { cidrs, except = [], ports = {}, amongPods }: Peer,
  ranges: Ranges,
): Contradiction[] {
  const found: Contradiction[] = [];
  if (name === anyone || name.includes("/")) {
    found.push([[], `cannot be called ${name}: that stands for somebody else in an edge`]);
  }
  if (cidrs.length === 0) found.push([["cidrs"], "has no address"]);
  const checked = (list: readonly string[], key: string) =>
    list.filter((cidr, index) => {
      if (isNetwork(cidr)) return true;
      found.push([[key, index], `"${cidr}" is not an IPv4 network without host bits, like 192.0.2.0/24`]);
      return false;
    });
  const [inside, outside] = [checked(cidrs, "cidrs"), checked(except, "except")];
  outside.forEach((cidr) => {
    if (!inside.some((whole) => holds(whole, cidr) && whole !== cidr)) {
      found.push([
        ["except", except.indexOf(cidr)],
        `${cidr} is no part of ${cidrs.join(", ")}, so it excepts nothing`,
      ]);
    }
  });
  for (const [key, range] of Object.entries({ pods: ranges.podCidr, Services: ranges.serviceCidr })) {
    for (const cidr of amongPods === true ? [] : inside) {
      if ((!holds(cidr, range) && !holds(range, cidr)) || outside.some((one) => holds(one, range))) continue;
      found.push([
        ["cidrs", cidrs.indexOf(cidr)],
        `${cidr} shares addresses with the cluster's ${key} ${range}, which an address does not reliably match: except them, and name pods by their workload`,
      ]);
    }
  }
  for (const [key, { port }] of Object.entries(ports)) {
    found.push(...portProblems(key, port).map((problem): Contradiction => [["ports", key], problem]));
  }
  return found;
}

const isNetwork = (cidr: string) =>
  ipaddr.IPv4.isValidCIDR(cidr) && ipaddr.IPv4.networkAddressFromCIDR(cidr).toString() === cidr.split("/")[0];

/** Whether one network lies in another, or is it. */
export function holds(whole: string, part: string): boolean {
  const [[first, last], [start, end]] = [rangeOf(whole), rangeOf(part)];
  return first <= start && end <= last;
}

function edgeProblems({ from, to, port, why }: Edge, graph: Graph): Contradiction[] {
  const found: Contradiction[] = [];
  const [caller, called] = [vertexOf(graph, from), vertexOf(graph, to)];
  if (caller === undefined) found.push([["from"], missing(from, graph)]);
  if (called === undefined) found.push([["to"], missing(to, graph)]);
  if (called?.kind === "anyone")
    found.push([["to"], "is anyone, which is a way to be called and not to call: name a peer"]);
  else if (called !== undefined && portOf(called, port) === undefined) {
    found.push([["port"], `${to} has no port ${port}, ${portsToName(called)}`]);
  }
  if ((caller?.kind === "peer" || caller?.kind === "anyone") && called?.kind === "peer") {
    found.push([[], `neither ${from} nor ${to} is a pod, so no policy binds either`]);
  }
  if (why.trim() === "") found.push([["why"], "is empty: say what breaks without the edge"]);
  if (caller !== undefined && called !== undefined) found.push(...identityProblems({ from, to, port }, graph));
  return found;
}

const gatewayIn = (graph: Graph, namespace: string) =>
  Object.values(graph.workloads).find((one) => one.namespace === namespace && one.gateway === true);

/** What keeps the mesh from telling the caller of an edge from others. */
function identityProblems({ from, to, port }: Omit<Edge, "why">, graph: Graph): Contradiction[] {
  const [caller, called] = [vertexOf(graph, from), vertexOf(graph, to)];
  if (caller === undefined || called === undefined || !isMeshed(graph, called)) return [];
  if (proxiedPortOf(called, port) === undefined) return [];
  const gateway = called.kind === "namespace" ? gatewayIn(graph, called.namespace) : undefined;
  if (gateway !== undefined) {
    return [[["to"], `${to} has in it the gateway ${refOf(gateway)}, which knows no identities: name who is called`]];
  }
  if (!isMeshed(graph, caller)) {
    return called.kind === "namespace"
      ? [
          [
            ["from"],
            `${from} has no identity in the mesh, and ${to} are in it: put ${from} there, too, or name the workload whose port is open to it`,
          ],
        ]
      : [];
  }
  if (caller.kind !== "workload" || (called.kind === "workload" && called.workload.gateway === true)) return [];
  const { namespace, serviceAccount } = caller.workload;
  if (serviceAccount === undefined) {
    return [[["from"], `${from} has no service account, by which ${to} could tell it from others: name it`]];
  }
  const callers = new Set(graph.edges.flatMap((edge) => (edge.to === to && edge.port === port ? [edge.from] : [])));
  if (callers.has(anyone) || callers.has(everyPodOf(namespace))) return [];
  return Object.values(graph.workloads)
    .filter((one) => one.namespace === namespace && one.serviceAccount === serviceAccount && !callers.has(refOf(one)))
    .map((one): Contradiction => [
      ["from"],
      `${from} runs under the account ${serviceAccount}, as ${refOf(one)} does, which may not call ${to} on ${port}: give each an account of its own`,
    ]);
}

function missing(ref: string, graph: Graph): string {
  const [namespace = "", workload] = ref.split("/");
  if (workload === undefined) return `there is no peer ${ref}, ${thereAre("peers", graph.peers)}`;
  if (!Object.hasOwn(graph.namespaces, namespace)) {
    return `there is no namespace ${namespace}, ${thereAre("namespaces", graph.namespaces)}`;
  }
  const there = Object.values(graph.workloads).filter((one) => one.namespace === namespace);
  return `there is no workload ${ref}, ${thereAre("workloads there", Object.fromEntries(there.map((one) => [one.name, one])))}`;
}

function thereAre(what: string, things: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(things);
  return names.length === 0 ? `there are no ${what}` : `the ${what} are ${names.sort().join(", ")}`;
}

function portsToName(vertex: Vertex): string {
  const names = Object.keys(portsOf(vertex));
  const more = vertex.kind === "workload" ? [] : ["any like 8080/TCP", "* for all"];
  return names.length + more.length === 0 ? "and no other either" : `name ${[...names, ...more].join(", ")}`;
}

const shown = (labels: Labels) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",") || "no label";
