import fc from "fast-check";
import { parseDuration, protobufDuration } from "../duration.ts";

test.each([
  ["250ms", 250],
  ["5s", 5_000],
  ["1.5m", 90_000],
  ["0.25s", 250],
  ["2h", 7_200_000],
  ["0s", 0],
])("%s is %s ms", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(["", "5", "s", "5 s", "-5s", "+5s", "1h30m", "5S", "0.5ms", "1.2345s", "1e3s", "5s\n", "5d", "Infinitys"])(
  "%j is no length of time in whole milliseconds",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("what Protocol Buffers read is the same length of time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (milliseconds) => {
      expect(parseDuration(protobufDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});
