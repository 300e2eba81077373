import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drawTopology } from "../../topology/svg.ts";
import type { Topology } from "../../topology/topology.ts";
import { expectWhole } from "../lib/svg.ts";
import { root } from "../lib/stacks.ts";
import { bookstore } from "./fixture.ts";

const svg = drawTopology(bookstore);
const lines = (kind: string) =>
  [...svg.matchAll(new RegExp(`<path class="line ${kind}"[^>]*d="[^"]*"><title>([^<]*)</title>`, "g"))].map(
    ([, ends]) => ends,
  );

test("is whole XML, for light and dark pages", () => {
  expectWhole(svg);
  expect(svg).toContain("prefers-color-scheme: dark");
});

test("has every edge by how its calls went", () => {
  expect(lines("fine")).toHaveLength(7);
  expect(lines("failing")).toEqual(["bookstore/order to bookstore/catalog"]);
  expect(lines("undeclared")).toEqual(["bookstore/inventory to bookstore/customer"]);
  expect(lines("silent")).toEqual([
    "bookstore/delivery to bookstore/inventory",
    "bookstore/order to bookstore/delivery",
  ]);
});

test("has a box for everybody, and what every edge says", () => {
  expect(svg.match(/<rect class="box/g)).toHaveLength(bookstore.nodes.length);
  for (const words of [
    ">gateway<",
    ">outside<",
    ">20.0/s, 4.00 % errors<",
    ">p50 3.8 ms, p99 15.0 ms<",
    ">no calls<",
  ]) {
    expect(svg).toContain(words);
  }
});

test("nothing that an edge says lies over what another one does", () => {
  const said = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" class="[^"]*small says"/g)].map(([, x, y]) => [
    x,
    Number(y),
  ]);
  expect(said.length).toBeGreaterThan(10);
  for (const [index, [x, y = 0]] of said.entries()) {
    for (const [otherX, otherY = 0] of said.slice(index + 1)) {
      if (x === otherX) expect(Math.abs(Number(y) - Number(otherY))).toBeGreaterThanOrEqual(12);
    }
  }
});

const edge = { declared: true, protocol: "tcp", requestsPerSecond: 0, errorRate: 0, bytesPerSecond: 2048 } as const;
const odd: Topology = {
  ...bookstore,
  nodes: ["a/b", "a/c", "<d>"].map((id) => ({ id, kind: id === "<d>" ? "external" : "workload", pods: 1 })),
  edges: [
    { ...edge, from: "a/b", to: "a/c" },
    { ...edge, from: "a/c", to: "a/b" },
    { ...edge, from: "a/b", to: "a/b" },
    { ...edge, from: "a/b", to: "<d>" },
  ],
};

test("circles, calls to oneself, TCP and odd names are drawn, and no text is markup", () => {
  const drawn = drawTopology(odd);
  expectWhole(drawn);
  expect(drawn.match(/>tcp, 2\.0 KiB\/s</g)).toHaveLength(4);
  expect(drawn).toContain(">&lt;d&gt;<");
});

test("an empty mesh is a picture, too", () => {
  expectWhole(drawTopology({ ...bookstore, nodes: [], edges: [] }));
});

test("docs/topology.svg is drawn from the fixture: npm run golden", () => {
  expect(readFileSync(join(root, "docs", "topology.svg"), "utf8")).toBe(svg);
});
