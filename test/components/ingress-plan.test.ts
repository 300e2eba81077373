import { clusterHalf } from "../../components/cluster/half.ts";
import { coreDnsHalf } from "../../components/coredns-plan.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import {
  frontOf,
  ingressHalf,
  type IngressSpec,
  planIngress,
  planRoute,
  publicUrl,
} from "../../components/ingress-plan.ts";
import { type GatewayConfig, ingressSchema } from "../../components/ingress-schema.ts";
import { istioHalf } from "../../components/istio-plan.ts";
import { backendHalf } from "../../components/backend-plan.ts";
import { facts, noDns } from "../lib/stacks.ts";

/** The configuration with these keys, and every other default. */
function configured(more: object = {}): GatewayConfig {
  const config = ingressSchema.parse({ kind: "gateway", ...more });
  if (config.kind !== "gateway") throw new Error("It is configured to be none.");
  return config;
}

describe("where clients find it", () => {
  test("the workers answer on bare nodes", () => {
    expect(frontOf(configured(), facts)).toEqual({
      exposure: {
        kind: "nodes",
        nodes: ["qke-worker-49-2", "qke-worker-181-2"],
        ports: { http: 30080, https: 30443 },
      },
      ports: { http: 30080, https: 30443 },
      addresses: ["172.20.20.12", "172.20.20.52"],
    });
  });

  test("every node does where none is a worker, or those that are named", () => {
    const servers = facts.nodes.filter(({ role }) => role === "control-plane");
    expect(frontOf(configured(), { ...facts, nodes: servers }).addresses).toEqual([
      "172.20.20.1",
      "172.20.20.11",
      "172.20.20.51",
    ]);
    expect(frontOf(configured({ nodes: ["qke-master"] }), facts)).toMatchObject({
      exposure: { nodes: ["qke-master"] },
      addresses: ["172.20.20.1"],
    });
  });

  test("something in front of the nodes may have ports of its own", () => {
    const front = frontOf(configured({ clientPorts: {} }), facts);
    expect(front.ports).toEqual({ http: 80, https: 443 });
    expect(front.exposure).toMatchObject({ ports: { http: 30080, https: 30443 } });
  });

  test("a host answers for its nodes", () => {
    const { addresses } = frontOf(configured(), { ...facts, loadBalancer: "host" });
    expect(addresses).toEqual(["172.20.20.254"]);
  });

  test("a cloud's load balancer has the ports of the web, and an address once it is made", () => {
    const config = configured({ sources: ["192.0.2.0/24"], reachableFrom: "vpc" });
    expect(frontOf(config, { ...facts, loadBalancer: "cloud", awsLoadBalancers: "auto-mode" })).toEqual({
      exposure: { kind: "cloud", by: "auto-mode", reachableFrom: "vpc", sources: ["192.0.2.0/24"] },
      ports: { http: 80, https: 443 },
      addresses: [],
    });
  });

  test.each([
    [443, "https://enroll.example/api"],
    [30443, "https://enroll.example:30443/api"],
  ])("port %p is in the URL where browsers need it", (https, url) => {
    expect(publicUrl(configured(), { ports: { http: 80, https } })).toBe(url);
  });
});

const spec: IngressSpec = {
  host: "shop.example",
  aliases: ["www.shop.example"],
  path: "/api",
  limits: { requestsPerSecond: 50, burst: 80, body: "1Mi", headersKiB: 32 },
  trustedProxies: 0,
  ports: { http: 30080, https: 30443 },
  clusterDomain: "cluster.local",
  backend: { namespace: "store", service: "backend", port: 80 },
  live: true,
};
const plan = planIngress(spec);

describe("the routes", () => {
  test("only the namespaces of what is behind it may attach to HTTPS, and only the gateway's own to HTTP", () => {
    const attaching = ({ gateway }: typeof plan) =>
      gateway.spec.listeners.map(({ name, allowedRoutes }) => [name, allowedRoutes.namespaces]);
    const among = (values: string[]) => ({
      from: "Selector",
      selector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
    });
    expect(attaching(plan)).toEqual([
      ["http", { from: "Same" }],
      ["https", among(["store"])],
    ]);
    const others = ["books", "store"].map((namespace) => ({ namespace, service: "order", port: 80, path: "/books" }));
    expect(attaching(planIngress({ ...spec, others }))).toEqual([
      ["http", { from: "Same" }],
      ["https", among(["books", "store"])],
    ]);
  });

  test("another Service is reached in the same way, by a path of its own", () => {
    const { metadata, spec: own } = planRoute({ namespace: "books", service: "order", port: 81, path: "/books" }, spec);
    expect(metadata).toEqual({ ...plan.route.metadata, name: "order", namespace: "books" });
    expect(own).toEqual({
      ...plan.route.spec,
      rules: [
        {
          ...plan.route.spec.rules[0],
          matches: [{ path: { type: "PathPrefix", value: "/books" } }],
          backendRefs: [{ group: "", kind: "Service", name: "order", port: 81, weight: 1 }],
        },
      ],
    });
  });

  test("HTTP is sent on to the port of HTTPS that clients call, for good", () => {
    expect(plan.redirect.spec).toMatchObject({
      hostnames: ["shop.example", "www.shop.example"],
      parentRefs: [{ sectionName: "http" }],
      rules: [{ filters: [{ requestRedirect: { scheme: "https", port: 30443, statusCode: 301 } }] }],
    });
  });

  test("the backend sees paths without their public beginning", () => {
    expect(plan.route.spec).toEqual({
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          name: "gateway",
          namespace: "istio-ingress",
          sectionName: "https",
        },
      ],
      hostnames: ["shop.example", "www.shop.example"],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/api" } }],
          filters: [
            { type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } },
          ],
          backendRefs: [{ group: "", kind: "Service", name: "backend", port: 80, weight: 1 }],
        },
      ],
    });
    expect(planIngress({ ...spec, path: "/" }).route.spec.rules[0]).not.toHaveProperty("filters");
  });

  test("are waited for, but on simulated nodes", () => {
    const waiting = ({ live }: { live: boolean }) =>
      Object.values(planIngress({ ...spec, live })).filter(({ metadata }) => "annotations" in metadata).length;
    expect(waiting({ live: true })).toBe(3);
    expect(waiting({ live: false })).toBe(0);
  });
});

