import fc from "fast-check";
import { type Chart, loadTestChart, rampChart } from "../../loadtest/chart.ts";
import { figuresOf } from "../../loadtest/figures.ts";
import { endOf } from "../../loadtest/ramp.ts";
import { drawSvg } from "../../loadtest/svg.ts";
import { expectWhole } from "../lib/svg.ts";
import { answer, answers, target, tested } from "./fixture.ts";

const run = tested(
  answers(50, (index) => ({ milliseconds: index + 1 })),
  // The second target has its turn in the third second.
  answers(50, (index) => ({ at: 2_000 + index, milliseconds: 4, ...(index === 7 ? { status: 503 } : {}) })),
);
const series = (chart: Chart, panel: number, name: string) =>
  chart.panels[panel]?.series.find((one) => one.name === name)?.points.map(({ x, y }) => [x, y]);

const steps = [50, 100].map((rate) =>
  figuresOf(
    answers(rate * 5, (index) => ({ milliseconds: rate, ...(rate === 100 && index < 9 ? { status: 429 } : {}) })),
    { rate, seconds: 5 },
  ),
);
const climbed = { started: "2026-11-21T18:00:00.000Z", target: target(), steps, ...endOf(steps) };

describe("the chart over time", () => {
  const chart = loadTestChart(run);

  test("has the figures in its titles", () => {
    expect(chart.title).toBe("Latency at 50 requests/s, the lab's rate");
    expect(chart.panels.map(({ title }) => title)).toEqual([
      "ingress: 50 requests, 100.00 % succeeded, p50 25.0 ms, p90 45.0 ms, p99 50.0 ms, max 50.0 ms",
      "direct: 50 requests, 98.00 % succeeded, p50 4.0 ms, p90 4.0 ms, p99 4.0 ms, max 4.0 ms",
    ]);
  });

  test("has a point for each second, and gaps where others had their turn", () => {
    expect(series(chart, 0, "p50")).toEqual([[0.5, 25]]);
    expect(series(chart, 1, "max")).toEqual([
      [0.5, undefined],
      [1.5, undefined],
      [2.5, 4],
    ]);
  });

  test("marks where requests failed", () => {
    expect(chart.panels.map(({ marks }) => marks)).toEqual([[], [{ x: 2.5, failed: 1 }]]);
  });

  test("has the lab's p99 as a line at the lab's rate alone", () => {
    expect(chart.rule).toEqual({ y: 22.6, label: "bar for the p99: 22.6 ms" });
    expect(loadTestChart({ ...run, rate: 100 }).rule).toBeUndefined();
  });

  test("has axes around everything that is shown", () => {
    expect(chart.x.domain).toEqual([0, 3]);
    expect(chart.y).toEqual({ domain: [2, 50], ticks: [2, 5, 10, 20, 50] });
  });
});

test("the axis holds everything that is shown, and begins and ends with a tick", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }), (times) => {
      const { y, panels } = loadTestChart(tested(times.map((milliseconds) => answer({ milliseconds }))));
      const shown = panels.flatMap(({ series: lines }) =>
        lines.flatMap(({ points }) => points.map((one) => one.y ?? 0)),
      );
      expect(y.domain).toEqual([y.ticks[0], y.ticks.at(-1)]);
      expect(y.ticks.length).toBeGreaterThan(1);
      expect(y.domain[0]).toBeLessThanOrEqual(Math.max(0.01, Math.min(...shown)));
      expect(y.domain[1]).toBeGreaterThanOrEqual(Math.max(22.6, ...shown));
    }),
  );
});

test("a ramp's chart has a point for each rate, the failures, and how it ended", () => {
  const chart = rampChart(climbed);
  expect(series(chart, 0, "p99")).toEqual([
    [50, 50],
    [100, 100],
  ]);
  expect(chart.panels[0]).toMatchObject({ title: climbed.says, marks: [{ x: 100, failed: 9 }] });
  expect(chart.x).toMatchObject({ scale: "log", ticks: [50, 100] });
  expect(chart.rule?.y).toBe(500);
});

/** The numbers of a path. */
const numbers = (path = "") => [...path.matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number));

describe("the picture", () => {
  const svg = drawSvg(loadTestChart(run));
  const paths = (name: string) =>
    [...svg.matchAll(new RegExp(`<path class="line ${name}" d="([^"]*)"`, "g"))].map(([, d]) => d);

  test("is whole XML: every element is closed, and nothing is left undefined", () => {
    expectWhole(svg);
  });

  test("has a line in the legend and one in each panel for every series, and a cross for the failure", () => {
    for (const name of ["p50", "p90", "p99", "max"]) expect(paths(name)).toHaveLength(3);
    expect(svg.match(/class="error"/g)).toHaveLength(2);
    expect(svg).toContain("<title>1 failed</title>");
  });

  test("puts a latency where the logarithmic axis has it", () => {
    const [, first] = paths("p50"); // 25 ms in the first of 3 s, between 2 and 50 ms
    const [x = 0, y = 0] = numbers(first);
    const [left, right, upper, height] = [64, 936, 134, 230];
    expect(x).toBeCloseTo(left + ((right - left) * 0.5) / 3, 1);
    expect(y).toBeCloseTo(upper + (height * Math.log(50 / 25)) / Math.log(50 / 2), 1);
  });

  test("has titles, axes and colours for light and dark pages", () => {
    expect(svg).toContain(">Latency at 50 requests/s, the lab's rate<");
    expect(svg).toContain(">seconds since the start<");
    expect(svg).toContain(">50 ms<");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).toContain('role="img"');
  });

  test("lets no text be markup", () => {
    const odd = tested(answers(1));
    const [first] = odd.measured;
    const drawn = drawSvg(loadTestChart({ ...odd, measured: [{ ...first, target: target({ name: '<a b="&">' }) }] }));
    expect(drawn).toContain("&lt;a b=&quot;&amp;&quot;&gt;:");
    expect(drawn).not.toContain("<a ");
  });

  test("of a ramp has its rates on the axis", () => {
    const drawn = drawSvg(rampChart(climbed));
    // The limit is the top of the axis, where its label would be on the marks: it is below.
    expect(drawn).toMatch(/y="149"[^>]*>limit for the p99: 500\.0 ms</);
    for (const tick of [">50<", ">100<", ">requests/s<"]) expect(drawn).toContain(tick);
    expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  });
});
