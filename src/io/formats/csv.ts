import { named, numbers, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

const check = signature("csv", {
  columns: { ...named(numbers, "an object from names to columns of numbers"), root: "columns" },
});

/**
 * Columns of numbers as CSV text (RFC 4180): a line of names, then one line per row. Numbers read back to the same
 * value.
 * @throws SpikevineError if the columns differ in length
 */
export function serializeCsv(columns: Readonly<Record<string, ArrayLike<number>>>): string {
  check([columns]);
  const names = Object.keys(columns);
  const values = Object.values(columns);
  const rows = values[0]?.length ?? 0;
  const odd = values.findIndex((column) => column.length !== rows);
  if (odd >= 0) {
    throw new SpikevineError(
      `csv: column "${names[odd]}" has ${values[odd]!.length} rows and "${names[0]}" has ${rows}; give columns of one length.`,
    );
  }
  const lines = [names.map(quoted).join(",")];
  for (let row = 0; row < rows; row++) lines.push(values.map((column) => String(column[row])).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * A cell of text as CSV. A spreadsheet would run text that starts like a formula, so an apostrophe is put before it;
 * numbers are unchanged. Other cells are quoted only if necessary.
 */
export function quoted(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text));
  const cell = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
