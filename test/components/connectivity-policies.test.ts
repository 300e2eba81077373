import fc from "fast-check";
import { graphOf, type Half, type NamespaceRules } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { anyGraphs, ranges } from "../lib/topologies.ts";

const web = {
  namespace: "shop",
  name: "web",
  labels: { app: "web", tier: "front" },
  selector: { app: "web" },
  ports: { http: { port: 1323 }, metrics: { port: 9797 } },
};
const gateway = { namespace: "gateway", name: "gateway", labels: { app: "gateway" }, ports: { https: { port: 8443 } } };
const cache = { namespace: "shop", name: "cache", labels: { app: "cache" }, ports: { redis: { port: 6379 } } };
const dns = {
  namespace: "kube-system",
  name: "coredns",
  labels: { "k8s-app": "kube-dns" },
  ports: { dns: { port: 53, protocol: "UDP" }, "dns-tcp": { port: 53 } },
} as const;
const open: NamespaceRules = { closed: "none" };
const closed: NamespaceRules = { closed: "every-pod" };
const why = "it is tried";

const plan = (more: Partial<Half>) =>
  planPolicies(
    graphOf(ranges, [
      {
        of: "shop",
        namespaces: { shop: closed, gateway: closed, "kube-system": open },
        workloads: [web, gateway, cache, dns],
        peers: { "api-server": { cidrs: ["172.20.20.1/32", "172.20.20.11/32"], ports: { https: { port: 6443 } } } },
        ...more,
      },
    ]),
  );
const specs = (more: Partial<Half>) =>
  Object.fromEntries(plan(more).map(({ namespace, name, spec }) => [`${namespace}/${name}`, spec]));
const both = ["Ingress", "Egress"];
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
const shut = { podSelector: {}, policyTypes: both };

test("without an edge there is one policy for each namespace, which closes it", () => {
  expect(specs({})).toEqual({ "gateway/default": shut, "shop/default": shut });
});

test("an edge has its two sides, each with the selector and the port of the pods", () => {
  expect(specs({ edges: [{ from: "gateway/gateway", to: "shop/web", port: "http", why }] })).toEqual({
    "gateway/default": shut,
    "gateway/allow-gateway": {
      podSelector: { matchLabels: { app: "gateway" } },
      policyTypes: both,
      egress: [
        {
          to: [{ ...inNamespace("shop"), podSelector: { matchLabels: { app: "web" } } }],
          ports: [{ protocol: "TCP", port: 1323 }],
        },
      ],
    },
    "shop/default": shut,
    "shop/allow-web": {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: both,
      ingress: [
        {
          from: [{ ...inNamespace("gateway"), podSelector: { matchLabels: { app: "gateway" } } }],
          ports: [{ protocol: "TCP", port: 1323 }],
        },
      ],
    },
  });
});

test("inside a namespace it is not named, DNS has both protocols, and addresses are those of endpoints", () => {
  const found = specs({
    edges: [
      { from: "shop/web", to: "shop/cache", port: "redis", why },
      { from: "shop/web", to: "kube-system/coredns", port: "dns", why },
      { from: "shop/web", to: "kube-system/coredns", port: "dns-tcp", why },
      { from: "shop/web", to: "api-server", port: "https", why },
    ],
  });
  expect(Object.keys(found)).toEqual(["gateway/default", "shop/allow-cache", "shop/allow-web", "shop/default"]);
  expect(found["shop/allow-web"]).toEqual({
    podSelector: { matchLabels: { app: "web" } },
    policyTypes: both,
    egress: [
      {
        to: [{ ipBlock: { cidr: "172.20.20.1/32" } }, { ipBlock: { cidr: "172.20.20.11/32" } }],
        ports: [{ protocol: "TCP", port: 6443 }],
      },
      {
        to: [{ ...inNamespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
        ports: [
          { protocol: "TCP", port: 53 },
          { protocol: "UDP", port: 53 },
        ],
      },
      { to: [{ podSelector: { matchLabels: { app: "cache" } } }], ports: [{ protocol: "TCP", port: 6379 }] },
    ],
  });
});

test("what anyone may is said once, and the rest beside it", () => {
  const { "shop/allow-web": spec } = specs({
    edges: [
      { from: "anyone", to: "shop/web", port: "http", why },
      { from: "gateway/gateway", to: "shop/web", port: "http", why },
      { from: "gateway/gateway", to: "shop/web", port: "metrics", why },
    ],
  });
  expect(spec?.ingress).toEqual([
    { ports: [{ protocol: "TCP", port: 1323 }] },
    {
      from: [{ ...inNamespace("gateway"), podSelector: { matchLabels: { app: "gateway" } } }],
      ports: [{ protocol: "TCP", port: 9797 }],
    },
  ]);
});

test("what every pod may stands in the policy of every pod", () => {
  const { "shop/default": spec } = specs({
    edges: [
      { from: "shop/*", to: "shop/*", port: "*", why },
      { from: "gateway/*", to: "shop/*", port: "8080/TCP", why },
      { from: "kube-system/*", to: "shop/*", port: "8080/TCP", why },
    ],
  });
  expect(spec).toEqual({
    ...shut,
    ingress: [
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [
                { key: "kubernetes.io/metadata.name", operator: "In", values: ["gateway", "kube-system"] },
              ],
            },
          },
        ],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
      { from: [{ podSelector: {} }] },
    ],
    egress: [{ to: [{ podSelector: {} }] }],
  });
});

test("where others run, too, only declared pods are bound, and each of them says what every pod may", () => {
  const namespaces = { shop: closed, gateway: closed, "kube-system": { closed: "workloads" } } as const;
  const edges = [
    { from: "anyone", to: "kube-system/coredns", port: "dns", why },
    { from: "kube-system/*", to: "api-server", port: "https", why },
  ];
  const found = specs({ namespaces, edges });
  expect(Object.keys(found)).toEqual(["gateway/default", "kube-system/allow-coredns", "shop/default"]);
  expect(found["kube-system/allow-coredns"]).toEqual({
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    policyTypes: both,
    ingress: [{ ports: [{ protocol: "UDP", port: 53 }] }],
    egress: [
      {
        to: [{ ipBlock: { cidr: "172.20.20.1/32" } }, { ipBlock: { cidr: "172.20.20.11/32" } }],
        ports: [{ protocol: "TCP", port: 6443 }],
      },
    ],
  });
  expect(specs({ namespaces })["kube-system/allow-coredns"]).toEqual({
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    policyTypes: both,
  });
});

test("the order in which edges and workloads are declared changes nothing", () => {
  fc.assert(
    fc.property(anyGraphs, fc.infiniteStream(fc.nat()), (graph, random) => {
      const shuffled = <T>(list: readonly T[]) =>
        list
          .map((item) => [random.next().value ?? 0, item] as const)
          .sort(([a], [b]) => a - b)
          .map(([, item]) => item);
      const other = {
        ...graph,
        edges: shuffled(graph.edges),
        workloads: Object.fromEntries(shuffled(Object.entries(graph.workloads))),
        namespaces: Object.fromEntries(shuffled(Object.entries(graph.namespaces))),
      };
      expect(planPolicies(other)).toEqual(planPolicies(graph));
    }),
    { numRuns: 100 },
  );
});
