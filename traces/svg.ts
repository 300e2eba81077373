/** Draws a trace as an SVG picture of its own, for light and dark pages. */
import { scaleLinear } from "d3-scale";
import { at, hues, pages, pictureOf, styleOf, text, xml } from "../svg.ts";
import type { Trace } from "./reading.ts";
import { lengthOf, momentOf, type Step, stepsOf, summaryOf, tookText } from "./waterfall.ts";

const size = { width: 1160, row: 24, names: 420, took: 72, side: 24, top: 96, bottom: 24 };

const style = styleOf(".chart .name { font-size: 12px; }", (page) =>
  [
    `.chart .step { fill: ${hues[page].blue}; }`,
    `.chart .failed { fill: ${hues[page].orange}; }`,
    `.chart .rule { stroke: ${pages[page].grid}; stroke-width: 1; }`,
  ].join("\n"),
);

/** A trace as the text of an SVG file: a row for each step, below the one that it is a part of. */
export function drawTrace(trace: Trace): string {
  const steps = stepsOf(trace);
  const left = size.side + size.names;
  const right = size.width - size.side - size.took;
  const x = scaleLinear([0, 1], [left, right]);
  const height = size.top + steps.length * size.row + size.bottom;
  const title = `Trace ${trace.id}`;
  const subtitle = `${momentOf(trace)} UTC: ${summaryOf(trace)}`;
  const says = steps.map(({ span }) => `${span.service} ${span.operation} ${tookText(span.duration)}`).join(" · ");
  return pictureOf({ title, description: `${subtitle}. ${says}`, style }, { width: size.width, height }, [
    text(size.side, 32, title, ' class="ink title"'),
    text(size.side, 52, subtitle),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
      `<line class="rule" x1="${at(x(part))}" x2="${at(x(part))}" y1="${at(size.top - 8)}" y2="${at(height - size.bottom)}"/>`,
      text(x(part), size.top - 14, tookText(part * lengthOf(trace)), ' text-anchor="middle"'),
    ]),
    ...steps.map((step, index) => drawStep(step, size.top + index * size.row, x)),
  ]);
}

function drawStep({ span, depth, from, to }: Step, y: number, x: (part: number) => number): string {
  const words = `${span.service}  ${span.operation}`;
  const indent = size.side + Math.min(depth, 12) * 14;
  const room = Math.floor((size.side + size.names - indent) / 6.6); // letters
  const short = words.length > room ? `${words.slice(0, room - 1)}…` : words;
  const kind = span.failed ? "failed" : "step";
  return [
    `<g><title>${xml(`${words}: ${tookText(span.duration)}${span.failed ? ", failed" : ""}`)}</title>`,
    text(indent, y + 15, short, ' class="ink name"'),
    `<rect class="${kind}" x="${at(x(from))}" y="${at(y + 4)}" width="${at(Math.max(2, x(to) - x(from)))}" height="${at(size.row - 8)}" rx="3"/>`,
    text(size.width - size.side, y + 15, tookText(span.duration), ' text-anchor="end"'),
    "</g>",
  ].join("");
}
