import fc from "fast-check";
import { figuresOf, latencyOf, percentile, secondsOf } from "../../loadtest/figures.ts";
import { answer, answers } from "./fixture.ts";

const times = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 300 });

test.each([
  [50, 50],
  [90, 90],
  [99, 99],
  [99.5, 100],
  [100, 100],
  [0, 1],
])("percentile %d of 1 to 100 is %d", (percent, value) => {
  expect(
    percentile(
      Array.from({ length: 100 }, (_, index) => index + 1),
      percent,
    ),
  ).toBe(value);
});

test("of one value every percentile is that value, and of none it is 0", () => {
  expect(percentile([7], 99)).toBe(7);
  expect(percentile([], 99)).toBe(0);
});

test("so many percent are not above a percentile, and fewer are not above any smaller value", () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const sorted = values.toSorted((a, b) => a - b);
      const found = percentile(sorted, percent);
      const share = (limit: (value: number) => boolean) => (100 * values.filter(limit).length) / values.length;
      expect(values).toContain(found);
      expect(share((value) => value <= found)).toBeGreaterThanOrEqual(percent - 1e-9);
      expect(share((value) => value < found)).toBeLessThan(percent);
    }),
  );
});

test("latencies do not depend on the order, and rise with the percentile", () => {
  fc.assert(
    fc.property(times, (values) => {
      const all = values.map((milliseconds) => answer({ milliseconds }));
      const { p50, p90, p95, p99, max } = latencyOf(all);
      expect(latencyOf(all.toReversed())).toMatchObject({ p50, p90, p95, p99, max });
      expect([p50, p90, p95, p99, max]).toEqual([p50, p90, p95, p99, max].toSorted((a, b) => a - b));
      expect(max).toBe(Math.max(...values));
    }),
  );
});

test("figures of a run with failures of several kinds", () => {
  const all = answers(100, (index) => ({
    milliseconds: index + 1,
    address: index % 2 === 0 ? "192.0.2.10" : "192.0.2.9",
    ...(index === 4 || index === 9 ? { status: 503 } : {}),
    ...(index === 19 ? { status: "EOF", bytes: 0 } : {}),
    ...(index === 29 ? { status: 301 } : {}),
  }));
  expect(figuresOf(all, { rate: 50, seconds: 2 })).toEqual({
    requests: 100,
    good: 96,
    asked: 50,
    sent: 50,
    seconds: 2,
    latency: { mean: 50.5, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 },
    bytes: 9900,
    statuses: { "200": 96, "301": 1, "503": 2 },
    errors: [
      { kind: "status 503", count: 2, first: 0.09, last: 0.19 },
      { kind: "EOF", count: 1, first: 0.39, last: 0.39 },
      { kind: "status 301", count: 1, first: 0.59, last: 0.59 },
    ],
    addresses: [
      { address: "192.0.2.9", requests: 50, good: 47, p99: 100 },
      { address: "192.0.2.10", requests: 50, good: 49, p99: 99 },
    ],
  });
});

test("figures of nothing are zeros", () => {
  expect(figuresOf([], { rate: 50, seconds: 2 })).toMatchObject({ requests: 0, good: 0, sent: 0, errors: [] });
  expect(latencyOf([])).toEqual({ mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 });
});

test("seconds count from the start of the run, and those without requests are left out", () => {
  const all = [answer({ at: 2_100, milliseconds: 5 }), answer({ at: 999 }), answer({ at: 2_000, status: 500 })];
  expect(
    secondsOf(all).map(({ second, requests, failed, latency: { p50 } }) => [second, requests, failed, p50]),
  ).toEqual([
    [0, 1, 0, 10],
    [2, 2, 1, 5],
  ]);
});
