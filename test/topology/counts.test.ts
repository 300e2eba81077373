import fc from "fast-check";
import { type Counts, increaseOf, nothing, quantileOf, seriesIn, totalOf } from "../../topology/counts.ts";
import { counts } from "./arbitrary.ts";

test("series are read with their labels, and lines that nobody wants are not", () => {
  const text = [
    "# TYPE calls counter",
    'calls{a="1",b="x\\"y"} 7',
    'calls{a="2"} 1.5e+3',
    "calls 9",
    'others{a="1"} 8',
  ].join("\r\n");
  expect(seriesIn(text, (row) => row.startsWith("calls{"))).toEqual([
    {
      name: "calls",
      labels: new Map([
        ["a", "1"],
        ["b", 'x\\"y'],
      ]),
      value: 7,
    },
    { name: "calls", labels: new Map([["a", "2"]]), value: 1500 },
  ]);
});

const buckets = [
  [25, 50],
  [50, 80],
  [100, 98],
  [250, 99],
  [500, 100],
  [Infinity, 100],
] as const satisfies Counts["buckets"];

test.each([
  [0.5, 25],
  [0.65, 37.5],
  [0.98, 100],
  [0.99, 250],
  [0.995, 375],
  [1, 500],
])("the quantile %d is at %d ms", (part, expected) => {
  expect(quantileOf(buckets, part)).toBeCloseTo(expected);
});

test("no requests have no quantile, and one beyond the last bound takes infinitely long", () => {
  expect(quantileOf([], 0.99)).toBeUndefined();
  expect(quantileOf([[Infinity, 0]], 0.99)).toBeUndefined();
  expect(
    quantileOf(
      [
        [500, 98],
        [Infinity, 100],
      ],
      0.99,
    ),
  ).toBe(Infinity);
});

test("a quantile lies in the bucket that has its request", () => {
  fc.assert(
    fc.property(counts, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ buckets: some }, part) => {
      const found = quantileOf(some, part);
      const wanted = part * (some.at(-1)?.[1] ?? 0);
      if (found === undefined) {
        expect(wanted).toBe(0);
        return;
      }
      const index = some.findIndex(([, count]) => count >= wanted);
      expect(found).toBeLessThanOrEqual(some[index]?.[0] ?? Infinity);
      expect(found).toBeGreaterThanOrEqual(some[index - 1]?.[0] ?? 0);
    }),
  );
});

test("what comes in between two readings is added to the first to make the second", () => {
  fc.assert(
    fc.property(counts, counts, (before, more) => {
      expect(increaseOf(before, totalOf([before, more]))).toEqual(more);
    }),
  );
});

test("nothing is ever taken away, whatever two readings are", () => {
  fc.assert(
    fc.property(counts, counts, (before, after) => {
      const { requests, failures, bytes, buckets: some } = increaseOf(before, after);
      expect(Math.min(requests, failures, requests - failures, bytes)).toBeGreaterThanOrEqual(0);
      some.forEach(([, count], index) => {
        expect(count).toBeGreaterThanOrEqual(some[index - 1]?.[1] ?? 0);
      });
    }),
  );
});

const before: Counts = { requests: 100, failures: 10, buckets, bytes: 1000 };

test.each<[string, Partial<Counts>]>([
  ["requests", { requests: 99 }],
  ["failures", { failures: 9 }],
  ["good answers", { requests: 101, failures: 12 }],
  ["bytes", { bytes: 999 }],
  ["one bucket", { buckets: [[25, 49], ...buckets.slice(1)] }],
  ["in a bucket within another", { requests: 101, buckets: [...buckets.slice(0, 1), [50, 79], ...buckets.slice(2)] }],
  ["bounds of buckets", { buckets: [] }],
])("a proxy has started anew that has fewer %s: it counts from nothing", (_, fewer) => {
  const after = { ...before, ...fewer };
  expect(increaseOf(before, after)).toEqual(after);
  expect(increaseOf(before, before)).toEqual({ ...nothing, buckets: buckets.map(([most]) => [most, 0]) });
});
