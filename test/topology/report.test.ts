import { kibibytes, perSecond, share, topologyText } from "../../topology/report.ts";
import { bookstore } from "./fixture.ts";

test.each([
  [perSecond(0.5), "0.50/s"],
  [perSecond(12.34), "12.3/s"],
  [perSecond(1234.5), "1235/s"],
  [share(0), "0 %"],
  [share(0.00005), "< 0.01 %"],
  [share(0.04), "4.00 %"],
  [kibibytes(1536), "1.5 KiB/s"],
])("%s", (found, expected) => {
  expect(found).toBe(expected);
});

test("is a line for each edge, and says what is odd", () => {
  const lines = topologyText({ ...bookstore, unread: ["bookstore/order-9"] }).split("\n");
  expect(lines[0]).toBe("10 s of the mesh, as the proxies of 8 pods have counted it");
  const row = (start: RegExp) => lines.find((line) => start.test(line))?.split(/ {2,}/);
  expect(row(/^bookstore\/order +bookstore\/catalog/)).toEqual([
    "bookstore/order",
    "bookstore/catalog",
    "20.0/s",
    "4.00 %",
    "3.8 ms",
    "4.8 ms",
    "15.0 ms",
    "40.0 KiB/s",
  ]);
  expect(row(/^bookstore\/order +bookstore\/delivery/)).toEqual([
    "bookstore/order",
    "bookstore/delivery",
    ...Array.from({ length: 6 }, () => "–"),
    "silent",
  ]);
  expect(row(/^bookstore\/inventory +bookstore\/customer/)?.at(-1)).toBe("NOT DECLARED");
  expect(lines).toContain("1 call is not declared in the connectivity graph; a closed namespace answers 403.");
  expect(lines.at(-1)).toContain("bookstore/order-9");
});

test("an empty mesh is said to be one", () => {
  expect(topologyText({ ...bookstore, edges: [] })).toContain("Nobody has called anybody");
});
