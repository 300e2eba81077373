/** The ramp: twice the rate in every step, until it is too much. */
import { bar, labRate, ms, percent } from "./bar.ts";
import type { Figures } from "./figures.ts";

/** Where a ramp begins and ends. */
export const ramp = {
  /** Requests a second in the first step. */
  start: labRate,
  /** Each step's rate over that of the one before. */
  factor: 2,
  /** How long a step is. */
  seconds: 5,
  /** The share of requests that succeed while a rate is held, at least. */
  success: 0.99,
  /** The p99 in milliseconds while a rate is held, at most. */
  p99: 500,
  /** No step has more requests a second than this: vegeta on one machine sends no more that matter here. */
  top: 51_200,
} as const;

/** Why a rate was not held, as a part of a sentence, or undefined when it was. */
export function whyNotHeld({ requests, good, asked, sent, latency, errors }: Figures): string | undefined {
  if (requests === 0) return "nothing was sent";
  if (good < requests * ramp.success) {
    return `only ${percent(good, requests)} succeeded (${errors[0]?.kind ?? "no answer"})`;
  }
  if (latency.p99 > ramp.p99) return `p99 was ${ms(latency.p99)}`;
  if (sent < asked * bar.sent) return `only ${sent.toFixed(0)} requests/s could be sent from here`;
  return undefined;
}

/** The rate of the next step, or undefined when the ramp is over. */
export function nextRate(steps: readonly Figures[], start: number = ramp.start): number | undefined {
  const last = steps.at(-1);
  if (last === undefined) return start;
  const next = last.asked * ramp.factor;
  return whyNotHeld(last) === undefined && next <= ramp.top ? next : undefined;
}

/** What a ramp has found. */
export interface RampEnd {
  /** The last rate that was held, in requests a second; undefined when even the first was too much. */
  readonly held: number | undefined;
  /** What ended it, in a sentence. */
  readonly says: string;
}

/** How a ramp has ended. */
export function endOf(steps: readonly Figures[]): RampEnd {
  const held = steps.findLast((step) => whyNotHeld(step) === undefined)?.asked;
  const last = steps.at(-1);
  const why = last === undefined ? "nothing was sent" : whyNotHeld(last);
  if (last === undefined || why === undefined) {
    return { held, says: `${String(held ?? 0)} requests/s were held, and no more were tried.` };
  }
  const first = held === undefined ? "No rate was held" : `${String(held)} requests/s were held`;
  return { held, says: `${first}: at ${String(last.asked)} requests/s ${why}.` };
}
