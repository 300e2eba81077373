import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faults } from "./faults.ts";
import { faultsPage, faultsPageFile } from "./lib/faults-page.ts";
import { root } from "./lib/stacks.ts";

test("every fault has its row, once and in order", () => {
  const ids = (prefix: string, last: number) =>
    Array.from({ length: last }, (_, index) => `${prefix}${String(index + 1)}`);
  expect(faults.map(({ id }) => id)).toEqual([...ids("F", 36), ...ids("P", 9)]);
});

test.each(faults)(
  "$id is proven by tests that are there, or says what is missing",
  ({ kind, here, proofs, missing }) => {
    expect(here).toMatch(/^[A-Z`][^]*\.$/);
    if (kind === "not yet") expect(missing).toBeDefined();
    else expect(proofs).not.toEqual([]);
    for (const [file, name] of proofs) {
      const path = join(root, "test", file);
      expect([file, existsSync(path)]).toEqual([file, true]);
      expect(namesIn(readFileSync(path, "utf8"))).toContain(name);
    }
  },
);

/** The names of the tests in a source: `test("…"`, `it("…"`, and those of tables. */
const namesIn = (source: string): string[] =>
  [
    ...source.matchAll(
      /\b(?:test|longTest|it)\(\s*"((?:[^"\\]|\\.)*)"|^\s*\]?\)?\)?\(\s*"((?:[^"\\]|\\.)*)",\s*(?:async )?\(|\.each\(\w+(?:\([^)]*\))?\)\(\s*"((?:[^"\\]|\\.)*)"/gm,
    ),
  ].map(([, plain, table, each]) => plain ?? table ?? each ?? "");

test("docs/faults.md says what the table says", () => {
  expect(readFileSync(faultsPageFile, "utf8")).toBe(faultsPage());
});
