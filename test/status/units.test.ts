import { shownValue } from "../../status/units.ts";

test.each([
  [0, "short", "0"],
  [51, "short", "51"],
  [12_345, "short", "12.3 k"],
  [4.2e6, "short", "4.2 M"],
  [0.9986, "percentunit", "99.9 %"],
  [0, "bytes", "0 B"],
  [1536, "bytes", "1.5 KiB"],
  [3.55 * 1024 ** 3, "bytes", "3.55 GiB"],
  [2048, "Bps", "2 KiB/s"],
  [49.96, "reqps", "50/s"],
  [0.0242, "s", "24.2 ms"],
  [0.000_03, "s", "30 µs"],
  [90, "s", "1.5 min"],
  [7200, "dtdurations", "2 h"],
  [259_200, "s", "3 d"],
  [12, "ms", "12 ms"],
  [-0.5, "s", "-500 ms"],
] as const)("%p %s is %s", (value, unit, shown) => {
  expect(shownValue(value, unit)).toBe(shown);
});
