/** Rows of text as an aligned table under a ruled heading; numbers (by their heading's index) to the right. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const render = (row: readonly string[]): string =>
    widths
      .map((width, column) =>
        right.includes(column) ? (row[column] ?? "").padStart(width) : (row[column] ?? "").padEnd(width),
      )
      .join("  ")
      .trimEnd();
  return [render(heading), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(render)].join("\n");
}

/** A share as a percentage with two decimals. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
