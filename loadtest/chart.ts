/** What the charts of a load test show, as data: svg.ts draws it. */
import { bar, labRate, ms, percent } from "./bar.ts";
import { type Latency, secondsOf } from "./figures.ts";
import { ramp } from "./ramp.ts";
import type { LoadTest, Measured, RampTest } from "./run.ts";

/** The latencies that a chart may show, each in a colour and a dash of its own. */
export type SeriesName = Extract<keyof Latency, "p50" | "p90" | "p99" | "max">;

/** A line over x; a point without y is a gap in it. */
export interface Series {
  readonly name: SeriesName;
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[];
}

/** One plot. */
export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  /** Where requests have failed, and how many. */
  readonly marks: readonly { readonly x: number; readonly failed: number }[];
}

/** Plots over each other that share their axes. The y axis is of milliseconds, and logarithmic. */
export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
  readonly x: {
    readonly label: string;
    readonly scale: "linear" | "log";
    readonly domain: readonly [number, number];
    /** @default the scale's own */
    readonly ticks?: readonly number[];
  };
  readonly y: { readonly domain: readonly [number, number]; readonly ticks: readonly number[] };
  /** A line across, as a limit. */
  readonly rule?: { readonly y: number; readonly label: string };
}

/** The chart of a load test: latency over time, a panel for each target. */
export function loadTestChart(test: LoadTest): Chart {
  const { rate, seconds, measured, started } = test;
  const panels = measured.map(timePanel);
  const rule = rate === labRate ? { y: bar.p99, label: `bar for the p99: ${ms(bar.p99)}` } : undefined;
  const end = Math.max(seconds, ...panels.flatMap(({ series }) => series[0]?.points.length ?? 0));
  return {
    title: `Latency at ${String(rate)} requests/s${rate === labRate ? ", the lab's rate" : ""}`,
    subtitle: `${String(seconds)} s each, begun ${started.slice(0, 16).replace("T", " ")} UTC`,
    panels,
    x: { label: "seconds since the start", scale: "linear", domain: [0, end] },
    y: logAxis(panels, rule === undefined ? [] : [rule.y]),
    ...(rule === undefined ? {} : { rule }),
  };
}

function timePanel({ target, figures, answers }: Measured): Panel {
  const { requests, good, latency } = figures;
  const bySecond = new Map(secondsOf(answers).map((second) => [second.second, second]));
  const length = Math.max(-1, ...bySecond.keys()) + 1;
  const series = (["p50", "p90", "p99", "max"] as const).map((name) => ({
    name,
    points: Array.from({ length }, (_, second) => ({ x: second + 0.5, y: bySecond.get(second)?.latency[name] })),
  }));
  return {
    title:
      `${target.name}: ${String(requests)} requests, ${percent(good, requests)} succeeded, ` +
      `p50 ${ms(latency.p50)}, p90 ${ms(latency.p90)}, p99 ${ms(latency.p99)}, max ${ms(latency.max)}`,
    series,
    marks: [...bySecond.values()]
      .filter(({ failed }) => failed > 0)
      .map(({ second, failed }) => ({ x: second + 0.5, failed })),
  };
}

/** The chart of a ramp: latency over the rate. */
export function rampChart({ target, steps, says, started }: RampTest): Chart {
  const rates = steps.map(({ asked }) => asked);
  const panel: Panel = {
    title: says,
    series: (["p50", "p99"] as const).map((name) => ({
      name,
      points: steps.map(({ asked, latency }) => ({ x: asked, y: latency[name] })),
    })),
    marks: steps.flatMap(({ asked, requests, good }) =>
      good === requests ? [] : [{ x: asked, failed: requests - good }],
    ),
  };
  const rule = { y: ramp.p99, label: `limit for the p99: ${ms(ramp.p99)}` };
  return {
    title: `${target.name}: latency over the rate`,
    subtitle: `${String(ramp.seconds)} s for each rate, begun ${started.slice(0, 16).replace("T", " ")} UTC`,
    panels: [panel],
    x: {
      label: "requests/s",
      scale: "log",
      domain: [Math.min(...rates) / Math.SQRT2, Math.max(...rates) * Math.SQRT2],
      ticks: rates,
    },
    y: logAxis([panel], [rule.y]),
    rule,
  };
}

/** Below this, in milliseconds, a latency is drawn at the foot of the axis: a logarithm has no 0. */
const least = 0.01;

/** A logarithmic axis around what is shown, from and to one of 1, 2 and 5 times a power of ten, with a tick at each. */
function logAxis(panels: readonly Panel[], others: readonly number[]): Chart["y"] {
  const shown = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.flatMap(({ y }) => y ?? [])));
  const values = [...shown, ...others].map((value) => Math.max(least, value));
  const [low, high] = values.length === 0 ? [1, 10] : [Math.min(...values), Math.max(...values)];
  const steps = Array.from({ length: 12 }, (_, power) =>
    [1, 2, 5].map((digit) => Number(`${String(digit)}e${String(power - 2)}`)),
  );
  const all = steps.flat();
  const from = Math.max(
    0,
    all.findLastIndex((tick) => tick <= low),
  );
  const to = all.findIndex((tick) => tick >= high && tick > (all[from] ?? 0));
  const ticks = all.slice(from, to + 1);
  return { domain: [ticks[0] ?? least, ticks.at(-1) ?? high], ticks };
}
