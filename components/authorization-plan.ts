/** What the mesh lets through, as plain manifests: the connectivity graph by identities, and tokens. No Pulumi here. */
import {
  anyone,
  type Edge,
  everyPodOf,
  type Graph,
  isMeshed,
  namespaceOf,
  proxiedPortOf,
  refOf,
  selectorOf,
  vertexOf,
  type Workload,
} from "./connectivity-graph.ts";
import { gatewayLabels, gatewayNamespace, gatewayPorts } from "./gateway-plan.ts";
import { istioNamespace } from "./istio-names.ts";
import type { JwtConfig } from "./jwt-schema.ts";
import type { Labels } from "./network-policy.ts";

/** Who calls, as AuthorizationPolicies tell callers apart; the parts hold together. */
export interface Source {
  /** `namespace/account`, at most 16 of them. */
  readonly serviceAccounts?: readonly string[];
  readonly namespaces?: readonly string[];
  /** `*` alone: whoever has no identity. */
  readonly notPrincipals?: readonly ["*"];
  /** `*` alone: whoever has no valid token. */
  readonly notRequestPrincipals?: readonly ["*"];
}

/** One rule of an AuthorizationPolicy: without `from` for whoever comes, without `to` for every port. */
export interface Rule {
  readonly from?: readonly { readonly source: Source }[];
  readonly to?: readonly {
    readonly operation: { readonly ports: readonly string[]; readonly notPaths?: readonly string[] };
  }[];
}

interface Selected {
  /** The pods that it binds. @default every pod of its namespace */
  readonly selector?: { readonly matchLabels: Labels };
}

/** An object of security.istio.io/v1, with what of its spec is used here. */
export type MeshPolicy = { readonly metadata: { readonly name: string; readonly namespace: string } } & (
  | {
      readonly kind: "AuthorizationPolicy";
      readonly spec: Selected & { readonly action?: "DENY"; readonly rules?: readonly Rule[] };
    }
  | {
      readonly kind: "PeerAuthentication";
      readonly spec: Selected & {
        readonly mtls?: { readonly mode: "STRICT" };
        readonly portLevelMtls?: Readonly<Record<string, { readonly mode: "PERMISSIVE" }>>;
      };
    }
  | { readonly kind: "RequestAuthentication"; readonly spec: Selected & { readonly jwtRules: readonly object[] } }
);

/** A port that is open to callers without an identity in the mesh. */
export interface Exception {
  /** Who is called, as edges write it. */
  readonly to: string;
  readonly port: number;
  /** Who calls, as edges write it. */
  readonly from: string;
  /** What would break without it. */
  readonly why: string;
}

/** How many accounts one source may name, by the definition of the kind. */
const accountsInSource = 16;

/** How the mesh knows the caller of an edge. */
type Identity =
  | { readonly serviceAccount: string }
  | { readonly namespace: string }
  /** It has none that the called end would see. */
  | "none"
  | "anyone";

/** One edge to the mesh, with the port that its proxies see. */
interface Call {
  readonly edge: Edge;
  readonly identity: Identity;
  readonly port: number | "all";
}

/** The namespaces whose pods are in the mesh. */
export const meshedNamespaces = ({ namespaces }: Graph): string[] =>
  Object.entries(namespaces).flatMap(([name, { meshed }]) => (meshed === undefined ? [] : [name]));

/** The policies of a mesh, by who has to wait for them. */
export interface MeshPlan {
  /** Those that bind the gateway. */
  readonly atGateway: readonly MeshPolicy[];
  /** Those of the mesh as a whole, and of every other namespace in it. */
  readonly elsewhere: readonly MeshPolicy[];
}

/**
 * Every policy of the mesh that a graph without problems stands for: calls without an identity are refused, a namespace
 * that is closed lets in nobody, and each workload in it who may call it, known by the account of its pods or by its
 * namespace.
 *
 * Proxies see TCP alone; other protocols are left to NetworkPolicies. Probes need no rule, since the injector leads them
 * to the agent.
 *
 * @param jwt whose tokens clients have to show to the gateway
 */
