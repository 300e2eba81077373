/** What tenants add to the connectivity graph. */
import { clusterDns } from "./cluster/half.ts";
import { type Edge, everyPodOf, type Half, holds, type NamespaceRules, type Peer } from "./connectivity-graph.ts";
import { metadataAddress } from "./outside.ts";
import type { Surroundings } from "./tenant-problems.ts";
import { namespacesOf, type TenantConfig, type Tenants } from "./tenant-schema.ts";

/** Nobody knows a tenant's pods beforehand, so that whole namespaces call each other. */
export function tenantHalf(tenants: Tenants, around: Surroundings): Half {
  const all = namespacesOf(tenants);
  const edges = new Map<string, Edge>();
  const peers: Record<string, Peer> = {};
  for (const { tenant, namespace } of all) {
    const network = tenants[tenant]?.network;
    if (network?.defaultDeny !== true) continue;
    for (const edge of [
      ...dnsEdges(namespace, network, peers),
      ...callers(namespace, network, all),
      ...outside(namespace, network, around, peers),
    ]) {
      edges.set(`${edge.from} ${edge.to} ${edge.port}`, edge);
    }
  }
  return {
    of: "tenants",
    namespaces: Object.fromEntries(
      all.map(({ tenant, namespace }) => [namespace, rulesOf(tenants[tenant], around)] as const),
    ),
    peers,
    edges: [...edges.values()],
  };
}

function rulesOf(tenant: TenantConfig | undefined, { meshedNamespaces }: Surroundings): NamespaceRules {
  const closed = tenant?.network.defaultDeny === true;
  return {
    closed: closed ? "every-pod" : "none",
    ...(tenant?.mesh === undefined || meshedNamespaces === undefined ? {} : { meshed: closed ? "closed" : "open" }),
  };
}

function dnsEdges(
  namespace: string,
  { dns, dnsAddresses }: TenantConfig["network"],
  peers: Record<string, Peer>,
): Edge[] {
  if (!dns) return [];
  const [from, why] = [everyPodOf(namespace), "names are resolved"];
  const addressed = dnsAddresses.map((cidr) => {
    const name = peerName("dns", cidr);
    // A cache on every node may answer at the address of the Service.
    peers[name] = {
      cidrs: [cidr],
      ports: { dns: { port: 53, protocol: "UDP" }, "dns-tcp": { port: 53 } },
      amongPods: true,
    };
    return name;
  });
  return [clusterDns, ...addressed].flatMap((to) => ["dns", "dns-tcp"].map((port) => ({ from, to, port, why })));
}

function callers(namespace: string, { allow }: TenantConfig["network"], all: ReturnType<typeof namespacesOf>): Edge[] {
  return allow.flatMap(({ tenant, namespace: single, ports }) => {
    const from =
      tenant === undefined ? [single ?? ""] : all.filter((one) => one.tenant === tenant).map((one) => one.namespace);
    const why = tenant === undefined ? `the namespace ${single ?? ""} is let in` : `the tenant ${tenant} is let in`;
    return from.flatMap((caller) =>
      portsOf(ports).map((port) => ({ from: everyPodOf(caller), to: everyPodOf(namespace), port, why })),
    );
  });
}

function outside(
  namespace: string,
  { egress }: TenantConfig["network"],
  { facts }: Surroundings,
  peers: Record<string, Peer>,
): Edge[] {
  const inside = [
    facts.podCidr,
    facts.serviceCidr,
    ...facts.nodes.map(({ address }) => `${address}/32`),
    metadataAddress,
  ];
  return egress.flatMap(({ cidr, ports }) => {
    const name = peerName("outside", cidr);
    peers[name] = { cidrs: [cidr], except: inside.filter((part) => holds(cidr, part) && part !== cidr) };
    return portsOf(ports).map((port) => ({
      from: everyPodOf(namespace),
      to: name,
      port,
      why: `${cidr} is let out to`,
    }));
  });
}

/** A name that edges can write: the slash tells pods from peers there. */
const peerName = (kind: string, cidr: string) => `${kind}-${cidr.replace("/", "-")}`;

const portsOf = (ports: readonly number[] | undefined) => ports?.map((port) => `${String(port)}/TCP`) ?? ["*"];
