import { evaluator } from "../../components/network-policy.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { planExternals } from "../../components/externals-plan.ts";
import { type Externals, externalsSchema } from "../../components/externals-schema.ts";
import { parseConfig } from "../../config.ts";
import { platformGraph } from "../../components/platform-graph.ts";
import { fixtures } from "../lib/fixtures.ts";
import { host, stackGraph } from "../lib/stacks.ts";

// One refused fixture for each rule lies in test/config/invalid, and the one that is accepted is planned here.

const example = parseConfig(fixtures("valid").find(({ name }) => name === "externals")?.values ?? {}, host);
const graph = stackGraph(example);
const { serviceEntries, sidecars } = planExternals(example.mesh.externals, graph);
const specOf = (name: string) => serviceEntries.find(({ metadata }) => metadata.name === name)?.spec;
const planOf = (externals: object) => planExternals(externalsSchema.parse(externals), graph);
const one = (more: object = {}): Externals =>
  externalsSchema.parse({
    search: {
      hosts: ["search.example"],
      ports: [{ port: 443, protocol: "HTTPS" }],
      addresses: ["192.0.2.0/24"],
      from: ["bookstore/catalog"],
      ...more,
    },
  });

test("a name is resolved, and the namespaces of callers alone get it", () => {
  expect(specOf("payments")).toEqual({
    hosts: ["api.payments.example", "files.payments.example"],
    ports: [
      { number: 443, name: "https-443", protocol: "HTTPS" },
      { number: 8080, name: "http-8080", protocol: "HTTP" },
    ],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    exportTo: ["bookstore"],
  });
  expect(specOf("anywhere")).toMatchObject({ exportTo: ["backend", "shop-web"] });
});

test("calls by TCP are told by their address, and a static external is its addresses", () => {
  expect(specOf("queue")).toEqual({
    hosts: ["queue.example"],
    addresses: ["203.0.113.9/32"],
    ports: [{ number: 5671, name: "tcp-5671", protocol: "TCP" }],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    endpoints: [{ address: "203.0.113.9" }],
    exportTo: ["bookstore"],
  });
});

test("every ServiceEntry stands in the root namespace under its own name", () => {
  expect(serviceEntries.map(({ metadata }) => metadata)).toEqual(
    ["anywhere", "payments", "queue"].map((name) => ({ name, namespace: "istio-system" })),
  );
});

test("only the workloads that may call an external know it, and everybody in a namespace that may as a whole", () => {
  const payments = ["istio-system/api.payments.example", "istio-system/files.payments.example"];
  const labels = (name: string) => ({ labels: { "app.kubernetes.io/name": name } });
  const inBookstore = ["./*", "istio-system/queue.example"];
  expect(sidecars).toEqual([
    { metadata: { name: "default", namespace: "backend" }, spec: { egress: [{ hosts: ["./*"] }] } },
    {
      metadata: { name: "backend", namespace: "backend" },
      spec: { workloadSelector: labels("backend"), egress: [{ hosts: ["./*", "istio-system/search.example"] }] },
    },
    { metadata: { name: "default", namespace: "bookstore" }, spec: { egress: [{ hosts: inBookstore }] } },
    ...["order", "payment"].map((name) => ({
      metadata: { name, namespace: "bookstore" },
      spec: { workloadSelector: labels(name), egress: [{ hosts: [...inBookstore, ...payments] }] },
    })),
  ]);
});

test("without externals for single workloads proxies know what they knew", () => {
  expect(planOf({})).toEqual({ serviceEntries: [], sidecars: [] });
  expect(planExternals(one({ from: ["bookstore"] }), graph).sidecars).toEqual([]);
});

test("a workload that may call what its namespace may is as any other", () => {
  const both = planExternals(one({ from: ["bookstore", "bookstore/catalog"] }), graph);
  expect(both.sidecars.map(({ metadata }) => metadata.name)).toEqual(["default"]);
});

test("whom edges lead to in other namespaces of the mesh stays known", () => {
  const edges = [
    { from: "bookstore/order", to: "backend/backend", port: "http", why: "as a test" },
    { from: "bookstore/*", to: "shop-web/*", port: "8080/TCP", why: "as a test" },
  ];
  const { sidecars: more } = planExternals(one(), { ...graph, edges: [...graph.edges, ...edges] });
  expect(more[0]?.spec.egress).toEqual([{ hosts: ["./*", "backend/*", "shop-web/*"] }]);
});

test("where requests are followed, proxies know Jaeger, which is in no mesh", () => {
  const traced = platformGraph({ ...example, facts: example.cluster.facts, tracing: { kind: "jaeger" } });
  const { sidecars: more } = planExternals(one(), traced);
  expect(more[0]?.spec.egress).toEqual([{ hosts: ["./*", "tracing/*"] }]);
});

test("policies let callers out to the addresses and ports that are declared, and nobody else", () => {
  const { letsOut } = evaluator({ namespaces: {}, policies: planPolicies(graph) });
  const from = (namespace: string, name: string) => ({
    address: "10.42.1.7",
    pod: { namespace, labels: { "app.kubernetes.io/name": name } },
  });
  const calls = (namespace: string, name: string) =>
    [
      ["192.0.2.9", 443],
      ["198.51.100.7", 8080],
      ["198.51.100.8", 443],
      ["192.0.2.9", 80],
      ["203.0.113.9", 5671],
      ["10.43.0.9", 443],
      ["169.254.169.254", 443],
    ].map(([address, port]) =>
      letsOut({ from: from(namespace, name), to: { address: String(address) }, protocol: "TCP", port: Number(port) }),
    );
  expect(calls("bookstore", "payment")).toEqual([true, true, false, false, true, false, false]);
  expect(calls("bookstore", "catalog")).toEqual([false, false, false, false, true, false, false]);
  expect(calls("backend", "backend")).toEqual([true, false, true, false, false, false, false]);
  expect(calls("shop-web", "any")).toEqual([true, false, true, false, false, false, false]);
});
