import fc from "fast-check";
import { slicesOf } from "../../loadtest/slices.ts";

test("one target alone is asked in one go", () => {
  expect(slicesOf(1, 60, 10)).toEqual([{ target: 0, seconds: 60 }]);
});

test("two targets take turns, every other round the other way round", () => {
  expect(slicesOf(2, 25, 10).map(({ target, seconds }) => [target, seconds])).toEqual([
    [0, 10],
    [1, 10],
    [1, 10],
    [0, 10],
    [0, 5],
    [1, 5],
  ]);
});

test("each target gets all of its seconds, in turns that are no longer than asked for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (targets, seconds, slice) => {
        const slices = slicesOf(targets, seconds, slice);
        for (let target = 0; target < targets; target += 1) {
          const own = slices.filter((one) => one.target === target);
          expect(own.reduce((sum, one) => sum + one.seconds, 0)).toBe(seconds);
        }
        expect(Math.max(...slices.map((one) => one.seconds))).toBeLessThanOrEqual(slice);
      },
    ),
  );
});
