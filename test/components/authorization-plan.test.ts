import fc from "fast-check";
import { exceptionsOf, meshedNamespaces, planAuthorization } from "../../components/authorization-plan.ts";
import {
  anyone,
  everyPodOf,
  type Graph,
  graphOf,
  type Half,
  portOf,
  refOf,
  vertexOf,
  type Workload,
} from "../../components/connectivity-graph.ts";
import { gatewayLabels } from "../../components/gateway-plan.ts";
import { jwtSchema } from "../../components/jwt-schema.ts";
import type { Labels } from "../../components/network-policy.ts";
import { letsIn } from "../lib/mesh-evaluator.ts";
import { meshGraphs, ranges } from "../lib/topologies.ts";

const web: Workload = {
  namespace: "shop",
  name: "web",
  labels: { app: "web", tier: "front" },
  selector: { app: "web" },
  ports: { http: { port: 1323 }, metrics: { port: 9797 }, stats: { port: 15090 }, dns: { port: 53, protocol: "UDP" } },
  serviceAccount: "web",
};
const gateway: Workload = {
  namespace: "istio-ingress",
  name: "gateway",
  labels: gatewayLabels,
  ports: { http: { port: 8080 }, https: { port: 8443 } },
  serviceAccount: "gateway",
  gateway: true,
};
const monitor: Workload = { namespace: "monitoring", name: "prometheus", labels: { app: "prometheus" } };
const why = "it is tried";
const shop: Half = {
  of: "shop",
  namespaces: {
    shop: { closed: "every-pod", meshed: "closed" },
    "istio-ingress": { closed: "every-pod", meshed: "closed" },
    partner: { closed: "every-pod", meshed: "closed" },
    monitoring: { closed: "every-pod" },
  },
  workloads: [web, gateway, monitor],
};
const graphWith = (...edges: (readonly [from: string, to: string, port: string])[]) =>
  graphOf(ranges, [{ ...shop, edges: edges.map(([from, to, port]) => ({ from, to, port, why })) }]);
const all = (graph: Graph) => {
  const { atGateway, elsewhere } = planAuthorization(graph);
  return [...elsewhere, ...atGateway];
};
/** The specs of a namespace by name. */
const specs = (graph: Graph, namespace: string) =>
  Object.fromEntries(
    all(graph).flatMap(({ metadata, spec }) => (metadata.namespace === namespace ? [[metadata.name, spec]] : [])),
  );

test("without an edge the mesh is strict, and every namespace in it closed", () => {
  expect(all(graphWith()).map(({ kind, metadata, spec }) => [kind, metadata, spec])).toEqual([
    ["PeerAuthentication", { name: "default", namespace: "istio-system" }, { mtls: { mode: "STRICT" } }],
    ["AuthorizationPolicy", { name: "default", namespace: "partner" }, {}],
    ["AuthorizationPolicy", { name: "default", namespace: "shop" }, {}],
    ["AuthorizationPolicy", { name: "default", namespace: "istio-ingress" }, {}],
  ]);
  expect(meshedNamespaces(graphWith())).toEqual(["shop", "istio-ingress", "partner"]);
});

test("a caller is known by its account, and every pod of a namespace by that", () => {
  const graph = graphWith(
    ["istio-ingress/gateway", "shop/web", "http"],
    ["partner/*", "shop/web", "http"],
    ["shop/web", "partner/*", "8080/TCP"],
  );
  expect(specs(graph, "shop")).toEqual({
    default: {},
    "allow-web": {
      selector: { matchLabels: { app: "web" } },
      rules: [
        {
          from: [{ source: { serviceAccounts: ["istio-ingress/gateway"] } }, { source: { namespaces: ["partner"] } }],
          to: [{ operation: { ports: ["1323"] } }],
        },
      ],
    },
  });
  expect(specs(graph, "partner")).toEqual({
    default: {
      rules: [{ from: [{ source: { serviceAccounts: ["shop/web"] } }], to: [{ operation: { ports: ["8080"] } }] }],
    },
  });
  expect(exceptionsOf(graph)).toEqual([]);
});

test("every port of a namespace is a rule without one", () => {
  expect(specs(graphWith(["partner/*", "shop/*", "*"]), "shop")["default"]).toEqual({
    rules: [{ from: [{ source: { namespaces: ["partner"] } }] }],
  });
});

