/** A trace as people read it: each step below the one that it is a part of, with its place in time. */
import { table } from "../table.ts";
import { type Span, startOf, type Trace } from "./reading.ts";

/** A step with its place in the tree and in time. */
export interface Step {
  readonly span: Span;
  readonly depth: number;
  /** When it began and ended, as parts of the whole from 0 to 1. */
  readonly from: number;
  readonly to: number;
}

/** The steps of a trace from top to bottom. */
export function stepsOf(trace: Trace): Step[] {
  const [start, length] = [startOf(trace), lengthOf(trace)];
  const place = (time: number) => (length === 0 ? 0 : Math.min(1, Math.max(0, (time - start) / length)));
  const below = Map.groupBy(trace.spans, ({ parent }) => parent);
  const from = (parent: string | undefined, depth: number): Step[] =>
    (below.get(parent) ?? []).flatMap((span) => [
      { span, depth, from: place(span.start), to: place(span.start + span.duration) },
      ...from(span.id, depth + 1),
    ]);
  return from(undefined, 0);
}

/** How long a trace took from its first beginning to its last end, in microseconds. */
export const lengthOf = (trace: Trace): number =>
  Math.max(...trace.spans.map(({ start, duration }) => start + duration)) - startOf(trace);

/** Microseconds as people read them: "0.8 ms", "1.25 s". */
export const tookText = (microseconds: number): string =>
  microseconds < 1_000_000
    ? `${(microseconds / 1000).toFixed(microseconds < 10_000 ? 1 : 0)} ms`
    : `${(microseconds / 1_000_000).toFixed(2)} s`;

/** How many letters the whole of a trace has. */
const width = 32;

/** A trace as lines: who, what, how long, and a bar for when. */
export function waterfallText(trace: Trace): string {
  const steps = stepsOf(trace);
  const bar = ({ from, to }: Step) => {
    const [first, last] = [Math.round(from * (width - 1)), Math.round(to * (width - 1))];
    return "·".repeat(first) + "█".repeat(last - first + 1) + "·".repeat(width - 1 - last);
  };
  const lines = table(
    [
      ["step", ...steps.map(({ span, depth }) => `${"  ".repeat(depth)}${span.service}`)],
      ["what", ...steps.map(({ span }) => span.operation)],
      ["when", ...steps.map(bar)],
      ["took", ...steps.map(({ span }) => tookText(span.duration))],
      ["", ...steps.map(({ span }) => (span.failed ? "failed" : ""))],
    ],
    3,
  );
  return [`${trace.id}, ${momentOf(trace)}: ${summaryOf(trace)}`, "", ...lines].join("\n");
}

/** What a list says of each trace. */
export function listText(traces: readonly Trace[]): string {
  const first = (trace: Trace) => stepsOf(trace)[0]?.span;
  const lines = table(
    [
      ["when", ...traces.map(momentOf)],
      ["trace", ...traces.map(({ id }) => id)],
      ["what", ...traces.map((trace) => first(trace)?.operation ?? "")],
      ["took", ...traces.map((trace) => tookText(lengthOf(trace)))],
      ["steps", ...traces.map(({ spans }) => String(spans.length))],
      ["services", ...traces.map((trace) => String(servicesIn(trace)))],
      ["failed", ...traces.map(({ spans }) => String(spans.filter(({ failed }) => failed).length))],
    ],
    3,
  );
  return lines.join("\n");
}

/** A trace in one sentence. */
export function summaryOf(trace: Trace): string {
  const bad = trace.spans.filter(({ failed }) => failed).length;
  const well = bad === 0 ? "none failed" : `${String(bad)} failed`;
  return `${String(trace.spans.length)} steps of ${String(servicesIn(trace))} services in ${tookText(lengthOf(trace))}, ${well}`;
}

const servicesIn = ({ spans }: Trace): number => new Set(spans.map(({ service }) => service)).size;

/** When a trace began, in UTC. */
export const momentOf = (trace: Trace): string =>
  new Date(startOf(trace) / 1000).toISOString().slice(0, 23).replace("T", " ");
