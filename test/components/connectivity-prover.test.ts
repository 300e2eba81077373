import fc from "fast-check";
import { type Graph, graphOf, type Half } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { graphEvaluator, proveConnectivity } from "../../components/connectivity-prover.ts";
import { type Call, evaluator, type NetworkPolicy, type PolicySpec } from "../../components/network-policy.ts";
import { anyGraphs, ranges, strictGraphs } from "../lib/topologies.ts";

/** A shop behind a gateway, in a cluster whose DNS is not ours to close. */
const shop: Half = {
  of: "shop",
  namespaces: { shop: { closed: "every-pod" }, gateway: { closed: "every-pod" }, "kube-system": { closed: "none" } },
  workloads: [
    { namespace: "gateway", name: "gateway", labels: { app: "gateway" }, ports: { https: { port: 8443 } } },
    { namespace: "shop", name: "web", labels: { app: "web" }, ports: { http: { port: 1323 } } },
    {
      namespace: "kube-system",
      name: "dns",
      labels: { "k8s-app": "kube-dns" },
      ports: { dns: { port: 53, protocol: "UDP" } },
    },
  ],
  peers: { internet: { cidrs: ["0.0.0.0/0"], except: ["10.42.0.0/16", "10.43.0.0/16"] } },
  edges: [
    { from: "internet", to: "gateway/gateway", port: "https", why: "customers" },
    { from: "gateway/gateway", to: "shop/web", port: "http", why: "requests" },
    { from: "gateway/gateway", to: "kube-system/dns", port: "dns", why: "names" },
  ],
};
const graph = graphOf(ranges, [shop]);
const policies = planPolicies(graph);

/** Policies with the spec of one changed. */
const changed = (name: string, change: (spec: PolicySpec) => PolicySpec) =>
  policies.map((policy) => (policy.name === name ? { ...policy, spec: change(policy.spec) } : policy));

test("what is planned is what is declared", () => {
  expect(proveConnectivity(graph, policies)).toEqual([]);
});

