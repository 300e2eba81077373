/** Load tests: a constant rate against one target or several side by side, and a ramp against one. */
import { labRate } from "./bar.ts";
import { type Figures, figuresOf, p99Of } from "./figures.ts";
import type { Progress, Watch } from "./progress.ts";
import { endOf, nextRate, ramp, type RampEnd } from "./ramp.ts";
import { slicesOf } from "./slices.ts";
import { type Answer, isGood, type Target } from "./target.ts";
import { runAttack } from "./vegeta.ts";

/** What every load test is given. */
export interface Options {
  /** The path of vegeta. */
  readonly vegeta: string;
  /** Is told every second how it goes. @default nobody is told */
  readonly watch?: Watch;
  /** Ends the test. @default it goes on to its end */
  readonly signal?: AbortSignal;
}

/** A constant rate. */
export interface Load {
  /** Requests a second. @default the lab's rate */
  readonly rate?: number;
  /** Seconds for each target. @default 60 */
  readonly seconds?: number;
  /** Seconds of a target's turn, where there are several. @default 10 */
  readonly slice?: number;
}

/** The answers of one target. */
export interface Measured {
  readonly target: Target;
  /** In the order in which they came. */
  readonly answers: readonly Answer[];
  readonly figures: Figures;
}

/** A load test that was run. */
export interface LoadTest {
  /** When, in ISO 8601. */
  readonly started: string;
  readonly rate: number;
  /** Seconds for each target. */
  readonly seconds: number;
  /** In the order of the targets: the first is what the test is about, the others are what it is compared with. */
  readonly measured: readonly [Measured, ...Measured[]];
}

/** A ramp that was run. */
export interface RampTest extends RampEnd {
  /** When, in ISO 8601. */
  readonly started: string;
  readonly target: Target;
  readonly steps: readonly Figures[];
}

/**
 * Asks each target at the same constant rate for as many seconds, in turns.
 *
 * @throws when vegeta fails; an answer that fails is a figure, and no error
 */
export async function loadTest(
  targets: readonly [Target, ...Target[]],
  { rate = labRate, seconds = 60, slice = 10, ...options }: Load & Options,
): Promise<LoadTest> {
  const start = Date.now();
  const answers: Answer[][] = targets.map(() => []);
  const slices = slicesOf(targets.length, seconds, slice);
  const total = seconds * targets.length;
  let before = 0;
  for (const turn of slices) {
    const [target, own] = [targets[turn.target], answers[turn.target]];
    if (target === undefined || own === undefined) throw new Error(`There is no target ${String(turn.target)}.`);
    const state = { name: target.name, before, lasts: turn.seconds, total };
    await watched(own, state, options, (onAnswer) =>
      runAttack(options.vegeta, { target, rate, seconds: turn.seconds }, { start, onAnswer, signal: options.signal }),
    );
    before += turn.seconds;
  }
  const measure = (target: Target, index: number): Measured => {
    const own = answers[index] ?? [];
    return { target, answers: own, figures: figuresOf(own, { rate, seconds }) };
  };
  const [first, ...others] = targets;
  return {
    started: new Date(start).toISOString(),
    rate,
    seconds,
    measured: [measure(first, 0), ...others.map((target, index) => measure(target, index + 1))],
  };
}

/**
 * Doubles the rate step by step until the target does not hold it.
 *
 * @param first requests a second of the first step. @default the lab's rate
 */
export async function rampTest(
  target: Target,
  { first = ramp.start, ...options }: { readonly first?: number } & Options,
): Promise<RampTest> {
  const start = Date.now();
  const { seconds } = ramp;
  const steps: Figures[] = [];
  for (let rate = nextRate(steps, first); rate !== undefined; rate = nextRate(steps, first)) {
    const answers: Answer[] = [];
    const attack = { target, rate, seconds };
    const state = { name: `${target.name} at ${String(rate)}/s`, before: 0, lasts: seconds, total: seconds };
    await watched(answers, state, options, (onAnswer) =>
      runAttack(options.vegeta, attack, { start, onAnswer, signal: options.signal }),
    );
    steps.push(figuresOf(answers, attack));
  }
  return { started: new Date(start).toISOString(), target, steps, ...endOf(steps) };
}

/** Collects answers, and tells once a second what they are by now. */
async function watched(
  answers: Answer[],
  { lasts, before, ...state }: Pick<Progress, "name" | "total"> & { readonly before: number; readonly lasts: number },
  { watch }: Options,
  work: (onAnswer: (answer: Answer) => void) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  let good = answers.filter(isGood).length;
  const tell = () => {
    const elapsed = before + Math.min(lasts, (performance.now() - start) / 1000); // the last answers may take longer
    watch?.({ ...state, elapsed, requests: answers.length, good, p99: p99Of(answers) });
  };
  const timer = setInterval(tell, 1_000);
  try {
    await work((answer) => {
      answers.push(answer);
      if (isGood(answer)) good += 1;
    });
    tell();
  } finally {
    clearInterval(timer);
  }
}
