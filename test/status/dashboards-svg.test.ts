import type { DrawnPanel } from "../../status/dashboards.ts";
import { drawDashboard } from "../../status/dashboards-svg.ts";
import { expectWhole } from "../lib/svg.ts";

const stretch = { start: 1_800_000_000, end: 1_800_001_800, step: 15 };
const lineOf = (name: string, value: number) => ({
  name,
  points: [
    [stretch.start, value],
    [stretch.end, value * 2],
  ] as const,
});
const lines = (count: number): DrawnPanel => ({
  title: "Memory <by> namespace",
  unit: "bytes",
  shows: "lines",
  series: Array.from({ length: count }, (_, index) => lineOf(`namespace-${String(index)}`, (index + 1) * 1024)),
});
const number: DrawnPanel = { title: "Targets", unit: "short", shows: "number", series: [lineOf("up", 25.5)] };
const paths = (svg: string) => [...svg.matchAll(/<path class="line series-\d" d="[^"]+"><title>([^<]*)</g)];

test("is whole XML with every panel's title and where it comes from", () => {
  const svg = drawDashboard("overview", [lines(2), number], stretch);
  expectWhole(svg);
  expect(svg).toContain("Quintet / overview");
  expect(svg).toContain("30 min to 2027-01-15 08:30 UTC, drawn from Prometheus without Grafana");
  expect(svg).toContain("Memory &lt;by&gt; namespace");
});

test("draws a line for each series and the last value of a number", () => {
  const svg = drawDashboard("overview", [lines(2), number], stretch);
  expect(paths(svg).map(([, name]) => name)).toEqual(["namespace-1", "namespace-0"]);
  expect(svg).toContain(">51</text>");
});

test("draws eight lines at most, the highest, and says how many more there are", () => {
  const svg = drawDashboard("overview", [lines(11)], stretch);
  expect(paths(svg)).toHaveLength(8);
  expect(paths(svg)[0]?.[1]).toBe("namespace-10");
  expect(svg).toContain(">and 3 more</text>");
});

test("a panel without data is drawn empty", () => {
  const svg = drawDashboard("overview", [lines(0)], stretch);
  expectWhole(svg);
  expect(paths(svg)).toEqual([]);
});

test("the steps of bytes are round as bytes are counted", () => {
  const svg = drawDashboard("overview", [lines(2)], stretch);
  expect([...svg.matchAll(/text-anchor="end">([^<]*)</g)].map(([, tick]) => tick)).toEqual([
    "0 B",
    "1 KiB",
    "2 KiB",
    "3 KiB",
    "4 KiB",
  ]);
});
