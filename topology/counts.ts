/** What proxies have counted of calls, and what comes in between two readings of it. */

/** One line of statistics in the form of Prometheus. */
export interface Series {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const line = /^(\w+)\{(.*)\} (\S+)$/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/**
 * The series with labels that a text has.
 *
 * @param text statistics in the form of Prometheus
 * @param wanted tells by a whole line whether it is worth reading
 */
export function seriesIn(text: string, wanted: (row: string) => boolean): Series[] {
  return text.split("\n").flatMap((row) => {
    if (!wanted(row)) return [];
    const [, name = "", inside = "", value = ""] = line.exec(row.trim()) ?? [];
    const labels = new Map([...inside.matchAll(label)].map(([, key = "", of = ""]) => [key, of]));
    return [{ name, labels, value: Number(value) }];
  });
}

/** What one proxy has counted of some calls since it started. */
export interface Counts {
  /** Those that were answered. */
  readonly requests: number;
  /** Those of them that were answered 500 or above, or not at all. */
  readonly failures: number;
  /** How many requests took at most so many milliseconds, rising; the last one is infinite. */
  readonly buckets: readonly (readonly [most: number, count: number])[];
  /** Bytes sent and got, headers included; none where they are not read. */
  readonly bytes: number;
}

/** What begins the names of Envoy's statistics: of calls that it passes on to a cluster, and of those that a listener gets. */
export type Side = "envoy_cluster_upstream" | "envoy_http_downstream";

/**
 * What series say of the calls that they belong to: answers by their class, which Istio's bootstrap makes a label, their
 * times, and bytes.
 */
export function countsOf(series: readonly Series[], side: Side): Counts {
  const answers = series.filter(({ name, labels }) => name === `${side}_rq` && labels.has("response_code_class"));
  const times = series.filter(({ name }) => name === `${side}_rq_time_bucket`);
  const bytes = series.filter(({ name }) => ["rx", "tx"].some((way) => name === `${side}_cx_${way}_bytes_total`));
  return {
    requests: sumOf(answers),
    failures: sumOf(answers.filter(({ labels }) => labels.get("response_code_class") === "5xx")),
    buckets: addedUp(times.map(({ labels, value }) => [numberOf(labels.get("le")), value])),
    bytes: sumOf(bytes),
  };
}

const sumOf = (all: readonly Series[]) => all.reduce((total, { value }) => total + value, 0);

const numberOf = (most: string | undefined): number => (most === "+Inf" ? Infinity : Number(most));

/** Buckets of the same bound added up, rising. */
function addedUp(all: Counts["buckets"]): Counts["buckets"] {
  const sums = new Map<number, number>();
  for (const [most, count] of all) sums.set(most, (sums.get(most) ?? 0) + count);
  return [...sums].sort(([a], [b]) => a - b);
}

/** What has counted nothing. */
export const nothing: Counts = { requests: 0, failures: 0, buckets: [], bytes: 0 };

/** What came in between two readings of one proxy; all that there is when it has started anew since. */
export function increaseOf(before: Counts, after: Counts): Counts {
  const grown = grownBy(before, after);
  const { requests, failures, bytes, buckets } = grown;
  const lost = before.buckets.some(([most, count]) => count > 0 && !after.buckets.some(([bound]) => bound === most));
  // Nothing is taken away from a counter, and neither from the answers that were good nor from those of one bucket.
  const restarted =
    Math.min(requests, failures, requests - failures, bytes) < 0 ||
    lost ||
    buckets.some(([, count], index) => count < (buckets[index - 1]?.[1] ?? 0));
  return restarted ? after : grown;
}

function grownBy(before: Counts, after: Counts): Counts {
  const earlier = new Map(before.buckets);
  return {
    requests: after.requests - before.requests,
    failures: after.failures - before.failures,
    buckets: after.buckets.map(([most, count]) => [most, count - (earlier.get(most) ?? 0)]),
    bytes: after.bytes - before.bytes,
  };
}

/** What several proxies counted together. */
export const totalOf = (all: readonly Counts[]): Counts => ({
  requests: all.reduce((sum, one) => sum + one.requests, 0),
  failures: all.reduce((sum, one) => sum + one.failures, 0),
  buckets: addedUp(all.flatMap(({ buckets }) => buckets)),
  bytes: all.reduce((sum, one) => sum + one.bytes, 0),
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
