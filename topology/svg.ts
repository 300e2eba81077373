/** Draws a topology as an SVG picture of its own, for light and dark pages. */
import { scaleLog } from "d3-scale";
import { curveBumpX, line } from "d3-shape";
import { outside } from "../components/mesh-calls.ts";
import { ms } from "../loadtest/bar.ts";
import { at, hues, pages, pictureOf, styleOf, text, xml } from "../svg.ts";
import { layOut, type Place, type Route } from "./layout.ts";
import { kibibytes, perSecond, share } from "./report.ts";
import { isSilent, type Topology, type TopologyEdge, type TopologyNode } from "./topology.ts";

/** The part of failures from which an edge is drawn as one that fails. */
const failing = 0.01;

/** How an edge is drawn, told by its dash as well as by its colour. */
const kinds = {
  fine: { label: "answered", hue: "blue", dash: "" },
  failing: { label: "1 % errors or more", hue: "orange", dash: "10 3" },
  undeclared: { label: "not declared", hue: "orange", dash: "2 4" },
  silent: { label: "declared, no calls", hue: "gray", dash: "6 6" },
} as const;

type Kind = keyof typeof kinds;

function kindOf(edge: TopologyEdge): Kind {
  if (!edge.declared) return "undeclared";
  if (isSilent(edge)) return "silent";
  return edge.errorRate >= failing ? "failing" : "fine";
}

const all = Object.entries(kinds) as [Kind, (typeof kinds)[Kind]][]; // the literal's own keys

const style = styleOf(
  `.chart .name { font-size: 13px; }
.chart .small { font-size: 11px; }
.chart .box { stroke-width: 1.5; }
.chart .external { stroke-dasharray: 4 3; }
${all.map(([kind, { dash }]) => `.chart .${kind} { stroke-dasharray: ${dash === "" ? "none" : dash}; }`).join("\n")}
.chart .head { stroke: none; }`,
  (page) =>
    [
      `.chart .box { fill: ${pages[page].paper}; stroke: ${pages[page].soft}; }`,
      `.chart .gateway { stroke: ${hues[page].green}; }`,
      ...all.flatMap(([kind, { hue }]) => {
        const colour = kind === "undeclared" ? pages[page].error : hues[page][hue];
        return [`.chart .line.${kind} { stroke: ${colour}; }`, `.chart .head.${kind} { fill: ${colour}; }`];
      }),
    ].join("\n"),
);

const margin = { side: 32, top: 108, bottom: 28 };
const box = { height: 52, letter: 7.4, padding: 24, least: 110 };
/** Between two columns, wide enough for what an edge says; and between the middles of two rows. */
const gap = 200;
const rowHeight = 92;
/** Between the ends of two edges at a box, and between what two of them say. */
const portHeight = 11;
const labelHeight = 30;
/** Of what edges say. */
const lineHeight = 13;
const smallLetter = 6;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The topology as the text of an SVG file. */
export function drawTopology({ from, seconds, nodes, edges }: Topology): string {
  const layout = layOut(
    nodes.map(({ id }) => id),
    edges,
  );
  const widest = Math.max(0, ...nodes.flatMap((node) => linesOf(node).map(({ length }) => length)));
  const boxWidth = Math.max(box.least, widest * box.letter + box.padding);
  const width = Math.max(640, 2 * margin.side + layout.columns * boxWidth + (layout.columns - 1) * gap);
  const height = margin.top + layout.rows * rowHeight + margin.bottom;
  const placeOf = ({ column, row }: Place): Point => ({
    x: margin.side + column * (boxWidth + gap),
    y: margin.top + (row + layout.rows / 2) * rowHeight,
  });
  const paths = pathsOf(layout.routes, boxWidth, placeOf);
  const title = "Who calls whom in the mesh";
  const subtitle = `${String(seconds)} s from ${from.slice(0, 19).replace("T", " ")} UTC, as the callers' proxies counted`;
  const says = edges.map((edge) => `${edge.from} to ${edge.to}: ${labelOf(edge).join(", ")}`).join(" · ");
  const labels = labelPlaces(paths, edges);
  const drawn = edges.map((edge, index) => drawEdge(edge, paths[index] ?? [], layout.routes[index]?.back ?? false));
  const loops = edges.map((edge) => {
    const place = layout.places.get(edge.from);
    return edge.from !== edge.to || place === undefined ? "" : drawLoop(edge, placeOf(place), boxWidth);
  });
  return pictureOf({ title, description: `${subtitle}. ${says}`, style }, { width, height }, [
    text(margin.side, 32, title, ' class="ink title"'),
    text(margin.side, 52, subtitle),
    ...legend(),
    ...drawn,
    ...nodes.map((node) => {
      const place = layout.places.get(node.id);
      return place === undefined ? "" : drawNode(node, placeOf(place), boxWidth);
    }),
    ...loops,
    ...edges.map((edge, index) => drawLabel(edge, labels[index])),
  ]);
}

