/**
 * What NetworkPolicies of networking.k8s.io/v1 say, and whom they let through: objects in, answers out, no Pulumi here
 * (kubernetes.io/docs/concepts/services-networking/network-policies).
 */
import ipaddr from "ipaddr.js";

/** Every protocol that a policy can tell apart. */
export const protocols = ["TCP", "UDP", "SCTP"] as const;

/** A protocol that a policy can tell apart. */
export type Protocol = (typeof protocols)[number];

/** The labels of a pod or a namespace. */
export type Labels = Readonly<Record<string, string>>;

/** Picks objects by their labels; an empty one picks all. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: Requirement[];
}

/** One condition on a label. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** For In and NotIn, and for them alone. */
  readonly values?: string[];
}

/** Whom a rule lets through: pods by their own and their namespace's labels, or addresses. */
export interface PolicyPeer {
  /** @default every pod of the namespaces that namespaceSelector picks */
  readonly podSelector?: LabelSelector;
  /** @default the policy's own namespace */
  readonly namespaceSelector?: LabelSelector;
  /** Stands alone. */
  readonly ipBlock?: { readonly cidr: string; readonly except?: string[] };
}

/** The port of the pod that is called, after every translation of addresses. */
export interface PolicyPort {
  /** @default TCP */
  readonly protocol?: Protocol;
  /** A number, or the name that the called pod gives one. @default every port of the protocol */
  readonly port?: number | string;
  /** The last of a range that starts at `port`. */
  readonly endPort?: number;
}

/** What is let in; without `from` from everywhere, without `ports` to every port. */
export interface IngressRule {
  readonly from?: PolicyPeer[];
  readonly ports?: PolicyPort[];
}

/** What is let out; without `to` to everywhere, without `ports` to every port. */
export interface EgressRule {
  readonly to?: PolicyPeer[];
  readonly ports?: PolicyPort[];
}

/** The spec of a NetworkPolicy; arrays are writable because Pulumi's inputs are. */
export interface PolicySpec {
  readonly podSelector: LabelSelector;
  /** @default Ingress, and Egress when there is an egress rule */
  readonly policyTypes?: ("Ingress" | "Egress")[];
  readonly ingress?: IngressRule[];
  readonly egress?: EgressRule[];
}

/** A NetworkPolicy. */
export interface NetworkPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly spec: PolicySpec;
}

/** One pod, or something with an address that is no pod. */
export interface End {
  readonly address: string;
  /** The pod, unless it is none. */
  readonly pod?: Pod;
  /** The name of the node that it is, or that it runs on. */
  readonly node?: string;
}

/** What policies see of a pod. */
export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  /** Whether it has its node's own network: policies neither bind nor see it, they see its node's address. */
  readonly hostNetwork?: boolean;
  /** The ports that policies may name. @default none */
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
}

/** The objects that decide. */
export interface Objects {
  /** The namespaces' labels by name; the one that says the name is the API server's own and always there. */
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly policies: readonly NetworkPolicy[];
  /**
   * Whether an ipBlock also matches pods by their addresses. Kubernetes leaves it open: Calico says yes, Cilium no.
   * @default true
   */
  readonly blocksMatchPods?: boolean;
}

/** A call: from whom, to whom, to which port. */
export interface Call {
  readonly from: End;
  readonly to: End;
  readonly protocol: Protocol;
  readonly port: number;
}

/** The label that the API server itself puts on every namespace and that nobody can change. */
export const nameLabel = "kubernetes.io/metadata.name";

/** Answers for one set of objects. */
export interface Evaluator {
  /** Whether the caller's side lets a call out. */
  readonly letsOut: (call: Call) => boolean;
  /** Whether the called side lets a call in. */
  readonly letsIn: (call: Call) => boolean;
  /** Whether both sides do. */
  readonly allows: (call: Call) => boolean;
}