test("a caller outside the mesh opens one port to plaintext, for callers without an identity alone", () => {
  const graph = graphWith(["monitoring/prometheus", "shop/web", "metrics"], ["shop/web", "shop/web", "http"]);
  const selector = { matchLabels: { app: "web" } };
  expect(specs(graph, "shop")).toEqual({
    default: {},
    "allow-web": {
      selector,
      rules: [
        { from: [{ source: { notPrincipals: ["*"] } }], to: [{ operation: { ports: ["9797"] } }] },
        { from: [{ source: { serviceAccounts: ["shop/web"] } }], to: [{ operation: { ports: ["1323"] } }] },
      ],
    },
    "plaintext-web": { selector, portLevelMtls: { "9797": { mode: "PERMISSIVE" } } },
  });
  expect(exceptionsOf(graph)).toEqual([{ to: "shop/web", port: 9797, from: "monitoring/prometheus", why }]);
});

test("a gateway lets in clients, who have no identity, by its listeners alone", () => {
  const graph = graphWith([anyone, "istio-ingress/gateway", "https"], ["shop/web", "istio-ingress/gateway", "https"]);
  expect(specs(graph, "istio-ingress")).toEqual({
    default: {},
    "allow-gateway": {
      selector: { matchLabels: gatewayLabels },
      rules: [{ to: [{ operation: { ports: ["8443"] } }] }],
    },
  });
  expect(exceptionsOf(graph).map(({ from, port }) => [from, port])).toEqual([
    [anyone, 8443],
    ["shop/web", 8443],
  ]);
});

test("what no proxy decides on needs no rule: other protocols, and the proxy's own ports", () => {
  const graph = graphWith(["monitoring/prometheus", "shop/web", "stats"], [anyone, "shop/web", "dns"]);
  expect(specs(graph, "shop")).toEqual({ default: {} });
  expect(exceptionsOf(graph)).toEqual([]);
});

test("a source names no more accounts than the API server takes", () => {
  const callers = Array.from({ length: 33 }, (_, index): Workload => {
    const name = `w${String(index)}`;
    return { namespace: "partner", name, labels: { app: name }, serviceAccount: name };
  });
  const edges = callers.map((one) => ({ from: refOf(one), to: "shop/web", port: "http", why }));
  const graph = graphOf(ranges, [{ ...shop, workloads: [web, gateway, monitor, ...callers], edges }]);
  const { rules } = specs(graph, "shop")["allow-web"] as {
    rules: { from: { source: { serviceAccounts: string[] } }[] }[];
  };
  expect(rules).toHaveLength(1);
  expect(rules[0]?.from.map(({ source }) => source.serviceAccounts.length)).toEqual([16, 16, 1]);
});

test("a namespace that is open has no policy but for its exceptions", () => {
  const namespaces = { ...shop.namespaces, shop: { closed: "none", meshed: "open" } } as const;
  const edges = [
    { from: "monitoring/prometheus", to: "shop/web", port: "metrics", why },
    { from: "istio-ingress/gateway", to: "shop/web", port: "http", why },
  ];
  expect(Object.keys(specs(graphOf(ranges, [{ ...shop, namespaces, edges }]), "shop"))).toEqual(["plaintext-web"]);
});