describe("the limits", () => {
  const patches = (more: Partial<IngressSpec> = {}) => planIngress({ ...spec, ...more }).limits.spec.configPatches;
  const find = (text: string, more: Partial<IngressSpec> = {}) =>
    patches(more).filter((patch) => JSON.stringify(patch).includes(text));

  test("each public name has a bucket of its own, and nothing else has one", () => {
    const buckets = find("token_bucket");
    expect(buckets.map(({ match }) => match)).toEqual(
      ["shop.example:443", "www.shop.example:443"].map((name) => ({
        context: "GATEWAY",
        routeConfiguration: { vhost: { name } },
      })),
    );
    for (const { patch } of buckets) {
      expect(JSON.stringify(patch)).toContain(
        '"token_bucket":{"max_tokens":80,"tokens_per_fill":50,"fill_interval":"1s"}',
      );
    }
  });

  test("a burst is as large as the rate where none is said", () => {
    const limits = { requestsPerSecond: 50, body: "1Mi", headersKiB: 32 };
    expect(JSON.stringify(find("token_bucket", { limits }))).toContain('"max_tokens":50');
  });

  test("bodies are counted in bytes", () => {
    expect(JSON.stringify(find("max_request_bytes"))).toContain('"max_request_bytes":1048576');
  });

  test("what clients say of their own address counts only where a proxy stands in front", () => {
    expect(find("x-forwarded-for")).toHaveLength(1);
    expect(find("x-forwarded-for", { trustedProxies: 1 })).toEqual([]);
    expect(JSON.stringify(find("max_request_headers_kb"))).toContain('"max_request_headers_kb":32');
  });
});

describe("its half of the connectivity graph", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const closed = "every-pod" as const;
  const graph = (sources?: string[]) =>
    graphOf(around, [
      clusterHalf(around),
      coreDnsHalf(noDns, around),
      istioHalf({ name: "1-2-3" }, { closed }),
      ingressHalf(sources === undefined ? {} : { sources }, { facts: around, backend: "store/backend", closed }),
      backendHalf("backend", { namespace: "store", closed, open: false }),
    ]);

  test("the way in is the gateway's alone", () => {
    expect(proveConnectivity(graph(), planPolicies(graph()))).toEqual([]);
    expect(
      graph()
        .edges.filter(({ from, to }) => `${from} ${to}`.includes("istio-ingress"))
        .map(({ from, to, port }) => `${from} -> ${to} ${port}`),
    ).toEqual([
      "anyone -> istio-ingress/gateway https",
      "anyone -> istio-ingress/gateway http",
      "istio-ingress/gateway -> istio-system/istiod xds",
      "istio-ingress/gateway -> kube-system/coredns dns",
      "istio-ingress/gateway -> kube-system/coredns dns-tcp",
      "istio-ingress/gateway -> store/backend http",
      "api-server -> istio-ingress/gateway metrics",
    ]);
  });

  test("only the configured networks are let in", () => {
    const few = graph(["192.0.2.0/24"]);
    expect(proveConnectivity(few, planPolicies(few))).toEqual([]);
    expect(few.peers["clients"]?.cidrs).toEqual(["192.0.2.0/24"]);
    expect(few.edges.some(({ from, to }) => from === "anyone" && to === "istio-ingress/gateway")).toBe(false);
    const wide = graph(["10.0.0.0/8"]);
    expect(proveConnectivity(wide, planPolicies(wide))).toEqual([]);
    expect(wide.peers["clients"]?.except).toEqual([facts.podCidr, facts.serviceCidr]);
    expect(
      graph(["192.0.2.0/24", "0.0.0.0/0"]).edges.filter(
        ({ from, to }) => `${from} ${to}` === "anyone istio-ingress/gateway",
      ),
    ).toHaveLength(2);
  });
});
