/** Markdown for the pages that are made. */

/** A table as prettier leaves it. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const [header = []] = rows;
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const [first = "", ...others] = rows.map((row) => line(row, " "));
  return [
    first,
    line(
      header.map(() => ""),
      "-",
    ),
    ...others,
  ].join("\n");
}
