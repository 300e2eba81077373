/** Draws a chart as an SVG picture of its own, for light and dark pages. */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import type { Chart, Panel, SeriesName } from "./chart.ts";

const width = 960;
/** Around each panel's plot. */
const margin = { left: 64, right: 24, top: 42, bottom: 20 };
const header = 92;
const plotHeight = 230;
const footer = 34;
const panelHeight = margin.top + plotHeight + margin.bottom;

/** The colours of a kind of page. Those of lines are told apart in every common colour blindness (Okabe and Ito). */
interface Theme extends Readonly<Record<SeriesName, string>> {
  readonly paper: string;
  /** For what is read first, and for the rest. */
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  readonly error: string;
}

const light: Theme = {
  paper: "#ffffff",
  ink: "#1b1f24",
  soft: "#57606a",
  grid: "#d8dee4",
  error: "#cf222e",
  p50: "#0072b2",
  p90: "#00795a",
  p99: "#c24f00",
  max: "#6b7280",
};

const dark: Theme = {
  paper: "#0d1117",
  ink: "#e6edf3",
  soft: "#9aa4b2",
  grid: "#30363d",
  error: "#ff7b72",
  p50: "#56b4e9",
  p90: "#35c79e",
  p99: "#ff9a4d",
  max: "#9aa4b2",
};

/** In the order of the legend. Each is told from the others without its colour, too; max lies wide below the p99. */
const strokes: Readonly<Record<SeriesName, string>> = {
  p50: "stroke-width: 1.5;",
  p90: "stroke-width: 2; stroke-dasharray: 8 4;",
  p99: "stroke-width: 2.5;",
  max: "stroke-width: 7; stroke-opacity: 0.35;",
};
const names = Object.keys(strokes) as SeriesName[]; // the record's own keys

/** Without variables, which few programs but browsers know. */
const coloursOf = (theme: Theme): string => `
.chart .paper { fill: ${theme.paper}; }
.chart text { fill: ${theme.soft}; }
.chart .ink { fill: ${theme.ink}; }
.chart .label { stroke: ${theme.paper}; }
.chart .grid { stroke: ${theme.grid}; }
.chart .rule { stroke: ${theme.ink}; }
.chart .error { stroke: ${theme.error}; }
${names.map((name) => `.chart .${name} { stroke: ${theme[name]}; }`).join("\n")}`;

const css = `
.chart text { font-family: system-ui, sans-serif; font-size: 12px; }
.chart .title { font-size: 18px; font-weight: 600; }
.chart .panel-title { font-size: 13px; }
.chart .label { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round; }
.chart .line { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.chart .rule { stroke-dasharray: 6 4; }
.chart .error { stroke-width: 2; fill: none; }
${names.map((name) => `.chart .${name} { ${strokes[name]} }`).join("\n")}
${coloursOf(light)}
@media (prefers-color-scheme: dark) {${coloursOf(dark)}
}
`;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it may stand in XML. */
const xml = (text: string): string => text.replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter);

/** A coordinate: a tenth of a pixel is as fine as anybody sees. */
const at = (value: number): string => String(Math.round(value * 10) / 10);

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${at(x)}" y="${at(y)}"${attributes}>${xml(content)}</text>`;

/** A cross. */
const cross = (x: number, y: number): string =>
  `M${at(x - 4)},${at(y - 4)}L${at(x + 4)},${at(y + 4)}M${at(x - 4)},${at(y + 4)}L${at(x + 4)},${at(y - 4)}`;

/** The chart as the text of an SVG file. */
export function drawSvg(chart: Chart): string {
  const height = header + chart.panels.length * panelHeight + footer;
  const foot = height - footer + 14;
  const described = [chart.subtitle, ...chart.panels.map(({ title }) => title)].join(" · ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="img" aria-labelledby="title description">`,
    `<title id="title">${xml(chart.title)}</title>`,
    `<desc id="description">${xml(described)}</desc>`,
    `<style>${css}</style>`,
    `<rect class="paper" width="${at(width)}" height="${at(height)}"/>`,
    text(margin.left, 32, chart.title, ' class="ink title"'),
    text(margin.left, 52, chart.subtitle),
    ...legend(chart),
    ...chart.panels.map((panel, index) => drawPanel(chart, panel, header + index * panelHeight)),
    text((margin.left + width - margin.right) / 2, foot, chart.x.label, ' text-anchor="middle"'),
    "</svg>\n",
  ].join("\n");
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
