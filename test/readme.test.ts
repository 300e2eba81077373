import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { schemas } from "../config.ts";
import { root } from "./lib/stacks.ts";

const read = (...parts: string[]) => readFileSync(join(root, ...parts), "utf8");

/** Our own pages: not what npm has brought. */
const pages = ["README.md", "components/README.md", "policies/README.md", "tools/README.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
);

test.each(pages)("every link of %s leads somewhere", (page) => {
  for (const [, link = ""] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
    expect([link, existsSync(join(root, dirname(page), link))]).toEqual([link, true]);
  }
});

test.each(pages)("every npm command of %s is one of package.json", (page) => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const [, command = ""] of read(page).matchAll(/npm run ([a-z][a-z0-9-]*(?::[a-z0-9-]+)*)/g)) {
    expect(Object.keys(scripts)).toContain(command);
  }
});

test("every npm command runs a file that is there", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const files = Object.values(scripts).flatMap((line) =>
    [...line.matchAll(/[\w/]+\.(?:ts|mjs)/g)].map(([file]) => file),
  );
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("the README's configuration table has every section of the schema, and Pulumi.yaml too", () => {
  const keys = new Set([...read("README.md").matchAll(/^\| `quintet:(\w+)/gm)].map(([, key]) => key));
  expect([...keys].sort()).toEqual(Object.keys(schemas).sort());
  const { config } = parse(read("Pulumi.yaml")) as { config: Record<string, unknown> };
  expect(Object.keys(config).sort()).toEqual([...keys].map((key) => `quintet:${key ?? ""}`).sort());
});

describe("docs/features.md", () => {
  const rows = [...read("docs/features.md").matchAll(/^\| ([A-H]\d+) +\| ([^|]+) \| ([a-z ]+?) +\| ([^|]*) \|$/gm)].map(
    ([, id = "", , state = "", proof = ""]) => ({ id, state, proof: proof.trim() }),
  );

  test("has every row once", () => {
    const counts = { A: 9, B: 7, C: 3, D: 10, E: 7, F: 11, G: 5, H: 10 };
    const ids = Object.entries(counts).flatMap(([letter, n]) =>
      Array.from({ length: n }, (_, i) => `${letter}${String(i + 1)}`),
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  test.each(rows)("$id: $state is backed by what it names", ({ state, proof }) => {
    const file = /^`([^`]+)`/.exec(proof)?.[1];
    expect(["works", "partly", "not yet"]).toContain(state);
    if (state === "not yet") expect(proof).toBe("");
    else expect(file !== undefined && existsSync(join(root, file))).toBe(true);
    if (state === "partly") expect(proof).toMatch(/`; .+/);
  });
});

test("every page is filled in", () => {
  for (const page of pages) expect(read(page)).not.toMatch(/TO-COME/);
});