function legend(): string[] {
  const y = 80;
  return all.flatMap(([kind, { label }], index) => {
    const x = margin.side + index * 172;
    return [`<path class="line ${kind}" stroke-width="2" d="M${at(x)},${at(y - 4)}h28"/>`, text(x + 36, y, label)];
  });
}

/** A node's lines: where it is, what it is called, and how many pods it has. */
function linesOf({ id, kind, pods }: TopologyNode): [string, string, string] {
  if (kind === "external") return ["", id, id === outside ? "clients" : "a host outside"];
  const [namespace = "", name = ""] = id.split("/");
  const what = kind === "gateway" ? "gateway, " : "";
  return [namespace, name === "*" ? "any workload" : name, `${what}${pods === 1 ? "1 pod" : `${String(pods)} pods`}`];
}

function drawNode(node: TopologyNode, { x, y }: Point, width: number): string {
  const [namespace, name, pods] = linesOf(node);
  const middle = x + width / 2;
  return [
    `<rect class="box ${node.kind}" x="${at(x)}" y="${at(y - box.height / 2)}" width="${at(width)}" height="${at(box.height)}" rx="8"/>`,
    text(middle, y - 12, namespace, ' class="small" text-anchor="middle"'),
    text(middle, y + 4, name, ' class="ink name" text-anchor="middle"'),
    text(middle, y + 19, pods, ' class="small" text-anchor="middle"'),
  ].join("\n");
}

/** The points that each edge goes through, with ends that do not meet at a box. */
function pathsOf(routes: readonly Route[], boxWidth: number, placeOf: (place: Place) => Point): Point[][] {
  const key = ({ column, row }: Place) => `${String(column)} ${String(row)}`;
  const ports = (end: (route: Route) => readonly [own: Place, next: Place] | undefined) => {
    const ends = routes.flatMap((route) => {
      const [own, next] = end(route) ?? [];
      return own === undefined || next === undefined ? [] : [{ route, own, next }];
    });
    const offsets = new Map<Route, number>();
    for (const some of Map.groupBy(ends, ({ own }) => key(own)).values()) {
      some
        .toSorted((a, b) => a.next.row - b.next.row)
        .forEach(({ route }, index) => offsets.set(route, (index - (some.length - 1) / 2) * portHeight));
    }
    return (route: Route) => offsets.get(route) ?? 0;
  };
  const out = ports(({ places: [first, second] }) =>
    first === undefined || second === undefined ? undefined : [first, second],
  );
  const into = ports(({ places }) => {
    const [before, last] = places.slice(-2);
    return before === undefined || last === undefined ? undefined : [last, before];
  });
  return routes.map((route) =>
    route.places.flatMap((place, index): Point[] => {
      const { x, y } = placeOf(place);
      if (index === 0) return [{ x: x + boxWidth, y: y + out(route) }];
      if (index === route.places.length - 1) return [{ x, y: y + into(route) }];
      return [
        { x, y },
        { x: x + boxWidth, y },
      ];
    }),
  );
}

/** The width of a line by how often it is called. */
const strokeOf = scaleLog().domain([1, 1000]).range([1.5, 6]).clamp(true);

const curve = line<Point>()
  .x(({ x }) => x)
  .y(({ y }) => y)
  .curve(curveBumpX)
  .digits(1);

