import { plainDisplay, type Progress, progressLine } from "../../loadtest/progress.ts";

const progress = (elapsed: number, given: Partial<Progress> = {}): Progress => ({
  name: "ingress",
  elapsed,
  total: 25,
  requests: 50 * elapsed,
  good: 50 * elapsed,
  p99: 8.14,
  ...given,
});

test("the line says who, when, how many, how well and how fast", () => {
  expect(progressLine(progress(10, { good: 499 }))).toBe(
    "ingress: 10 s of 25 s · 500 requests · 99.80 % succeeded · p99 8.1 ms",
  );
});

/** The seconds at which a line is printed. */
function printed(elapsed: readonly number[], total: number): string[] {
  const lines: string[] = [];
  const display = plainDisplay((line) => lines.push(line));
  for (const seconds of elapsed) display.watch(progress(seconds, { total }));
  display.end();
  return lines.map((line) => /: (.+) of/.exec(line)?.[1] ?? line);
}

test("plain lines come every ten seconds, and one at the end", () => {
  const seconds = Array.from({ length: 25 }, (_, index) => index + 1);
  expect(printed([...seconds, 25, 25], 25)).toEqual(["10 s", "20 s", "25 s"]);
});

test("a second that was missed is made up for", () => {
  expect(printed([9.9, 11.2, 19.9, 20.1], 60)).toEqual(["11 s", "20 s"]);
});

test("each step of a ramp has its line", () => {
  expect(printed([1, 3, 5, 5, 1, 3, 5], 5)).toEqual(["5 s", "5 s"]);
});