/** Reads the objects once, to answer many calls. */
export function evaluator(objects: Objects): Evaluator {
  const { namespaces, policies, blocksMatchPods = true } = objects;
  const labelsOf = (namespace: string): Labels => ({ ...namespaces[namespace], [nameLabel]: namespace });
  const byNamespace = Map.groupBy(policies, ({ namespace }) => namespace);
  const remembered = { Ingress: new Map<Pod, PolicySpec[]>(), Egress: new Map<Pod, PolicySpec[]>() };

  /** The policies that bind a pod in one direction. */
  function binding(pod: Pod, direction: "Ingress" | "Egress"): PolicySpec[] {
    const known = remembered[direction].get(pod);
    if (known !== undefined) return known;
    const found = (byNamespace.get(pod.namespace) ?? [])
      .map(({ spec }) => spec)
      .filter((spec) => directionsOf(spec).includes(direction) && selects(spec.podSelector, pod.labels));
    remembered[direction].set(pod, found);
    return found;
  }

  function matches(
    { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
    own: string,
    { address, pod }: End,
  ): boolean {
    const bare = pod === undefined || pod.hostNetwork === true;
    if (ipBlock !== undefined) return (bare || blocksMatchPods) && within(address, ipBlock);
    if (bare) return false;
    const inNamespace =
      namespaceSelector === undefined ? pod.namespace === own : selects(namespaceSelector, labelsOf(pod.namespace));
    return inNamespace && selects(podSelector ?? {}, pod.labels);
  }

  /** The ports that each rule opens between two ends; `undefined` when no policy binds the one whose side it is. */
  function openings(direction: "Ingress" | "Egress", own: End, other: End): PolicyPort[][] | undefined {
    if (own.pod === undefined || own.pod.hostNetwork === true) return undefined;
    const specs = binding(own.pod, direction);
    if (specs.length === 0) return undefined;
    const { namespace } = own.pod;
    return specs.flatMap((spec) =>
      rulesOf(spec, direction).flatMap(({ peers = [], ports = [] }) =>
        peers.length === 0 || peers.some((peer) => matches(peer, namespace, other)) ? [ports] : [],
      ),
    );
  }

  const side = (direction: "Ingress" | "Egress") => {
    // Whoever asks goes through the ports of two ends, then on to the next two.
    let last: { readonly own: End; readonly other: End; readonly open: PolicyPort[][] | undefined } | undefined;
    return (call: Call) => {
      const [own, other] = direction === "Ingress" ? [call.to, call.from] : [call.from, call.to];
      if (last?.own !== own || last.other !== other) last = { own, other, open: openings(direction, own, other) };
      return last.open?.some((ports) => ports.length === 0 || ports.some((port) => opens(port, call))) ?? true;
    };
  };

  const [letsOut, letsIn] = [side("Egress"), side("Ingress")];
  return { letsOut, letsIn, allows: (call) => isUnbound(call) || (letsOut(call) && letsIn(call)) };
}

/** What no policy can close: a pod to itself, and whatever a node itself sends to its pods, its probes among it. */
function isUnbound({ from, to }: Call): boolean {
  if (from.pod !== undefined && from.pod === to.pod) return true;
  const sentByNode = from.pod === undefined || from.pod.hostNetwork === true;
  return sentByNode && from.node !== undefined && from.node === to.node;
}

/** The directions in which a policy binds the pods that it selects. */
export function directionsOf({ policyTypes, egress = [] }: PolicySpec): readonly ("Ingress" | "Egress")[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

/** What a policy lets through in a direction; without peers whoever it is, without ports to every one. */
export function rulesOf(
  spec: PolicySpec,
  direction: "Ingress" | "Egress",
): { peers?: PolicyPeer[]; ports?: PolicyPort[] }[] {
  const side = (peers: PolicyPeer[] | undefined, ports: PolicyPort[] | undefined) => ({
    ...(peers === undefined ? {} : { peers }),
    ...(ports === undefined ? {} : { ports }),
  });
  return direction === "Ingress"
    ? (spec.ingress ?? []).map(({ from, ports }) => side(from, ports))
    : (spec.egress ?? []).map(({ to, ports }) => side(to, ports));
}

/** Whether a selector picks an object with these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => valueOf(labels, key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = valueOf(labels, key);
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
      }
    })
  );
}

const valueOf = (labels: Labels, key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);

/** Whether what a rule says of ports opens the one that is called. */
export function opens({ protocol = "TCP", port, endPort }: PolicyPort, call: Call): boolean {
  if (protocol !== call.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "number") return port <= call.port && call.port <= (endPort ?? port);
  const { pod } = call.to;
  return (
    pod !== undefined &&
    (pod.ports ?? []).some((own) => own.name === port && own.port === call.port && own.protocol === protocol)
  );
}

function within(
  address: string,
  { cidr, except = [] }: { readonly cidr: string; readonly except?: string[] },
): boolean {
  if (address.includes(":") || cidr.includes(":"))
    return withinV6(address, cidr) && !except.some((one) => withinV6(address, one));
  const number = toNumber(address);
  const inside = ([first, last]: readonly [number, number]) => first <= number && number <= last;
  return inside(rangeOf(cidr)) && !except.some((one) => inside(rangeOf(one)));
}

/** Addresses of one version of IP are in no network of the other. */
const withinV6 = (address: string, cidr: string): boolean =>
  address.includes(":") && cidr.includes(":") && ipaddr.IPv6.parse(address).match(ipaddr.IPv6.parseCIDR(cidr));

/** An IPv4 address as a number. */
export function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The IPv4 address of a number. */
export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => String(Math.floor(number / 2 ** shift) % 256)).join(".");
}

/** The first and the last address of an IPv4 network, as numbers. */
export function rangeOf(cidr: string): readonly [first: number, last: number] {
  const known = ranges.get(cidr);
  if (known !== undefined) return known;
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const size = 2 ** (32 - bits);
  const first = Math.floor(toNumber(address.toString()) / size) * size;
  const range = [first, first + size - 1] as const;
  ranges.set(cidr, range);
  return range;
}

/** The same few networks are asked for all the time. */
const ranges = new Map<string, readonly [number, number]>();
