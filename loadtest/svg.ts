/** Draws a chart as an SVG picture of its own, for light and dark pages. */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { at, hues, pages, pictureOf, styleOf, text, xml } from "../svg.ts";
import type { Chart, Panel, SeriesName } from "./chart.ts";

const width = 960;
/** Around each panel's plot. */
const margin = { left: 64, right: 24, top: 42, bottom: 20 };
const header = 92;
const plotHeight = 230;
const footer = 34;
const panelHeight = margin.top + plotHeight + margin.bottom;

/** Told apart in every common colour blindness. */
const colours: Readonly<Record<SeriesName, keyof typeof hues.light>> = {
  p50: "blue",
  p90: "green",
  p99: "orange",
  max: "gray",
};

/** In the order of the legend. Each is told from the others without its colour, too; max lies wide below the p99. */
const strokes: Readonly<Record<SeriesName, string>> = {
  p50: "stroke-width: 1.5;",
  p90: "stroke-width: 2; stroke-dasharray: 8 4;",
  p99: "stroke-width: 2.5;",
  max: "stroke-width: 7; stroke-opacity: 0.35;",
};
const names = Object.keys(strokes) as SeriesName[]; // the record's own keys

const style = styleOf(
  `.chart .panel-title { font-size: 13px; }
.chart .rule { stroke-dasharray: 6 4; }
.chart .error { stroke-width: 2; fill: none; }
${names.map((name) => `.chart .${name} { ${strokes[name]} }`).join("\n")}`,
  (kind) =>
    [
      `.chart .rule { stroke: ${pages[kind].ink}; }`,
      ...names.map((name) => `.chart .${name} { stroke: ${hues[kind][colours[name]]}; }`),
    ].join("\n"),
);

/** A cross. */
const cross = (x: number, y: number): string =>
  `M${at(x - 4)},${at(y - 4)}L${at(x + 4)},${at(y + 4)}M${at(x - 4)},${at(y + 4)}L${at(x + 4)},${at(y - 4)}`;

/** The chart as the text of an SVG file. */
export function drawSvg(chart: Chart): string {
  const height = header + chart.panels.length * panelHeight + footer;
  const foot = height - footer + 14;
  const description = [chart.subtitle, ...chart.panels.map(({ title }) => title)].join(" · ");
  return pictureOf({ title: chart.title, description, style }, { width, height }, [
    text(margin.left, 32, chart.title, ' class="ink title"'),
    text(margin.left, 52, chart.subtitle),
    ...legend(chart),
    ...chart.panels.map((panel, index) => drawPanel(chart, panel, header + index * panelHeight)),
    text((margin.left + width - margin.right) / 2, foot, chart.x.label, ' text-anchor="middle"'),
  ]);
}

function legend({ panels }: Chart): string[] {
  const shown = names.filter((name) => panels.some(({ series }) => series.some((one) => one.name === name)));
  const y = 76;
  const place = (index: number) => margin.left + index * 84;
  return [
    ...shown.flatMap((name, index) => [
      `<path class="line ${name}" d="M${at(place(index))},${at(y - 4)}h28"/>`,
      text(place(index) + 36, y, name),
    ]),
    `<path class="error" d="${cross(place(shown.length) + 14, y - 4)}"/>`,
    text(place(shown.length) + 26, y, "failed requests"),
  ];
}

function drawPanel({ x: xAxis, y: yAxis, rule }: Chart, { title, series, marks }: Panel, top: number): string {
  const [left, right, upper] = [margin.left, width - margin.right, top + margin.top];
  const lower = upper + plotHeight;
  const x = (xAxis.scale === "log" ? scaleLog() : scaleLinear()).domain(xAxis.domain).range([left, right]);
  const [least, most] = yAxis.domain;
  const y = scaleLog().domain([least, most]).range([lower, upper]).clamp(true);
  const path = line<{ readonly x: number; readonly y: number | undefined }>()
    .defined((point) => point.y !== undefined)
    .x((point) => x(point.x))
    .y((point) => y(Math.max(least, point.y ?? least)))
    .digits(1);
  return [
    "<g>",
    text(left, top + 18, title, ' class="ink panel-title"'),
    ...yAxis.ticks.flatMap((tick) => [
      `<path class="grid" d="M${at(left)},${at(y(tick))}H${at(right)}"/>`,
      text(left - 8, y(tick) + 4, `${String(tick)} ms`, ' text-anchor="end"'),
    ]),
    ...(xAxis.ticks ?? x.ticks(12)).flatMap((tick) => [
      `<path class="grid" d="M${at(x(tick))},${at(lower)}v5"/>`,
      text(x(tick), lower + 17, String(tick), ' text-anchor="middle"'),
    ]),
    ...(rule === undefined ? [] : [`<path class="rule" d="M${at(left)},${at(y(rule.y))}H${at(right)}"/>`]),
    ...series
      .toReversed() // what comes first in the legend is drawn on top
      .map(({ name, points }) => `<path class="line ${name}" d="${path(points) ?? ""}"/>`),
    ...marks.map(
      ({ x: where, failed }) =>
        `<path class="error" d="${cross(x(where), upper - 9)}"><title>${xml(`${String(failed)} failed`)}</title></path>`,
    ),
    ...(rule === undefined ? [] : [labelOfRule(rule.label, right, y(rule.y), upper)]),
    "</g>",
  ].join("\n");
}

/** Above the rule, or below it where the marks of failed requests are above. */
function labelOfRule(label: string, right: number, y: number, upper: number): string {
  return text(right, y - upper < 20 ? y + 15 : y - 6, label, ' class="ink label" text-anchor="end"');
}