describe("a graph is read as its policies are", () => {
  const pod = (namespace: string, app: string, address: string) => ({ address, pod: { namespace, labels: { app } } });
  const [gateway, web] = [pod("gateway", "gateway", "10.42.0.1"), pod("shop", "web", "10.42.0.2")];
  const [stranger, customer] = [pod("elsewhere", "web", "10.42.0.3"), { address: "192.0.2.7" }];

  test.each([
    ["an edge", gateway, web, 1323, true],
    ["another port", gateway, web, 80, false],
    ["the way back", web, gateway, 8443, false],
    ["a peer", customer, gateway, 8443, true],
    ["a namespace that the graph does not know", stranger, web, 1323, false],
  ])("%s", (_, from, to, port, wanted) => {
    const call: Call = { from, to, protocol: "TCP", port };
    expect(graphEvaluator(graph).allows(call)).toBe(wanted);
    expect(evaluator({ namespaces: {}, policies }).allows(call)).toBe(wanted);
  });

  test("at random", () => {
    fc.assert(
      fc.property(anyGraphs, (any) => {
        const [declared, enforced] = [
          graphEvaluator(any),
          evaluator({ namespaces: {}, policies: planPolicies(any), blocksMatchPods: false }),
        ];
        const ends = [
          ...Object.values(any.workloads).map(({ namespace, labels }, index) => ({
            address: `10.42.1.${String(index + 1)}`,
            pod: { namespace, labels },
          })),
          ...["172.20.20.1", "192.0.2.1"].map((address) => ({ address })),
        ];
        for (const from of ends) {
          for (const to of ends) {
            for (const port of [80, 9090, 10250]) {
              const call: Call = { from, to, protocol: "TCP", port };
              if (from !== to) expect(declared.allows(call)).toBe(enforced.allows(call));
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("a difference is told in a sentence", () => {
  test("a policy that is missing", () => {
    expect(
      proveConnectivity(
        graph,
        policies.filter(({ name }) => name !== "allow-web"),
      ),
    ).toEqual(["shop/web does not let in gateway/gateway on TCP 1323, which an edge declares"]);
  });

  test("a namespace that nothing closes", () => {
    const found = proveConnectivity(
      graph,
      policies.filter(({ name, namespace }) => `${namespace}/${name}` !== "shop/default"),
    );
    expect(found).toContain(
      "any other pod of shop lets in gateway/gateway on every port of TCP, every port of UDP, every port of SCTP, which no edge declares",
    );
    expect(found).toContain(
      "any other pod of shop is let out to the addresses 10.44.0.0 to 255.255.255.255 on every port of TCP, every port of UDP, every port of SCTP, which no edge declares",
    );
    expect(found.every((sentence) => /any other pod of shop|with the labels of/.test(sentence))).toBe(true);
  });

  test("a rule that forgets the caller's namespace", () => {
    const found = proveConnectivity(
      graph,
      changed("allow-web", (spec) => ({
        ...spec,
        ingress: [{ from: [{ podSelector: { matchLabels: { app: "gateway" } } }], ports: [{ port: 1323 }] }],
      })),
    );
    expect(found).toEqual([
      "shop/web does not let in gateway/gateway on TCP 1323, which an edge declares",
      "shop/web lets in a pod of shop with the labels of gateway/gateway on TCP 1323, which no edge declares",
    ]);
  });

  test("a rule that trusts a label in every namespace", () => {
    const found = proveConnectivity(
      graph,
      changed("allow-web", (spec) => ({
        ...spec,
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "gateway" } } }],
            ports: [{ port: 1323 }],
          },
        ],
      })),
    );
    expect(found.sort()).toEqual(
      ["an unknown namespace", "kube-system", "shop"].map(
        (where) =>
          `shop/web lets in a pod of ${where} with the labels of gateway/gateway on TCP 1323, which no edge declares`,
      ),
    );
  });

  test("a port, and the range around it", () => {
    const ports = (port: object) =>
      proveConnectivity(
        graph,
        changed("allow-web", ({ ingress = [], ...spec }) => ({
          ...spec,
          ingress: ingress.map((rule) => ({ ...rule, ports: [port] })),
        })),
      );
    expect(ports({ port: 80 })).toEqual([
      "shop/web does not let in gateway/gateway on TCP 1323, which an edge declares",
      "shop/web lets in gateway/gateway on TCP 80, which no edge declares",
    ]);
    expect(ports({ port: 1000, endPort: 2000 })).toEqual([
      "shop/web lets in gateway/gateway on TCP 1000-1322, TCP 1324-2000, which no edge declares",
    ]);
    expect(ports({ protocol: "UDP", port: 1323 })).toHaveLength(2);
    expect(ports({ port: "http" })).toEqual([]);
  });

  test("an address too many, and one too few", () => {
    const block = (ipBlock: { cidr: string; except?: string[] }) =>
      proveConnectivity(
        graph,
        changed("allow-gateway", ({ ingress = [], ...spec }) => ({
          ...spec,
          ingress: ingress.map((rule) => ({ ...rule, from: [{ ipBlock }] })),
        })),
      );
    expect(block({ cidr: "0.0.0.0/0", except: ["10.42.0.0/16"] })).toEqual([
      "gateway/gateway lets in the addresses 10.43.0.0 to 10.43.255.255 on TCP 8443, which no edge declares",
    ]);
    expect(block({ cidr: "0.0.0.0/0", except: ["10.42.0.0/16", "10.43.0.0/16", "192.0.2.1/32"] })).toEqual([
      "gateway/gateway does not let in the address 192.0.2.1 on TCP 8443, which an edge declares",
    ]);
  });

  test("a policy that binds pods of others", () => {
    const reaching = [
      { namespace: "kube-system", name: "reaching", spec: { podSelector: {}, policyTypes: ["Egress" as const] } },
    ];
    expect(proveConnectivity(graph, [...policies, ...reaching])).toContain(
      "kube-system/dns is not let out to the addresses 10.44.0.0 to 255.255.255.255 on every port of TCP, every port of UDP, every port of SCTP, which the graph does not close",
    );
  });

  test("a block that matches pods in some networks only, even where the graph lets them through", () => {
    const open: Graph = {
      ...graph,
      edges: [{ from: "gateway/gateway", to: "shop/web", port: "http", why: "requests" }],
    };
    const byAddress = planPolicies(open).map((policy) =>
      policy.name === "allow-web"
        ? {
            ...policy,
            spec: {
              ...policy.spec,
              ingress: [{ from: [{ ipBlock: { cidr: "10.42.0.0/16" } }], ports: [{ port: 1323 }] }],
            },
          }
        : policy,
    );
    expect(proveConnectivity(open, byAddress)).toContain(
      "shop/web does not let in gateway/gateway on TCP 1323, which an edge declares",
    );
  });
});

test("what is planned for any graph is what it declares", () => {
  fc.assert(
    fc.property(anyGraphs, (any) => {
      expect(proveConnectivity(any, planPolicies(any))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** Every list that lacks one of its items. */
const shorter = <T>(list: readonly T[] = []): T[][] => list.map((_, index) => list.toSpliced(index, 1));

/**
 * Every way to take one thing away. A list that would become empty takes the rule with it, since an empty one stands
 * for everybody.
 */
function weakened(all: readonly NetworkPolicy[]): NetworkPolicy[][] {
  const inside = all.flatMap((policy, at) =>
    (["ingress", "egress"] as const).flatMap((side) => {
      const rules = policy.spec[side] ?? [];
      const peersKey = side === "ingress" ? "from" : "to";
      const variants: object[][] = [
        ...shorter<object>(rules),
        ...rules.flatMap((rule: { from?: object[]; to?: object[]; ports?: object[] }, index) =>
          ([peersKey, "ports"] as const).flatMap((key) =>
            shorter(rule[key]).flatMap((list) =>
              list.length === 0 ? [] : [rules.with(index, { ...rule, [key]: list })],
            ),
          ),
        ),
      ];
      return variants.map((list) => all.with(at, { ...policy, spec: { ...policy.spec, [side]: list } }));
    }),
  );
  return [...shorter(all), ...inside];
}

test("no edge can be taken from a graph without a complaint", () => {
  fc.assert(
    fc.property(strictGraphs, (strict) => {
      const all = planPolicies(strict);
      for (const edges of shorter(strict.edges)) expect(proveConnectivity({ ...strict, edges }, all)).not.toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("no policy, rule, peer or port can be taken away without a complaint", () => {
  fc.assert(
    fc.property(strictGraphs, (strict) => {
      for (const fewer of weakened(planPolicies(strict))) expect(proveConnectivity(strict, fewer)).not.toEqual([]);
    }),
    { numRuns: 40 },
  );
});
