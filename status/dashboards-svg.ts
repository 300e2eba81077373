/** Draws a dashboard as an SVG picture of its own, where no Grafana is there to show it. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { line } from "d3-shape";
import { at, hues, pages, pictureOf, styleOf, text, xml } from "../svg.ts";
import type { DrawnPanel, Series, Stretch } from "./dashboards.ts";
import { binaryPower, shownValue } from "./units.ts";

const panelSize = { width: 560, height: 240 };
const margin = { side: 24, top: 76, gap: 16 };
const plot = { left: 78, right: 12, top: 34, bottom: 56 };
/** More lines than these are one too many for an eye; the others are counted below. */
const most = 8;
const dashes = ["none", "6 3"] as const;
const colours = ["blue", "orange", "green", "gray"] as const;

const styles = Array.from({ length: most }, (_, index) => ({
  name: `series-${String(index)}`,
  hue: colours[index % colours.length] ?? "gray",
  dash: dashes[Math.floor(index / colours.length)] ?? "none",
}));

const style = styleOf(
  `.chart .panel { stroke-width: 1; }
.chart .name { font-size: 13px; font-weight: 600; }
.chart .small { font-size: 11px; }
.chart .big { font-size: 44px; font-weight: 600; }
${styles.map(({ name, dash }) => `.chart .${name} { stroke-width: 1.75; stroke-dasharray: ${dash}; }`).join("\n")}`,
  (page) =>
    [
      `.chart .panel { fill: ${pages[page].paper}; stroke: ${pages[page].grid}; }`,
      ...styles.map(({ name, hue }) => `.chart .${name} { stroke: ${hues[page][hue]}; }`),
    ].join("\n"),
);

/** A dashboard as the text of an SVG file. */
export function drawDashboard(name: string, panels: readonly DrawnPanel[], stretch: Stretch): string {
  const rows = Math.ceil(panels.length / 2);
  const width = 2 * margin.side + 2 * panelSize.width + margin.gap;
  const height = margin.top + rows * (panelSize.height + margin.gap) + margin.side;
  const title = `Quintet / ${name}`;
  const subtitle = `${minutes(stretch)} min to ${moment(stretch.end)} UTC, drawn from Prometheus without Grafana`;
  const says = panels.map((panel) => `${panel.title}: ${String(panel.series.length)} series`).join(" · ");
  return pictureOf({ title, description: `${subtitle}. ${says}`, style }, { width, height }, [
    text(margin.side, 32, title, ' class="ink title"'),
    text(margin.side, 52, subtitle),
    ...panels.map((panel, index) => {
      const x = margin.side + (index % 2) * (panelSize.width + margin.gap);
      const y = margin.top + Math.floor(index / 2) * (panelSize.height + margin.gap);
      return `<g transform="translate(${at(x)},${at(y)})">${drawPanel(panel, stretch)}</g>`;
    }),
  ]);
}

const minutes = ({ start, end }: Stretch) => String(Math.round((end - start) / 60));
const moment = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");

function drawPanel(panel: DrawnPanel, stretch: Stretch): string {
  const { width, height } = panelSize;
  return [
    `<rect class="panel" width="${at(width)}" height="${at(height)}" rx="6"/>`,
    text(16, 22, panel.title, ' class="ink name"'),
    ...(panel.shows === "number" ? drawNumbers(panel) : drawLines(panel, stretch)),
  ].join("\n");
}

function drawNumbers({ series, unit }: DrawnPanel): string[] {
  const each = panelSize.width / Math.max(1, Math.min(series.length, most));
  return series.slice(0, most).flatMap(({ name, points }, index) => {
    const middle = (index + 0.5) * each;
    const value = points.at(-1)?.[1] ?? 0;
    return [
      text(middle, 136, shownValue(value, unit), ' class="ink big" text-anchor="middle"'),
      text(middle, 164, name, ' text-anchor="middle"'),
    ];
  });
}

function drawLines({ series, unit }: DrawnPanel, { start, end }: Stretch): string[] {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const x = scaleUtc([new Date(start * 1000), new Date(end * 1000)], [plot.left, panelSize.width - plot.right]);
  const highest = Math.max(0, ...values);
  // Steps are round in the unit that is shown: 512 MiB and not 500 MB.
  const one = unit === "bytes" || unit === "Bps" ? 1024 ** binaryPower(highest) : 1;
  const y = scaleLinear(
    [Math.min(0, ...values) / one, highest === 0 ? 1 : highest / one],
    [panelSize.height - plot.bottom, plot.top],
  ).nice(4);
  // The busiest first: they are what somebody looks for.
  const sorted = [...series].sort((one, other) => mean(other) - mean(one));
  const path = line<Series["points"][number]>(
    ([when]) => x(new Date(when * 1000)),
    ([, value]) => y(value / one),
  ).digits(1);
  return [
    ...y
      .ticks(4)
      .flatMap((tick) => [
        `<path class="line grid" d="M${at(plot.left)},${at(y(tick))}H${at(panelSize.width - plot.right)}"/>`,
        text(plot.left - 6, y(tick) + 4, shownValue(tick * one, unit), ' class="small" text-anchor="end"'),
      ]),
    ...x
      .ticks(6)
      .map((tick) =>
        text(
          x(tick),
          panelSize.height - plot.bottom + 16,
          tick.toISOString().slice(11, 16),
          ' class="small" text-anchor="middle"',
        ),
      ),
    ...sorted.slice(0, most).map(({ name, points }, index) => {
      const kind = styles[index]?.name ?? "";
      return `<path class="line ${kind}" d="${path(points) ?? ""}"><title>${xml(name)}</title></path>`;
    }),
    ...legend(sorted),
  ];
}

const mean = ({ points }: Series): number => points.reduce((sum, [, value]) => sum + value, 0) / points.length;

function legend(sorted: readonly Series[]): string[] {
  const each = (panelSize.width - 2 * 16) / 4;
  const rest = sorted.length - most;
  const names = sorted.slice(0, most).flatMap(({ name }, index) => {
    const [left, y] = [16 + (index % 4) * each, panelSize.height - 22 + Math.floor(index / 4) * 14];
    return [
      `<path class="line ${styles[index]?.name ?? ""}" d="M${at(left)},${at(y - 4)}h14"/>`,
      text(left + 18, y, shortened(name), ' class="small"'),
    ];
  });
  return rest > 0
    ? [...names, text(panelSize.width - 12, 22, `and ${String(rest)} more`, ' class="small" text-anchor="end"')]
    : names;
}

const shortened = (name: string): string => (name.length > 19 ? `${name.slice(0, 18)}…` : name);
