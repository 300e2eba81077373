import fc from "fast-check";
import { type MeshCall, outside } from "../../components/mesh-calls.ts";
import type { Counts } from "../../topology/counts.ts";
import type { Flow, Reading } from "../../topology/reading.ts";
import { topologyOf } from "../../topology/topology.ts";
import { counts } from "./arbitrary.ts";
import { bookstore, counted, declared, reading, sample } from "./fixture.ts";

const flow = (from: string, to: string, requests: number, failures = 0): Flow => ({
  from,
  to,
  counts: counted(requests, failures),
});
const between = (before: Reading, after: Reading, calls: readonly MeshCall[] = []) => topologyOf(before, after, calls);
const edge = (from: string, to: string) => bookstore.edges.find((one) => one.from === from && one.to === to);

test("has what came in between: rates, errors, times and bytes", () => {
  expect(edge("bookstore/order", "bookstore/catalog")).toEqual({
    from: "bookstore/order",
    to: "bookstore/catalog",
    declared: true,
    protocol: "http",
    requestsPerSecond: 20,
    errorRate: 0.04,
    p50: 2.5 + (2.5 * 100) / 197,
    p90: 2.5 + (2.5 * 180) / 197,
    p99: 10 + (15 * 1) / 3,
    bytesPerSecond: 40_960,
  });
  expect(bookstore).toMatchObject({ from: "2026-11-21T12:00:00.000Z", to: "2026-11-21T12:00:10.000Z", seconds: 10 });
});

test("has every declared call, and those that were made and are not declared", () => {
  const ends = ({ from, to }: MeshCall) => `${from} ${to}`;
  expect(bookstore.edges.filter((one) => one.declared).map(ends)).toEqual(declared.map(ends).sort());
  expect(bookstore.edges.filter((one) => !one.declared)).toMatchObject([
    { from: "bookstore/inventory", to: "bookstore/customer", requestsPerSecond: 0.3 },
  ]);
  expect(edge("bookstore/order", "bookstore/delivery")).toEqual({
    from: "bookstore/order",
    to: "bookstore/delivery",
    declared: true,
    requestsPerSecond: 0,
    errorRate: 0,
    bytesPerSecond: 0,
  });
});

test("has everybody once, by kind", () => {
  const kinds = Object.fromEntries(bookstore.nodes.map(({ id, kind, pods }) => [id, `${kind} ${String(pods)}`]));
  expect(kinds).toMatchObject({
    [outside]: "external 0",
    "istio-ingress/gateway": "gateway 1",
    "bookstore/delivery": "workload 1",
  });
  expect(bookstore.nodes).toHaveLength(9);
});

test("adds up the pods of a workload, each over its own time", () => {
  const at = (times: readonly number[], requests: readonly number[]) =>
    times.map((ms, index) =>
      sample(`shop/web-${String(index)}`, ms, [flow("shop/web", "shop/db", requests[index] ?? 0)]),
    );
  const { edges, nodes } = between(reading(0, at([0, 5000], [10, 10])), reading(10, at([10_000, 25_000], [110, 50])));
  expect(edges).toMatchObject([{ requestsPerSecond: 100 / 10 + 40 / 20 }]);
  expect(nodes).toEqual([
    { id: "shop/db", kind: "workload", pods: 0 },
    { id: "shop/web", kind: "workload", pods: 2 },
  ]);
});

test("a proxy that has started anew counts from nothing, and one that was read once not at all", () => {
  const before = [
    sample("shop/web-0", 0, [flow("shop/web", "shop/db", 1000)]),
    sample("shop/web-1", 0, [flow("shop/web", "shop/db", 1000)]),
  ];
  const after = [
    sample("shop/web-0", 10_000, [flow("shop/web", "shop/db", 20)]),
    sample("shop/web-2", 10_000, [flow("shop/web", "shop/db", 5000)]),
  ];
  const { edges, unread } = between(reading(0, before), reading(10, after, { failed: ["shop/mail-0"] }));
  expect(edges).toMatchObject([{ requestsPerSecond: 2 }]);
  expect(unread).toEqual(["shop/mail-0", "shop/web-1", "shop/web-2"]);
});

test("whom a proxy has called before, and not in between, is not in it unless it is declared", () => {
  const some = (at: number) => [sample("shop/web-0", at, [flow("shop/web", "shop/db", 7)])];
  expect(between(reading(0, some(0)), reading(10, some(10_000))).edges).toEqual([]);
  const calls = [{ from: "shop/*", to: "shop/*" }];
  expect(between(reading(0, some(0)), reading(10, some(10_000)), calls).edges).toMatchObject([
    { from: "shop/web", to: "shop/db", declared: true, protocol: "http", requestsPerSecond: 0 },
  ]);
});

test("a Service stands for the workload of its pods, and a host of the outside for itself", () => {
  const services = new Map([["shop/postgres", "shop/db"]]);
  const some = (at: number, requests: number) => [
    sample("shop/web-0", at, [flow("shop/web", "shop/postgres", requests), flow("shop/web", "api.example", requests)]),
  ];
  const { edges, nodes } = between(reading(0, some(0, 0)), reading(10, some(10_000, 10), { services }));
  expect(edges.map(({ to }) => to)).toEqual(["api.example", "shop/db"]);
  expect(nodes.map(({ kind }) => kind)).toEqual(["external", "workload", "workload"]);
});

test("bytes without answers are TCP", () => {
  const some = (at: number, bytes: number) => [
    sample("shop/web-0", at, [{ from: "shop/web", to: "shop/db", counts: { ...counted(0), bytes } }]),
  ];
  const [found] = between(reading(0, some(0, 0)), reading(10, some(10_000, 5000))).edges;
  expect(found).toEqual({
    from: "shop/web",
    to: "shop/db",
    declared: false,
    protocol: "tcp",
    requestsPerSecond: 0,
    errorRate: 0,
    bytesPerSecond: 500,
  });
});

test("no rate is ever negative, no part above one, and times are in order and finite", () => {
  const any = fc.array(counts, { minLength: 3, maxLength: 3 });
  const samples = (at: number, all: readonly Counts[]) =>
    all.map((one, index) =>
      sample(`shop/web-${String(index)}`, at, [{ from: "shop/web", to: `shop/db-${String(index % 2)}`, counts: one }]),
    );
  fc.assert(
    fc.property(any, any, fc.integer({ min: 1, max: 100_000 }), (first, second, time) => {
      const { edges } = between(reading(0, samples(0, first)), reading(10, samples(time, second)));
      for (const { requestsPerSecond, errorRate, bytesPerSecond, p50 = 0, p90 = 0, p99 = 0 } of edges) {
        expect(Math.min(requestsPerSecond, bytesPerSecond, errorRate, p50)).toBeGreaterThanOrEqual(0);
        expect(errorRate).toBeLessThanOrEqual(1);
        expect([p50, p90, p99]).toEqual([p50, p90, p99].toSorted((a, b) => a - b));
        expect(p99).toBeLessThanOrEqual(500);
      }
    }),
  );
});
