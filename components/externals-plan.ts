/** Whom pods of the mesh may call outside the cluster: what proxies are told, and the edges. No Pulumi here. */
import {
  everyPodOf,
  type Graph,
  type Half,
  isMeshed,
  namespaceOf,
  selectorOf,
  vertexOf,
} from "./connectivity-graph.ts";
import { callerOf, type External, type Externals, namespacesKnowing } from "./externals-schema.ts";
import type { ServiceEntrySpec, SidecarSpec } from "./istio-networking.ts";
import { istioNamespace } from "./istio-names.ts";
import { tracingNamespace } from "./tracing/names.ts";
import { type InsideFacts, outsidePeer } from "./outside.ts";

interface Placed {
  readonly metadata: { readonly name: string; readonly namespace: string };
}

/** The manifests of externals. */
export interface ExternalsPlan {
  readonly serviceEntries: readonly (Placed & { readonly spec: ServiceEntrySpec })[];
  /** What proxies know, where not every pod of a namespace may know an external. */
  readonly sidecars: readonly (Placed & { readonly spec: SidecarSpec })[];
}

/**
 * Everything that proxies are told of externals.
 *
 * ServiceEntries stand in Istio's root namespace, and only the namespaces of callers get them. That is as fine as they
 * can say; where single workloads are named, Sidecars keep an external from the others, which are then answered as for
 * whoever is not declared, before a NetworkPolicy would leave them waiting.
 */
export function planExternals(externals: Externals, graph: Graph): ExternalsPlan {
  const all = Object.entries(externals).sort(([a], [b]) => compare(a, b));
  const callers = all.flatMap(([, { from }]) => from.map(callerOf));
  const scoped = new Set(callers.flatMap(({ namespace, name }) => (name === undefined ? [] : [namespace])));
  return {
    serviceEntries: all.map(([name, external]) => ({
      metadata: { name, namespace: istioNamespace },
      spec: serviceEntry(external),
    })),
    sidecars: [...scoped].sort(compare).flatMap((namespace) => sidecarsOf(namespace, all, graph)),
  };
}

function serviceEntry(external: External): ServiceEntrySpec {
  const { hosts, ports, addresses, resolution } = external;
  return {
    hosts,
    // Without them a call by TCP would be taken for one to this external wherever it goes.
    ...(ports.some(({ protocol }) => protocol === "TCP") ? { addresses } : {}),
    ports: ports.map(({ port, protocol }) => ({
      number: port,
      name: `${protocol.toLowerCase()}-${String(port)}`,
      protocol,
    })),
    location: "MESH_EXTERNAL",
    ...(resolution === "dns"
      ? { resolution: "DNS" }
      : {
          resolution: "STATIC",
          endpoints: addresses.map((cidr) => ({ address: cidr.replace(/\/32$/, "") })),
        }),
    exportTo: namespacesKnowing(external),
  };
}

/** One for every pod of a namespace, and one for each workload in it that may call more. */
function sidecarsOf(
  namespace: string,
  all: readonly (readonly [string, External])[],
  graph: Graph,
): ExternalsPlan["sidecars"] {
  const inCluster = ["./*", ...calledFrom(namespace, graph).map((called) => `${called}/*`)];
  const outside = (ref: string) =>
    all.flatMap(([, { from, hosts }]) => (from.includes(ref) ? hosts.map((host) => `${istioNamespace}/${host}`) : []));
  const everybody = [...inCluster, ...outside(namespace).sort(compare)];
  const sidecar = (name: string, spec: SidecarSpec) => ({ metadata: { name, namespace }, spec });
  return [
    sidecar("default", { egress: [{ hosts: everybody }] }),
    ...Object.values(graph.workloads)
      .filter((workload) => workload.namespace === namespace)
      .sort((a, b) => compare(a.name, b.name))
      .flatMap((workload) => {
        const own = outside(`${namespace}/${workload.name}`).filter((host) => !everybody.includes(host));
        if (own.length === 0) return [];
        const labels = { ...selectorOf(workload) };
        const hosts = [...everybody, ...own.sort(compare)];
        return [sidecar(workload.name, { workloadSelector: { labels }, egress: [{ hosts }] })];
      }),
  ];
}

/** The other namespaces of the mesh that edges lead to from a namespace. */
function calledFrom(namespace: string, graph: Graph): string[] {
  const all = graph.edges.flatMap(({ from, to }) => {
    const [caller, end] = [vertexOf(graph, from), vertexOf(graph, to)];
    if (caller === undefined || end === undefined || namespaceOf(caller) !== namespace) return [];
    const called = namespaceOf(end);
    // Jaeger is in no mesh, and proxies find it as they find Services of the mesh.
    return called !== undefined && (isMeshed(graph, end) || called === tracingNamespace) ? [called] : [];
  });
  return [...new Set(all)].filter((one) => one !== namespace).sort(compare);
}

/** What externals add to the connectivity graph; that callers may resolve names is said of all sidecars. */
export function externalsHalf(externals: Externals, facts: InsideFacts): Half {
  const all = Object.entries(externals);
  return {
    of: "externals",
    peers: Object.fromEntries(
      all.map(([name, { addresses }]) => [peerName(name), outsidePeer(addresses, {}, facts)] as const),
    ),
    edges: all.flatMap(([external, { hosts, ports, from }]) =>
      from.flatMap((ref) => {
        const { namespace, name } = callerOf(ref);
        return ports.map(({ port }) => ({
          from: name === undefined ? everyPodOf(namespace) : ref,
          to: peerName(external),
          port: `${String(port)}/TCP`,
          why: `${hosts.join(", ")} ${hosts.length === 1 ? "is" : "are"} called`,
        }));
      }),
    ),
  };
}

/** How edges write an external. */
const peerName = (external: string) => `external-${external}`;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
