/** Who calls whom in the mesh, how often, how well and how fast: from two readings of what proxies have counted. */
import { type MeshCall, outside } from "../components/mesh-calls.ts";
import { type Counts, increaseOf, nothing, quantileOf, totalOf } from "./counts.ts";
import type { Flow, Reading, Sample } from "./reading.ts";

/** Somebody who calls or is called. */
export interface TopologyNode {
  /** A workload as `namespace/name`, `namespace/*` where only the namespace is declared, a host, or {@link outside}. */
  readonly id: string;
  readonly kind: "gateway" | "workload" | "external";
  /** How many pods of it have proxies that were read. */
  readonly pods: number;
}

/** The calls from one to another. */
export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  /** Whether the connectivity graph has such a call. */
  readonly declared: boolean;
  /** What the proxy knew them to be; nothing is said of those that never came. */
  readonly protocol?: "http" | "tcp";
  readonly requestsPerSecond: number;
  /** The part of requests that were answered 500 or above, or not at all, from 0 to 1. */
  readonly errorRate: number;
  /** In how many milliseconds this part of the requests was answered; without requests there is none. */
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  /** Both ways, headers included. */
  readonly bytesPerSecond: number;
}

/** The mesh between two readings. */
export interface Topology {
  /** When, in ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
  /** Pods whose proxies did not answer both times, so that their calls are not in it. */
  readonly unread: readonly string[];
}

/** Whether nothing went over an edge. */
export const isSilent = ({ requestsPerSecond, bytesPerSecond }: TopologyEdge): boolean =>
  requestsPerSecond === 0 && bytesPerSecond === 0;

/** What came over one way in one pod's window. */
interface Increase extends Flow {
  readonly seconds: number;
  /** Whether its proxy has ever counted an answer there. */
  readonly http: boolean;
}

/**
 * What came in between two readings, beside what is declared. A pod counts that was read both times, each over its own
 * time between the two; what it counted of a Service is of the workload that all the Service's pods are of.
 */
export function topologyOf(before: Reading, after: Reading, declared: readonly MeshCall[]): Topology {
  const earlier = new Map(before.samples.map((sample) => [sample.uid, sample]));
  const both = after.samples.flatMap((sample): [Sample, Sample][] => {
    const first = earlier.get(sample.uid);
    return first !== undefined && first.at < sample.at ? [[first, sample]] : [];
  });
  const increases = both.flatMap(([first, second]) => increasesOf(first, second, after.services));
  const groups = Map.groupBy(increases, ({ from, to }) => `${from} ${to}`);
  const seen = [...groups.values()].map((some) => edgeOf(some, declared));
  const silent = declared
    .filter((call) => !seen.some((edge) => covers(call, edge)))
    .map(({ from, to }) => ({ from, to, declared: true, requestsPerSecond: 0, errorRate: 0, bytesPerSecond: 0 }));
  // A proxy knows of many whom it never calls.
  const edges = [...seen.filter((edge) => edge.declared || !isSilent(edge)), ...silent].sort(byEnds);
  const complete = new Set(both.map(([, { pod }]) => pod));
  const everyPod = [...before.samples, ...after.samples].map(({ pod }) => pod).concat(before.failed, after.failed);
  return {
    from: before.time,
    to: after.time,
    seconds: (Date.parse(after.time) - Date.parse(before.time)) / 1000,
    nodes: nodesOf(edges, after.samples, declared),
    edges,
    unread: [...new Set(everyPod)].filter((pod) => !complete.has(pod)).sort(),
  };
}

function increasesOf(first: Sample, second: Sample, services: Reading["services"]): Increase[] {
  const seconds = (second.at - first.at) / 1000;
  return second.flows.map(({ from, to, counts }) => {
    const earlier = first.flows.find((flow) => flow.from === from && flow.to === to)?.counts ?? nothing;
    return {
      from,
      to: services.get(to) ?? to,
      counts: increaseOf(earlier, counts),
      seconds,
      http: counts.requests > 0,
    };
  });
}

function edgeOf(increases: readonly Increase[], declared: readonly MeshCall[]): TopologyEdge {
  const { from, to } = increases[0] ?? { from: "", to: "" }; // a group has a member
  const { requests, failures, buckets } = totalOf(increases.map(({ counts }) => counts));
  const perSecond = (of: "requests" | "bytes") =>
    increases.reduce((sum, { counts, seconds }) => sum + counts[of] / seconds, 0);
  const bytesPerSecond = perSecond("bytes");
  const http = increases.some((one) => one.http);
  return {
    from,
    to,
    declared: declared.some((call) => covers(call, { from, to })),
    ...(http || bytesPerSecond > 0 ? { protocol: http ? ("http" as const) : ("tcp" as const) } : {}),
    requestsPerSecond: perSecond("requests"),
    errorRate: requests === 0 ? 0 : failures / requests,
    ...timesOf(buckets),
    bytesPerSecond,
  };
}

/** What lies beyond the last finite bucket is as slow as that one's bound, as Prometheus's histogram_quantile has it. */
function timesOf(buckets: Counts["buckets"]): Pick<TopologyEdge, "p50" | "p90" | "p99"> {
  const most = buckets.findLast(([bound]) => bound !== Infinity)?.[0] ?? 0;
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((part) => quantileOf(buckets, part));
  if (p50 === undefined || p90 === undefined || p99 === undefined) return {};
  return { p50: Math.min(p50, most), p90: Math.min(p90, most), p99: Math.min(p99, most) };
}

/** Whether a declared call is one between these two. */
const covers = (call: MeshCall, { from, to }: MeshCall) => isOf(from, call.from) && isOf(to, call.to);

const isOf = (id: string, ref: string) => id === ref || (ref.endsWith("/*") && id.startsWith(ref.slice(0, -1)));

const byEnds = (a: MeshCall, b: MeshCall) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1);

/** Everybody with an edge or a proxy. */
function nodesOf(
  edges: readonly TopologyEdge[],
  samples: readonly Sample[],
  declared: readonly MeshCall[],
): TopologyNode[] {
  const gateways = new Set([
    ...samples.filter(({ gateway }) => gateway).map(({ workload }) => workload),
    ...declared.flatMap(({ from, to }) => (from === outside ? [to] : [])),
  ]);
  const kindOf = (id: string): TopologyNode["kind"] =>
    gateways.has(id) ? "gateway" : id.includes("/") ? "workload" : "external";
  const ids = new Set([...edges.flatMap(({ from, to }) => [from, to]), ...samples.map(({ workload }) => workload)]);
  return [...ids].sort().map((id) => ({
    id,
    kind: kindOf(id),
    pods: samples.filter(({ workload }) => workload === id).length,
  }));
}
