import { type Figures, figuresOf } from "../../loadtest/figures.ts";
import { endOf, nextRate, ramp, whyNotHeld } from "../../loadtest/ramp.ts";
import { answer } from "./fixture.ts";

/** A step at a rate that is held but for what is given. */
const step = (rate: number, given: Partial<Figures> = {}): Figures => ({
  ...figuresOf(
    Array.from({ length: rate * ramp.seconds }, () => answer()),
    { rate, seconds: ramp.seconds },
  ),
  ...given,
});
const p99 = (milliseconds: number) => ({ latency: { ...step(1).latency, p99: milliseconds } });

test("the rate doubles from the lab's while it is held", () => {
  expect(nextRate([])).toBe(50);
  expect(nextRate([], 80)).toBe(80);
  expect(nextRate([step(50)])).toBe(100);
  expect(nextRate([step(50), step(100)])).toBe(200);
});

test.each([
  [
    "too many fail",
    { good: 494, errors: [{ kind: "status 429", count: 6, first: 0, last: 1 }] },
    "only 98.80 % succeeded (status 429)",
  ],
  ["the p99 is too high", p99(500.1), "p99 was 500.1 ms"],
  ["vegeta cannot keep up", { sent: 98 }, "only 98 requests/s could be sent from here"],
  ["nothing was sent", { requests: 0, good: 0 }, "nothing was sent"],
])("it ends where %s", (_what, given, why) => {
  const steps = [step(50), step(100, given)];
  expect(whyNotHeld(steps[1] ?? step(1))).toBe(why);
  expect(nextRate(steps)).toBeUndefined();
  expect(endOf(steps)).toEqual({ held: 50, says: `50 requests/s were held: at 100 requests/s ${why}.` });
});

test("a rate is held at exactly the limits", () => {
  expect(whyNotHeld(step(100, { good: 495, sent: 99, ...p99(500) }))).toBeUndefined();
});

test("a first rate that is too much leaves none", () => {
  expect(endOf([step(50, { good: 0 })])).toEqual({
    held: undefined,
    says: "No rate was held: at 50 requests/s only 0.00 % succeeded (no answer).",
  });
});

test("it has an end even where everything is held", () => {
  const last = step(1, { asked: ramp.top, sent: ramp.top });
  expect(nextRate([last])).toBeUndefined();
  expect(endOf([last])).toEqual({
    held: ramp.top,
    says: `${String(ramp.top)} requests/s were held, and no more were tried.`,
  });
});
