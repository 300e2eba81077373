/** Text in columns. */

/**
 * Columns beside each other, to the right of their width but for the first ones.
 *
 * @param left how many of them begin at the left
 */
export function table(columns: readonly (readonly string[])[], left = 1): string[] {
  const widths = columns.map((column) => Math.max(...column.map(({ length }) => length)));
  const lines = columns[0]?.map((_, row) =>
    columns
      .map((column, index) => {
        const [cell = "", width = 0] = [column[row], widths[index]];
        return index < left ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
  return (lines ?? []).map((line) => line.trimEnd());
}
