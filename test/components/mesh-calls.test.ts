import { type Edge, graphOf } from "../../components/connectivity-graph.ts";
import { type MeshCall, meshCalls, outside } from "../../components/mesh-calls.ts";
import { platformGraph } from "../../components/platform-graph.ts";
import { declared } from "../topology/fixture.ts";
import { facts, stackConfig } from "../lib/stacks.ts";

const workload = (namespace: string, name: string, gateway = false) => ({
  namespace,
  name,
  labels: { app: name },
  serviceAccount: name,
  ports: {
    http: { port: 8080 },
    more: { port: 9090 },
    metrics: { port: 15090 },
    dns: { port: 53, protocol: "UDP" as const },
  },
  gateway,
});
/** From whom to whom on which port. */
type Ends = readonly [from: string, to: string, port: string];

const callsOf = (...edges: readonly Ends[]) =>
  meshCalls(
    graphOf(facts, [
      {
        of: "test",
        namespaces: {
          shop: { closed: "every-pod", meshed: "closed" },
          edge: { closed: "every-pod", meshed: "closed" },
          depot: { closed: "every-pod", meshed: "open" },
          plain: { closed: "every-pod" },
        },
        workloads: [
          workload("shop", "web"),
          workload("shop", "db"),
          workload("edge", "gate", true),
          workload("plain", "old"),
        ],
        edges: edges.map(([from, to, port]): Edge => ({ from, to, port, why: "it is a test" })),
      },
    ]),
  );

test.each<[string, readonly Ends[], MeshCall[]]>([
  ["a call between two of the mesh", [["shop/web", "shop/db", "http"]], [{ from: "shop/web", to: "shop/db" }]],
  ["one of a whole namespace", [["shop/*", "depot/*", "80/TCP"]], [{ from: "shop/*", to: "depot/*" }]],
  ["one of clients at a gateway", [["anyone", "edge/gate", "http"]], [{ from: outside, to: "edge/gate" }]],
])("%s is one of the mesh", (_, edges, expected) => {
  expect(callsOf(...edges)).toEqual(expected);
});

test.each<[string, Ends]>([
  ["a call to whom no proxy is", ["shop/web", "plain/old", "http"]],
  ["a call of whom no proxy is", ["plain/old", "shop/web", "http"]],
  ["a call of anyone, but at a gateway", ["anyone", "shop/web", "http"]],
  ["a call of a proxy's own port", ["shop/web", "shop/db", "metrics"]],
  ["a call that is no TCP", ["shop/web", "shop/db", "dns"]],
])("%s is none", (_, edge) => {
  expect(callsOf(edge)).toEqual([]);
});

test("two ports of the same ends are one call, and calls are in order", () => {
  expect(
    callsOf(
      ["shop/web", "shop/db", "http"],
      ["edge/gate", "shop/web", "http"],
      ["shop/*", "shop/db", "http"],
      ["shop/web", "shop/db", "more"],
    ),
  ).toEqual([
    { from: "edge/gate", to: "shop/web" },
    { from: "shop/*", to: "shop/db" },
    { from: "shop/web", to: "shop/db" },
  ]);
});

test("the dev stack has the bookstore's calls and the gateway's", () => {
  const config = stackConfig("dev");
  const calls = meshCalls(platformGraph({ ...config, facts: config.cluster.facts }));
  const ends = ({ from, to }: { from: string; to: string }) => `${from} ${to}`;
  expect(calls.map(ends)).toEqual(declared.map(ends).sort());
});