export function planAuthorization(graph: Graph, jwt?: JwtConfig): MeshPlan {
  const strict: MeshPolicy = {
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: istioNamespace },
    spec: { mtls: { mode: "STRICT" } },
  };
  const others = meshedNamespaces(graph).filter((namespace) => namespace !== gatewayNamespace);
  return {
    atGateway: [...policiesOf(gatewayNamespace, graph), ...(jwt === undefined ? [] : planTokens(jwt))],
    elsewhere: [strict, ...others.sort(compare).flatMap((namespace) => policiesOf(namespace, graph))],
  };
}

function policiesOf(namespace: string, graph: Graph): MeshPolicy[] {
  const workloads = Object.values(graph.workloads)
    .filter((workload) => workload.namespace === namespace)
    .sort((a, b) => compare(a.name, b.name));
  const closed = graph.namespaces[namespace]?.meshed === "closed";
  const everyPod = rulesOf(callsTo(everyPodOf(namespace), graph));
  const policy = (name: string, spec: Selected & { readonly rules?: readonly Rule[] }): MeshPolicy => ({
    kind: "AuthorizationPolicy",
    metadata: { name, namespace },
    spec,
  });
  return [
    ...(closed ? [policy("default", everyPod.length === 0 ? {} : { rules: everyPod })] : []),
    ...workloads.flatMap((workload) => {
      const rules = closed ? rulesOf(callsTo(refOf(workload), graph)) : [];
      return rules.length === 0 ? [] : [policy(`allow-${workload.name}`, { selector: selecting(workload), rules })];
    }),
    ...workloads.flatMap((workload) => plaintextOf(workload, graph)),
  ];
}

/** The ports of a workload that also speak to callers without an identity; a gateway's own listeners say it themselves. */
function plaintextOf(workload: Workload, graph: Graph): MeshPolicy[] {
  if (workload.gateway === true) return [];
  const ports = distinct(
    callsTo(refOf(workload), graph)
      .filter(isUnknown)
      .map(({ port }) => port),
  );
  if (ports.length === 0) return [];
  return [
    {
      kind: "PeerAuthentication",
      metadata: { name: `plaintext-${workload.name}`, namespace: workload.namespace },
      spec: {
        selector: selecting(workload),
        portLevelMtls: Object.fromEntries(ports.map((port) => [String(port), { mode: "PERMISSIVE" }])),
      },
    },
  ];
}

const selecting = (workload: Workload) => ({ matchLabels: { ...selectorOf(workload) } });

/** Every port that is open to callers without an identity, with the edges that want it. */
export function exceptionsOf(graph: Graph): Exception[] {
  return Object.values(graph.workloads)
    .filter(({ namespace }) => graph.namespaces[namespace]?.meshed !== undefined)
    .flatMap((workload) => callsTo(refOf(workload), graph))
    .filter(isUnknown)
    .flatMap(({ edge: { from, to, why }, port }) => (port === "all" ? [] : [{ to, port, from, why }]));
}

const isUnknown = ({ identity }: Call) => identity === "none" || identity === "anyone";

/** The edges to an end that its proxies decide on. */
function callsTo(ref: string, graph: Graph): Call[] {
  return graph.edges.flatMap((edge): Call[] => {
    const [caller, called] = [vertexOf(graph, edge.from), vertexOf(graph, edge.to)];
    if (edge.to !== ref || caller === undefined || called === undefined) return [];
    const port = proxiedPortOf(called, edge.port);
    if (port === undefined) return [];
    const ends = called.kind === "workload" && called.workload.gateway === true;
    return [{ edge, identity: edge.from === anyone || ends ? "anyone" : identityOf(edge, graph), port }];
  });
}

