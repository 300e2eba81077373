/** docs/faults.md, as it follows from test/faults.ts. */
import { join } from "node:path";
import { faults } from "../faults.ts";
import { kinds, type Row } from "../faults/row.ts";
import { root } from "./stacks.ts";

/** The page's file. */
export const faultsPageFile = join(root, "docs", "faults.md");

const head = `# Faults

<!-- Made of test/faults.ts by \`npm run golden\`. -->

What can go wrong while it runs, what happens then, and what proves it. What to do at 3 a.m. is in
[operations](operations.md#when-a-run-was-cut-off); how a run that was cut off is taken up is
[decision 22](decisions/0022-the-next-run-takes-up-what-the-last-one-left.md).
`;

/** A table with columns of one width each, as prettier leaves it. */
function columns(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((text) => text.replaceAll("|", "\\|")));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}

function cellsOf({ id, fault, here, kind, proofs, missing }: Row): string[] {
  const proven = proofs.map(([file, name]) => `\`test/${file}\`: ${name}`);
  return [id, fault, here, kind, [...proven, ...(missing === undefined ? [] : [`Missing: ${missing}`])].join("<br>")];
}

/** The whole page. */
export function faultsPage(): string {
  const counts = Object.entries(kinds).map(([kind, meaning]) => {
    return [kind, String(faults.filter((row) => row.kind === kind).length), meaning];
  });
  const table = (prefix: string) => {
    const rows = faults.filter(({ id }) => id.startsWith(prefix)).map(cellsOf);
    return columns([["#", "fault", "what happens", "kind", "proof"], ...rows]);
  };
  const parts = [
    head.trimEnd(),
    columns([["kind", "rows", "proven"], ...counts]),
    "## While it runs",
    table("F"),
    "## Policy packs that could fail open",
    table("P"),
  ];
  return `${parts.join("\n\n")}\n`;
}
