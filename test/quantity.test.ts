import fc from "fast-check";
import { parseQuantity } from "../quantity.ts";

const nano = 1_000_000_000n;

test.each([
  ["1", nano],
  ["+1", nano],
  ["-1", -nano],
  ["1.", nano],
  [".5", nano / 2n],
  ["100m", nano / 10n],
  ["1500m", (nano * 3n) / 2n],
  ["250u", 250_000n],
  ["7n", 7n],
  ["0.1n", 1n],
  ["2k", 2_000n * nano],
  ["1Ki", 1_024n * nano],
  ["1.5Gi", 1_610_612_736n * nano],
  ["1E", 10n ** 18n * nano],
  ["1Ei", 2n ** 60n * nano],
  ["12e6", 12_000_000n * nano],
  ["1E-3", nano / 1000n],
])("%s is %s billionths", (text, expected) => {
  expect(parseQuantity(text)).toBe(expected);
});

test.each(["", " ", "1GB", "1 Gi", "1K", "1ki", "Gi", ".", "1e", "--1", "1,5", "0x10", "Infinity", "1Mib", "1\n"])(
  "%j is no quantity",
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

test("a thousandfold with the suffix of a thousandth is the same", () => {
  fc.assert(
    fc.property(fc.nat(), (count) => {
      expect(parseQuantity(`${String(count)}000m`)).toBe(parseQuantity(String(count)));
      expect(parseQuantity(`${String(count)}Ki`)).toBe(parseQuantity(String(count * 1024)));
      expect(parseQuantity(`${String(count)}e3`)).toBe(parseQuantity(`${String(count)}k`));
    }),
  );
});
