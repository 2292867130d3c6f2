/** Formats rows as an aligned table under a ruled heading. Columns of numbers (by index) are aligned to the right. */
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

/** A loss, with its terms if there are several. */
export function lossText({ loss, terms = {} }: { loss: number; terms?: Readonly<Record<string, number>> }): string {
  const parts = Object.entries(terms).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return parts.length === 0 ? loss.toFixed(4) : `${loss.toFixed(4)} (${parts.join(", ")})`;
}

/** `1 epoch`, `2 epochs`, `1,200 updates`. */
export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** A fraction as a percentage with two decimals. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