describe("random graphs", () => {
  /** Somebody who calls or is called. */
  interface Pod {
    readonly namespace: string;
    readonly labels: Labels;
    readonly serviceAccount: string;
    readonly refs: readonly string[];
    readonly gateway?: boolean | undefined;
  }
  const podsOf = (graph: Graph): Pod[] => [
    ...Object.values(graph.workloads).map((one) => ({
      ...one,
      serviceAccount: one.serviceAccount ?? "",
      refs: [refOf(one), everyPodOf(one.namespace)],
    })),
    ...Object.keys(graph.namespaces).map((namespace) => ({
      namespace,
      labels: {},
      serviceAccount: "stranger",
      refs: [everyPodOf(namespace)],
    })),
    { namespace: "unknown", labels: {}, serviceAccount: "stranger", refs: [] },
  ];
  const isIn = (graph: Graph, namespace: string) => graph.namespaces[namespace]?.meshed !== undefined;

  /** What the graph itself says. */
  function declared(graph: Graph, from: Pod, to: Pod, port: number): boolean {
    const identified = isIn(graph, from.namespace) && to.gateway !== true;
    if (graph.namespaces[to.namespace]?.meshed === "open" && (identified || to.gateway === true)) return true;
    return graph.edges.some((edge) => {
      const called = vertexOf(graph, edge.to);
      const found = called === undefined ? undefined : portOf(called, edge.port);
      if (!to.refs.includes(edge.to) || found === undefined) return false;
      if (found !== "all" && (found.protocol !== "TCP" || found.port !== port)) return false;
      if (edge.from === anyone || to.gateway === true) return true;
      const namespace = edge.from.includes("/") ? (edge.from.split("/")[0] ?? "") : undefined;
      const unknown = namespace === undefined || !isIn(graph, namespace);
      return identified ? !unknown && from.refs.includes(edge.from) : unknown;
    });
  }

  test("let in an identity by the edges that name it, and nobody else but on excepted ports", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(meshGraphs, (graph) => {
        const policies = all(graph);
        const pods = podsOf(graph);
        for (const to of pods.filter(({ namespace }) => isIn(graph, namespace))) {
          for (const from of pods) {
            const identity = isIn(graph, from.namespace) ? from : undefined;
            for (const port of [80, 443, 9090]) {
              const wanted = declared(graph, from, to, port);
              seen.add(`${identity === undefined ? "plaintext" : "identity"} ${String(wanted)}`);
              expect([from, to, port, letsIn(policies, { identity, to, port })]).toEqual([from, to, port, wanted]);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual(["identity false", "identity true", "plaintext false", "plaintext true"]);
  });

  test("have a plaintext port for each exception, and a reason for each plaintext port", () => {
    fc.assert(
      fc.property(meshGraphs, (graph) => {
        const made = all(graph).flatMap((policy) =>
          policy.kind === "PeerAuthentication" && policy.metadata.namespace !== "istio-system"
            ? Object.keys(policy.spec.portLevelMtls ?? {}).map(
                (port) => `${policy.metadata.namespace}/${policy.metadata.name.replace("plaintext-", "")} ${port}`,
              )
            : [],
        );
        const listed = exceptionsOf(graph)
          .filter(({ to }) => graph.workloads[to]?.gateway !== true)
          .map(({ to, port }) => `${to} ${String(port)}`);
        expect(made.sort()).toEqual([...new Set(listed)].sort());
      }),
      { numRuns: 100 },
    );
  });

  test("have the same policies in whatever order edges are declared", () => {
    fc.assert(
      fc.property(meshGraphs, (graph) => {
        expect(all({ ...graph, edges: graph.edges.toReversed() })).toEqual(all(graph));
      }),
      { numRuns: 100 },
    );
  });
});

describe("tokens", () => {
  const key = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
  const jwt = jwtSchema.parse({
    issuer: "https://login.example",
    audiences: ["shop"],
    jwks: { keys: [key] },
    openPaths: ["/api/healthz"],
  });
  const graph = graphWith([anyone, "istio-ingress/gateway", "https"], [anyone, "istio-ingress/gateway", "http"]);
  const { atGateway } = planAuthorization(graph, jwt);

  test("are taken out of one header, and checked with the keys that are given", () => {
    expect(atGateway.find(({ kind }) => kind === "RequestAuthentication")).toEqual({
      kind: "RequestAuthentication",
      metadata: { name: "tokens", namespace: "istio-ingress" },
      spec: {
        selector: { matchLabels: gatewayLabels },
        jwtRules: [
          {
            issuer: "https://login.example",
            audiences: ["shop"],
            fromHeaders: [{ name: "Authorization", prefix: "Bearer " }],
            jwks: JSON.stringify({ keys: [key] }),
          },
        ],
      },
    });
  });

  test("are checked with the keys of a server", () => {
    const jwksUri = "https://login.example/keys";
    const plan = planAuthorization(graph, { ...jwt, jwks: undefined, jwksUri, jwksNetworks: ["192.0.2.0/24"] });
    const [rule] = plan.atGateway.flatMap((one) => (one.kind === "RequestAuthentication" ? one.spec.jwtRules : []));
    expect(rule).toMatchObject({ jwksUri });
    expect(rule).not.toHaveProperty("jwks");
  });

  test.each([
    ["a token", { token: true, port: 8443, path: "/api/orders" }, true],
    ["no token", { port: 8443, path: "/api/orders" }, false],
    ["no token, on an open path", { port: 8443, path: "/api/healthz" }, true],
    ["no token, on an open path that is written otherwise", { port: 8443, path: "/api/healthz/" }, false],
    ["no token, to be sent on to HTTPS", { port: 8080, path: "/api/orders" }, true],
    ["a token, where no listener is declared", { token: true, port: 9090 }, false],
  ])("let in with %s", (_name, request, wanted) => {
    expect(letsIn(atGateway, { ...request, to: gateway })).toBe(wanted);
  });

  test("are asked for on every path unless some stay open", () => {
    const plan = planAuthorization(graph, { ...jwt, openPaths: [] });
    const denied = plan.atGateway.find(({ metadata }) => metadata.name === "require-token");
    expect(denied?.spec).toMatchObject({ rules: [{ to: [{ operation: { ports: ["8443"] } }] }] });
    expect(letsIn(plan.atGateway, { port: 8443, path: "/api/healthz", to: gateway })).toBe(false);
  });

  test("are nobody's business without them in the configuration", () => {
    expect(planAuthorization(graph).atGateway.map(({ metadata }) => metadata.name)).toEqual([
      "default",
      "allow-gateway",
    ]);
  });
});
