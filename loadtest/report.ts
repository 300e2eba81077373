/** A load test in words and as data. */
import { table } from "../table.ts";
import { type Verdict, judge, labRate, ms, percent, ratioOf } from "./bar.ts";
import { type Figures, secondsOf } from "./figures.ts";
import { whyNotHeld } from "./ramp.ts";
import type { LoadTest, Measured, RampTest } from "./run.ts";
import type { Target } from "./target.ts";

/** The verdicts on a load test. */
export function verdictsOf({ measured: [first, ...others] }: LoadTest): Verdict[] {
  const judged = ({ target: { name }, figures }: Measured) => ({ name, figures });
  return judge([judged(first), ...others.map(judged)]);
}

/** The p99 of the first target over that of each other one, by its name. */
function ratiosOf({ measured: [subject, ...references] }: LoadTest): Record<string, number> {
  return Object.fromEntries(references.map(({ target, figures }) => [target.name, ratioOf(subject.figures, figures)]));
}

/** What a file says of a target: who is asked, and not what vouches for it. */
const targetJson = ({ name, url, addresses, network }: Target) => ({
  name,
  url,
  addresses,
  ...(network === undefined ? {} : { network }),
});

/** The content of `loadtest.json`. */
export function loadTestJson(test: LoadTest) {
  const { started, rate, seconds, measured } = test;
  return {
    started,
    requestsPerSecond: rate,
    labRequestsPerSecond: labRate,
    seconds,
    unitOfLatency: "ms",
    targets: measured.map(({ target, figures, answers }) => ({
      ...targetJson(target),
      ...figures,
      perSecond: secondsOf(answers),
    })),
    p99Ratios: ratiosOf(test),
    verdicts: verdictsOf(test),
  };
}

/** The content of `ramp.json`. */
export function rampJson({ started, target, held, says, steps }: RampTest) {
  return { started, target: targetJson(target), held: held ?? null, says, unitOfLatency: "ms", steps };
}

/** A load test as text: a column for each target. */
export function loadTestText(test: LoadTest): string {
  const { rate, seconds, measured } = test;
  const where = measured.map(({ target: { name, url, addresses } }) => `${name}: ${url} at ${addresses.join(", ")}`);
  const rateOf = rate === labRate ? "the lab's rate" : `the lab's rate is ${String(labRate)}`;
  const columns = measured.map(({ target, figures }) => [target.name, ...cells(figures)]);
  const problems = measured.flatMap(({ target, figures }) => problemLines(target.name, figures));
  const byAddress = measured.flatMap(({ target, figures }) => addressLines(target.name, figures));
  const ratios = Object.entries(ratiosOf(test)).map(
    ([name, ratio]) => `p99 of ${measured[0].target.name} over that of ${name}: ${ratio.toFixed(2)}`,
  );
  return [
    ...where,
    `${String(rate)} requests/s (${rateOf}) for ${String(seconds)} s each`,
    "",
    ...table([["", ...rows], ...columns]),
    "",
    ...ratios,
    ...byAddress,
    ...(problems.length === 0 ? ["errors: none"] : problems),
  ].join("\n");
}

const rows = ["requests", "sent", "success", "p50", "p90", "p95", "p99", "max", "mean", "received", "status"];

function cells({ requests, good, sent, latency, bytes, statuses }: Figures): string[] {
  const { p50, p90, p95, p99, max, mean } = latency;
  const status = Object.entries(statuses).map(([code, count]) => `${code}: ${String(count)}`);
  return [
    String(requests),
    `${sent.toFixed(1)}/s`,
    percent(good, requests),
    ...[p50, p90, p95, p99, max, mean].map(ms),
    `${(bytes / 1024).toFixed(1)} KiB`,
    status.length === 0 ? "none" : status.join(", "),
  ];
}

const problemLines = (name: string, { errors }: Figures): string[] =>
  errors.map(
    ({ kind, count, first, last }) =>
      `${name}: ${String(count)} of ${kind} (between ${first.toFixed(1)} s and ${last.toFixed(1)} s)`,
  );

/** What each of several addresses has answered. */
const addressLines = (name: string, { addresses }: Figures): string[] =>
  addresses.length < 2
    ? []
    : addresses.map(
        ({ address, requests, good, p99 }) =>
          `${name} at ${address}: ${String(requests)} requests, ${percent(good, requests)} succeeded, p99 ${ms(p99)}`,
      );

/** The verdicts as text: those that were missed say so. */
export const verdictText = (verdicts: readonly Verdict[]): string =>
  verdicts.map(({ met, says }) => `${met ? "met" : "MISSED"}  ${says}`).join("\n");

/** A ramp as text: a line for each step. */
export function rampText({ target, steps, says }: RampTest): string {
  const lines = steps.map(({ asked, sent, good, requests, latency }) => [
    `${String(asked)}/s`,
    `${sent.toFixed(1)}/s`,
    percent(good, requests),
    ms(latency.p50),
    ms(latency.p99),
    ms(latency.max),
  ]);
  const heads = ["asked", "sent", "success", "p50", "p99", "max"];
  const [head = "", ...rows] = table(heads.map((name, index) => [name, ...lines.map((line) => line[index] ?? "")]));
  return [
    `${target.name}: ${target.url} at ${target.addresses.join(", ")}`,
    "",
    head,
    ...steps.map((step, index) => `${rows[index] ?? ""}  ${whyNotHeld(step) ?? "held"}`),
    "",
    says,
  ].join("\n");
}