function identityOf({ from }: Edge, graph: Graph): Identity {
  const caller = vertexOf(graph, from);
  const namespace = caller === undefined ? undefined : namespaceOf(caller);
  if (caller === undefined || namespace === undefined || !isMeshed(graph, caller)) return "none";
  if (caller.kind !== "workload") return { namespace };
  const { serviceAccount } = caller.workload;
  if (serviceAccount === undefined) throw new Error(`${from} has no service account: the graph has not been checked.`);
  return { serviceAccount: `${namespace}/${serviceAccount}` };
}

/** One rule for each set of ports that callers share. */
function rulesOf(calls: readonly Call[]): Rule[] {
  const byCaller = Map.groupBy(calls, ({ identity }) => JSON.stringify(identity));
  const callers = [...byCaller.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ identity: first.identity, ports: portsOf([first, ...others]) }],
  );
  const byPorts = Map.groupBy(callers, ({ ports }) => String(ports));
  return [...byPorts.values()]
    .flatMap((group): Rule[] => {
      const { ports = "all" } = group[0] ?? {};
      const to = ports === "all" ? {} : { to: [{ operation: { ports: ports.map(String) } }] };
      const identities = group.map(({ identity }) => identity);
      return identities.includes("anyone") ? [to] : [{ from: sourcesOf(identities), ...to }];
    })
    .sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}

function portsOf(calls: readonly Call[]): number[] | "all" {
  const ports = calls.flatMap(({ port }) => (port === "all" ? [] : [port]));
  return ports.length < calls.length ? "all" : distinct(ports).sort((a, b) => a - b);
}

function sourcesOf(identities: readonly Identity[]): { readonly source: Source }[] {
  const accounts = identities
    .flatMap((one) => (typeof one === "object" && "serviceAccount" in one ? [one.serviceAccount] : []))
    .sort(compare);
  const namespaces = identities
    .flatMap((one) => (typeof one === "object" && "namespace" in one ? [one.namespace] : []))
    .sort(compare);
  const groups = Array.from({ length: Math.ceil(accounts.length / accountsInSource) }, (_, index) =>
    accounts.slice(index * accountsInSource, (index + 1) * accountsInSource),
  );
  return [
    ...groups.map((serviceAccounts) => ({ source: { serviceAccounts } })),
    ...(namespaces.length === 0 ? [] : [{ source: { namespaces } }]),
    // Who has an identity and no edge stays out.
    ...(identities.includes("none") ? [{ source: { notPrincipals: ["*"] as const } }] : []),
  ];
}

/**
 * What makes the gateway ask for a token: what is wrong with one is answered 401, and a request without one 403, over
 * whatever name it comes. By their labels, since Istio goes by the Gateway only for pods that it has made itself.
 */
function planTokens({ issuer, audiences, headers, jwks, jwksUri, openPaths }: JwtConfig): MeshPolicy[] {
  const named = (name: string) => ({ name, namespace: gatewayNamespace });
  const selector = { matchLabels: gatewayLabels };
  return [
    {
      kind: "RequestAuthentication",
      metadata: named("tokens"),
      spec: {
        selector,
        jwtRules: [
          {
            issuer,
            audiences,
            // Said even where it is Istio's default, which takes a token out of the query, too, where logs show it.
            fromHeaders: headers,
            ...(jwks === undefined ? { jwksUri } : { jwks: JSON.stringify(jwks) }),
          },
        ],
      },
    },
    {
      kind: "AuthorizationPolicy",
      metadata: named("require-token"),
      spec: {
        selector,
        // It is asked before every ALLOW, and a path that is written in an unusual way is none that stays open.
        action: "DENY",
        rules: [
          {
            from: [{ source: { notRequestPrincipals: ["*"] } }],
            to: [
              {
                operation: {
                  ports: [String(gatewayPorts.https)],
                  ...(openPaths.length === 0 ? {} : { notPaths: openPaths }),
                },
              },
            ],
          },
        ],
      },
    },
  ];
}

const distinct = <T>(list: readonly T[]): T[] => [...new Set(list)];

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
