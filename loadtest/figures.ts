/** What answers amount to. */
import { type Answer, isGood } from "./target.ts";

/** Latencies in milliseconds. Failed requests count too, for as long as they took. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Errors of one kind. */
export interface ErrorCount {
  /** The error's text, or the status as `status 503`. */
  readonly kind: string;
  readonly count: number;
  /** When the first and the last were sent, in seconds since the start of the run. */
  readonly first: number;
  readonly last: number;
}

/** What became of all requests to a target. */
export interface Figures {
  readonly requests: number;
  /** How many were answered with 2xx. */
  readonly good: number;
  /** Requests a second that were asked for. */
  readonly asked: number;
  /** Requests a second that were sent. */
  readonly sent: number;
  /** For how many seconds. */
  readonly seconds: number;
  readonly latency: Latency;
  /** Bytes of all the answers' bodies. */
  readonly bytes: number;
  /** How often each status came, by the status as text. */
  readonly statuses: Readonly<Record<string, number>>;
  /** What was no success, the most frequent first. */
  readonly errors: readonly ErrorCount[];
  /** The same by address. */
  readonly addresses: readonly {
    readonly address: string;
    readonly requests: number;
    readonly good: number;
    readonly p99: number;
  }[];
}

/**
 * A percentile of sorted values: the smallest of them that so many percent do not exceed (nearest rank). It is exact, and
 * is always a latency that was seen.
 */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

const sortedTimes = (answers: readonly Answer[]): Float64Array =>
  Float64Array.from(answers, ({ milliseconds }) => milliseconds).sort();

/** The p99 of answers in milliseconds; 0 when there is none. */
export const p99Of = (answers: readonly Answer[]): number => percentile(sortedTimes(answers), 99);

/** The latencies of answers; all 0 when there is none. */
export function latencyOf(answers: readonly Answer[]): Latency {
  const sorted = sortedTimes(answers);
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0] = [50, 90, 95, 99, 100].map((p) => percentile(sorted, p));
  const mean = sorted.length === 0 ? 0 : sorted.reduce((sum, time) => sum + time, 0) / sorted.length;
  return { mean, p50, p90, p95, p99, max };
}

/** What the answers of a target amount to. */
export function figuresOf(
  answers: readonly Answer[],
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Figures {
  const byAddress = [...Map.groupBy(answers, ({ address }) => address)];
  return {
    requests: answers.length,
    good: answers.filter(isGood).length,
    asked: rate,
    sent: answers.length / seconds,
    seconds,
    latency: latencyOf(answers),
    bytes: answers.reduce((sum, answer) => sum + answer.bytes, 0),
    statuses: statusesOf(answers),
    errors: errorsOf(answers),
    addresses: byAddress
      .map(([address, some]) => ({
        address,
        requests: some.length,
        good: some.filter(isGood).length,
        p99: p99Of(some),
      }))
      .sort((a, b) => a.address.localeCompare(b.address, undefined, { numeric: true })),
  };
}

function statusesOf(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) {
    if (typeof status === "number") counts[String(status)] = (counts[String(status)] ?? 0) + 1;
  }
  return counts;
}

function errorsOf(answers: readonly Answer[]): ErrorCount[] {
  const failed = answers.filter((answer) => !isGood(answer));
  const kinds = Map.groupBy(failed, ({ status }) => (typeof status === "number" ? `status ${String(status)}` : status));
  return [...kinds]
    .map(([kind, some]) => {
      const times = Float64Array.from(some, ({ at }) => at / 1000).sort();
      return { kind, count: some.length, first: times[0] ?? 0, last: times.at(-1) ?? 0 };
    })
    .sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}

/** What became of the requests that were sent in one second of the run. */
export interface Second {
  /** Since the start of the run, in whole seconds. */
  readonly second: number;
  readonly requests: number;
  readonly failed: number;
  readonly latency: Latency;
}

/** The run second by second, without those in which nothing was sent. */
export function secondsOf(answers: readonly Answer[]): Second[] {
  return [...Map.groupBy(answers, ({ at }) => Math.floor(at / 1000))]
    .map(([second, some]) => ({
      second,
      requests: some.length,
      failed: some.filter((answer) => !isGood(answer)).length,
      latency: latencyOf(some),
    }))
    .sort((a, b) => a.second - b.second);
}
