/** What the callers of one version of a Service see, by the statistics of their own proxies. */
import type { Measure, Observation } from "./rollout-driver.ts";

/** What one proxy has counted of a version since it started. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
  /** How many requests took at most so many milliseconds, rising; the last one is infinite. */
  readonly buckets: readonly (readonly [most: number, count: number])[];
}

/** Where proxies give their statistics, in the form of Prometheus. */
export const statisticsPort = 15090;

/** One version of a Service. */
export interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly version: string;
}

const line = /^(\w+)\{(.*)\} (\S+)$/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/**
 * What a proxy has counted of a version: answers by their class, which Istio's bootstrap makes a label of
 * `envoy_cluster_upstream_rq`, and their times. A proxy that never called it has counted nothing.
 *
 * @param text the statistics in the form of Prometheus
 */
export function countsIn(text: string, { namespace, service, version }: Target): Counts {
  const cluster = `|${version}|${service}.${namespace}.svc.`; // outbound|<port>|<version>|<host>
  const found = text.split("\n").flatMap((row) => {
    if (!row.startsWith("envoy_cluster_upstream_rq") || !row.includes(`"outbound|`) || !row.includes(cluster))
      return [];
    const [, name = "", inside = "", value = ""] = line.exec(row.trim()) ?? [];
    const labels = new Map([...inside.matchAll(label)].map(([, key = "", of = ""]) => [key, of]));
    return [{ name, labels, value: Number(value) }];
  });
  const answers = found.filter(
    ({ name, labels }) => name === "envoy_cluster_upstream_rq" && labels.has("response_code_class"),
  );
  const sum = (all: readonly { readonly value: number }[]) => all.reduce((total, { value }) => total + value, 0);
  const times = found.filter(({ name }) => name === "envoy_cluster_upstream_rq_time_bucket");
  return {
    requests: sum(answers),
    failures: sum(answers.filter(({ labels }) => labels.get("response_code_class") === "5xx")),
    buckets: addedUp(times.map(({ labels, value }) => [numberOf(labels.get("le")), value])),
  };
}

const numberOf = (most: string | undefined): number => (most === "+Inf" ? Infinity : Number(most));

/** Buckets of the same bound added up, rising. */
function addedUp(all: Counts["buckets"]): Counts["buckets"] {
  const sums = new Map<number, number>();
  for (const [most, count] of all) sums.set(most, (sums.get(most) ?? 0) + count);
  return [...sums].sort(([a], [b]) => a - b);
}

const nothing: Counts = { requests: 0, failures: 0, buckets: [] };

/** What came in between two readings of one proxy; all that there is when it has started anew since. */
export function increaseOf(before: Counts, after: Counts): Counts {
  const restarted = after.requests < before.requests || after.failures < before.failures;
  const from = restarted ? nothing : before;
  const earlier = new Map(from.buckets);
  return {
    requests: after.requests - from.requests,
    failures: after.failures - from.failures,
    buckets: after.buckets.map(([most, count]) => [most, count - (earlier.get(most) ?? 0)]),
  };
}

/** What several proxies counted together. */
export const totalOf = (all: readonly Counts[]): Counts => ({
  requests: all.reduce((sum, one) => sum + one.requests, 0),
  failures: all.reduce((sum, one) => sum + one.failures, 0),
  buckets: addedUp(all.flatMap(({ buckets }) => buckets)),
});

/**
 * In how many milliseconds a part of all requests was answered, evenly spread inside a bucket as Prometheus's
 * histogram_quantile has it; what lies beyond the last finite bucket takes infinitely long.
 *
 * @param part from 0 to 1
 */
export function quantileOf(buckets: Counts["buckets"], part: number): number | undefined {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all === 0) return undefined;
  const wanted = part * all;
  const index = buckets.findIndex(([, count]) => count >= wanted);
  const [most, count] = buckets[index] ?? [Infinity, all];
  if (most === Infinity) return Infinity;
  const [low, below] = index === 0 ? [0, 0] : (buckets[index - 1] ?? [0, 0]);
  return count === below ? most : low + ((most - low) * (wanted - below)) / (count - below);
}

/** Reads every proxy there is: a name that no later proxy has, to its statistics. */
export type ReadProxies = () => Promise<ReadonlyMap<string, string>>;

/** Measures by proxies' statistics; what a proxy has counted stays when the proxy goes. */
export function measureBy(read: ReadProxies, target: Target): Measure {
  let last = new Map<string, Counts>();
  let since: Counts = nothing;
  const reading = async () =>
    new Map([...(await read())].map(([name, text]) => [name, countsIn(text, target)] as const));
  return {
    restart: async () => {
      last = await reading();
      since = nothing;
    },
    look: async (): Promise<Observation> => {
      const now = await reading();
      const increases = [...now].map(([name, counts]) => increaseOf(last.get(name) ?? nothing, counts));
      since = totalOf([since, ...increases]);
      last = new Map([...last, ...now]);
      const { requests, failures, buckets } = since;
      return { requests, failures, p99Milliseconds: quantileOf(buckets, 0.99) };
    },
  };
}
