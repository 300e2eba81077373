/** What a load test has to reach. */
import type { Figures } from "./figures.ts";

/** The requests a second of the lab's own load test: the default of `ali`, the load generator that it used. */
export const labRate = 50;

/**
 * The bar. The lab's own load test had 99.86 % success and a p99 of 22.6 ms; what is asked for here is fewer errors than
 * that at the same p99, and that the mesh costs no more than half as much again as the backend itself.
 */
export const bar = {
  /** The share of requests that succeed, at least. */
  success: 0.9999,
  /** The p99 in milliseconds at {@link labRate}, at most. */
  p99: 22.6,
  /** The p99 through the mesh over that of the backend itself, at most. */
  ratio: 1.5,
  /** The share of the requests asked for that were sent, at least: below that the figures are of another rate. */
  sent: 0.99,
} as const;

/** One demand of the bar, and whether it is met. */
export interface Verdict {
  readonly met: boolean;
  /** A sentence with the figure and what was wanted. */
  readonly says: string;
}

/** A target's name and figures. */
export interface Judged {
  readonly name: string;
  readonly figures: Figures;
}

/**
 * Compares the first target with the bar, and with each of the others, which have to be measured as soundly as itself.
 *
 * A p99 at another rate than the lab's is not held against the lab's.
 */
export function judge([subject, ...references]: readonly [Judged, ...Judged[]]): Verdict[] {
  const all = [subject, ...references];
  return [
    ...all.map(sentEnough),
    ...all.map(succeeded),
    ...(subject.figures.asked === labRate ? [fastEnough(subject)] : []),
    ...references.map((reference) => closeEnough(subject, reference)),
  ];
}

/** Percent with two decimals, cut and not rounded: 100 % is all of them. */
export function percent(part: number, whole: number): string {
  return `${((whole === 0 ? 0 : Math.floor((10_000 * part) / whole)) / 100).toFixed(2)} %`;
}

/** Milliseconds with one decimal. */
export const ms = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`;

/** The p99 of a target over that of another. */
export const ratioOf = (subject: Figures, reference: Figures): number => subject.latency.p99 / reference.latency.p99;

function sentEnough({ name, figures: { requests, asked, sent } }: Judged): Verdict {
  return {
    met: requests > 0 && sent >= asked * bar.sent,
    says: `${name}: ${sent.toFixed(1)} requests/s were sent of ${String(asked)} asked for; at least ${percent(bar.sent, 1)} of them are wanted.`,
  };
}

function succeeded({ name, figures: { requests, good } }: Judged): Verdict {
  return {
    met: requests > 0 && good >= requests * bar.success,
    says: `${name}: ${percent(good, requests)} of ${String(requests)} requests succeeded; at least ${percent(bar.success, 1)} are wanted.`,
  };
}

function fastEnough({ name, figures }: Judged): Verdict {
  const { p99 } = figures.latency;
  return {
    met: figures.requests > 0 && p99 <= bar.p99,
    says: `${name}: p99 is ${ms(p99)} at ${String(labRate)} requests/s, the lab's rate; at most ${ms(bar.p99)} is wanted.`,
  };
}

function closeEnough(subject: Judged, reference: Judged): Verdict {
  const ratio = ratioOf(subject.figures, reference.figures);
  return {
    met: ratio <= bar.ratio, // not for NaN
    says: `${subject.name}: p99 is ${ratio.toFixed(2)} times that of ${reference.name}; at most ${String(bar.ratio)} times is wanted.`,
  };
}
