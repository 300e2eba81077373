/** A mesh as data: the bookstore, as nobody has measured it. */
import { type MeshCall, outside } from "../../components/mesh-calls.ts";
import type { Counts } from "../../topology/counts.ts";
import type { Flow, Reading, Sample } from "../../topology/reading.ts";
import { topologyOf } from "../../topology/topology.ts";

/** Counts of so many requests, each of which took from 2.5 to 5 ms, but one in a hundred up to 25. */
export const counted = (requests: number, failures = 0): Counts => ({
  requests,
  failures,
  buckets: [
    [2.5, 0],
    [5, Math.floor(requests * 0.985)],
    [10, Math.floor(requests * 0.985)],
    [25, requests],
    [Infinity, requests],
  ],
  bytes: requests * 2048,
});

/** A sample of a pod. */
export function sample(pod: string, at: number, flows: readonly Flow[], gateway = false): Sample {
  const workload = pod.replace(/-\d+$/, "");
  return { at, uid: `uid-of-${pod}`, pod, workload, gateway, flows };
}

/** A reading at so many seconds past noon. */
export const reading = (second: number, samples: readonly Sample[], more: Partial<Reading> = {}): Reading => ({
  time: `2026-11-21T12:00:${String(second).padStart(2, "0")}.000Z`,
  samples,
  failed: [],
  services: new Map(),
  ...more,
});

const gateway = "istio-ingress/gateway";
const book = (name: string) => `bookstore/${name}`;

/** What the graph of the dev stack declares. */
export const declared: readonly MeshCall[] = [
  { from: outside, to: gateway },
  { from: gateway, to: "backend/backend" },
  { from: gateway, to: book("order") },
  ...["customer", "payment", "catalog", "delivery"].map((to) => ({ from: book("order"), to: book(to) })),
  { from: book("payment"), to: book("customer") },
  { from: book("catalog"), to: book("inventory") },
  { from: book("delivery"), to: book("inventory") },
];

/** From whom to whom, how many requests in 10 s, and how many of them failed. */
const calls: readonly (readonly [from: string, to: string, requests: number, failures?: number])[] = [
  [gateway, "backend/backend", 500],
  [gateway, book("order"), 200],
  [book("order"), book("customer"), 200],
  [book("order"), book("payment"), 200],
  [book("order"), book("catalog"), 200, 8],
  [book("payment"), book("customer"), 200],
  [book("catalog"), book("inventory"), 192],
  [book("inventory"), book("customer"), 3, 0],
];

const workloads = [
  gateway,
  "backend/backend",
  ...["order", "customer", "payment", "catalog", "delivery", "inventory"].map(book),
];

const samplesAt = (second: number) =>
  workloads.map((workload) => {
    const own = calls.filter(([from]) => from === workload);
    const flows = own.map(([from, to, requests, failures = 0]) => ({
      from,
      to,
      counts: second === 0 ? counted(0) : counted(requests, failures),
    }));
    const clients = { from: outside, to: gateway, counts: counted(second === 0 ? 0 : 700) };
    return sample(
      `${workload}-0`,
      second * 1000,
      workload === gateway ? [clients, ...flows] : flows,
      workload === gateway,
    );
  });

/** The bookstore over 10 s: one service fails, one is silent, and one calls whom it is not to call. */
export const bookstore = topologyOf(reading(0, samplesAt(0)), reading(10, samplesAt(10)), declared);
