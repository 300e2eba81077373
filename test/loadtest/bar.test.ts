import { bar, judge, percent } from "../../loadtest/bar.ts";
import { type Figures, figuresOf } from "../../loadtest/figures.ts";
import { answers } from "./fixture.ts";

const load = { rate: 50, seconds: 60 };
const figures = (given: Partial<Figures> = {}): Figures => ({
  ...figuresOf(
    answers(3_000, () => ({ milliseconds: 20 })),
    load,
  ),
  ...given,
});
const p99 = (milliseconds: number) => ({ latency: { ...figures().latency, p99: milliseconds } });
const ingress = (given: Partial<Figures> = {}) => ({ name: "ingress", figures: figures(given) });
const direct = (given: Partial<Figures> = {}) => ({ name: "direct", figures: figures(given) });
const missed = (verdicts: ReturnType<typeof judge>) => verdicts.filter(({ met }) => !met).map(({ says }) => says);

test("a sound run meets every demand", () => {
  const verdicts = judge([ingress(), direct({ ...p99(14) })]);
  expect(verdicts.map(({ met }) => met)).toEqual([true, true, true, true, true, true]);
});

test.each([
  [
    "one request of 3000 lost",
    { good: 2_999 },
    "ingress: 99.96 % of 3000 requests succeeded; at least 99.99 % are wanted.",
  ],
  [
    "a p99 above the lab's",
    p99(22.7),
    "ingress: p99 is 22.7 ms at 50 requests/s, the lab's rate; at most 22.6 ms is wanted.",
  ],
  [
    "too few requests sent",
    { sent: 49.4 },
    "ingress: 49.4 requests/s were sent of 50 asked for; at least 99.00 % of them are wanted.",
  ],
])("%s is missed", (_what, given, says) => {
  expect(missed(judge([ingress(given)]))).toEqual([says]);
});

test("what is exactly at the bar meets it", () => {
  expect(missed(judge([ingress({ requests: 10_000, good: 9_999, sent: 49.5, ...p99(22.6) })]))).toEqual([]);
  expect(missed(judge([ingress(p99(15)), direct(p99(10))]))).toEqual([]);
});

test("a run without a request meets nothing", () => {
  const nothing = { name: "ingress", figures: figuresOf([], load) };
  expect(judge([nothing]).map(({ met }) => met)).toEqual([false, false, false]);
  expect(judge([nothing, { ...nothing, name: "direct" }]).every(({ met }) => !met)).toBe(true);
});

test("the mesh may cost half as much again as the backend, and no more", () => {
  expect(missed(judge([ingress(p99(15.2)), direct(p99(10))]))).toEqual([
    "ingress: p99 is 1.52 times that of direct; at most 1.5 times is wanted.",
  ]);
});

test("a backend that fails is nothing to be compared with", () => {
  expect(missed(judge([ingress(), direct({ good: 2_000 })]))).toEqual([
    "direct: 66.66 % of 3000 requests succeeded; at least 99.99 % are wanted.",
  ]);
});

test("a p99 at another rate is not held against the lab's, all else is", () => {
  const fast = { asked: 500, sent: 500, ...p99(90) };
  expect(missed(judge([ingress(fast)]))).toEqual([]);
  expect(missed(judge([ingress({ ...fast, good: 0 })]))).toHaveLength(1);
});

test("percent never shows more than there is", () => {
  expect(percent(2_999, 3_000)).toBe("99.96 %");
  expect(percent(999_999, 1_000_000)).toBe("99.99 %");
  expect(percent(bar.success, 1)).toBe("99.99 %");
  expect(percent(0, 0)).toBe("0.00 %");
});