function drawEdge(edge: TopologyEdge, points: readonly Point[], back: boolean): string {
  const tip = back ? points[0] : points.at(-1);
  if (tip === undefined) return "";
  const kind = kindOf(edge);
  const side = back ? 1 : -1;
  const ends = `<title>${xml(`${edge.from} to ${edge.to}`)}</title>`;
  // The line ends inside the head, which alone is as sharp as it is to be.
  const shown = points.map((point) => (point === tip ? { x: point.x + side * 6, y: point.y } : point));
  return [
    `<path class="line ${kind}" stroke-width="${at(strokeOf(Math.max(1, edge.requestsPerSecond)))}" d="${curve(shown) ?? ""}">${ends}</path>`,
    `<path class="head ${kind}" d="M${at(tip.x)},${at(tip.y)}l${at(side * 10)},-5v10z"/>`,
  ].join("\n");
}

/** Calls of a workload to itself: over its box, with what they say. */
function drawLoop(edge: TopologyEdge, { x, y }: Point, width: number): string {
  const kind = kindOf(edge);
  const [top, middle] = [y - box.height / 2, x + width / 2];
  return [
    `<path class="line ${kind}" stroke-width="1.5" d="M${at(middle + 20)},${at(top)}v-6q0,-6 -6,-6h-28q-6,0 -6,6v2"/>`,
    `<path class="head ${kind}" d="M${at(middle - 20)},${at(top)}l-4,-8h8z"/>`,
    text(middle + 28, top - 6, labelOf(edge)[0] ?? "", ' class="ink small says"'),
  ].join("\n");
}

/** What an edge says. */
function labelOf(edge: TopologyEdge): string[] {
  const { protocol, requestsPerSecond, errorRate, p50, p99, bytesPerSecond } = edge;
  if (isSilent(edge)) return ["no calls"];
  if (protocol === "tcp") return [`tcp, ${kibibytes(bytesPerSecond)}`];
  const errors = errorRate === 0 ? "" : `, ${share(errorRate)} errors`;
  return [
    `${perSecond(requestsPerSecond)}${errors}`,
    ...(p50 === undefined || p99 === undefined ? [] : [`p50 ${ms(p50)}, p99 ${ms(p99)}`]),
  ];
}

/** Where edges say it: in the middle of the first gap that they cross, none over another. */
function labelPlaces(paths: readonly (readonly Point[])[], edges: readonly TopologyEdge[]): (Point | undefined)[] {
  const found = paths.map(([first, second]): Point | undefined =>
    first === undefined || second === undefined
      ? undefined
      : { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 },
  );
  const wanted = found.flatMap((point, index) =>
    point === undefined || edges[index] === undefined ? [] : [{ point, index }],
  );
  for (const some of Map.groupBy(wanted, ({ point }) => point.x).values()) {
    const sorted = some.toSorted((a, b) => a.point.y - b.point.y);
    const low = sorted.reduce<number[]>(
      (ys, { point }) => [...ys, Math.max(point.y, (ys.at(-1) ?? -Infinity) + labelHeight)],
      [],
    );
    // They are pushed down one by one, and then all of them half of the way back.
    const pushed = sorted.reduce((sum, { point }, index) => sum + (low[index] ?? 0) - point.y, 0) / sorted.length;
    sorted.forEach(({ point, index }, order) => {
      found[index] = { x: point.x, y: (low[order] ?? point.y) - pushed };
    });
  }
  return found;
}

/** On paper of its own, so that no line goes through the words. */
function drawLabel(edge: TopologyEdge, place: Point | undefined): string {
  if (place === undefined) return "";
  const words = labelOf(edge);
  const width = Math.max(...words.map(({ length }) => length)) * smallLetter;
  const height = words.length * lineHeight + 2;
  const { x, y } = place;
  return [
    `<rect class="paper" x="${at(x - width / 2)}" y="${at(y - height / 2)}" width="${at(width)}" height="${at(height)}"/>`,
    ...words.map((word, index) => {
      const base = y + 4 + (index - (words.length - 1) / 2) * lineHeight;
      return text(x, base, word, ` class="${index === 0 ? "ink " : ""}small says" text-anchor="middle"`);
    }),
  ].join("\n");
}
