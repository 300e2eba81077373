/** How a load test is going. */
import { duration } from "../toolchain/progress.ts";
import { ms, percent } from "./bar.ts";

/** The state of a load test. */
export interface Progress {
  /** Who is being asked. */
  readonly name: string;
  /** Seconds of the run by now, and in all. */
  readonly elapsed: number;
  readonly total: number;
  /** Requests to this target by now that have ended, and how many of them were answered with 2xx. */
  readonly requests: number;
  readonly good: number;
  /** The p99 of them in milliseconds. */
  readonly p99: number;
}

/** Gets told every second. */
export type Watch = (progress: Progress) => void;

/** Shows progress until it is told to end. */
export interface Display {
  readonly watch: Watch;
  readonly end: () => void;
}

/** The line that shows a state. */
export function progressLine({ name, elapsed, total, requests, good, p99 }: Progress): string {
  const time = `${duration(elapsed)} of ${duration(total)}`;
  return `${name}: ${time} · ${String(requests)} requests · ${percent(good, requests)} succeeded · p99 ${ms(p99)}`;
}

/** Seconds between two plain lines. */
const interval = 10;

/** One line every ten seconds, and one at the end: for logs. */
export function plainDisplay(print: (line: string) => void): Display {
  let due = interval;
  let last = 0;
  const watch: Watch = (progress) => {
    if (progress.elapsed < last) due = interval; // the next step of a ramp counts from 0 again
    last = progress.elapsed;
    const over = progress.elapsed >= progress.total;
    if (over ? due === Infinity : progress.elapsed < due) return;
    due = over ? Infinity : (Math.floor(progress.elapsed / interval) + 1) * interval;
    print(progressLine(progress));
  };
  return { watch, end: () => undefined };
}
