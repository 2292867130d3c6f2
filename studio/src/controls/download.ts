/** Lets the browser save a text as a file. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Columns of numbers as CSV, a blank for a missing value. */
export function csvOf(
  columns: readonly { readonly name: string; readonly values: ArrayLike<number | string | null> }[],
): string {
  const rows = Math.max(0, ...columns.map(({ values }) => values.length));
  const lines = [columns.map(({ name }) => quoted(name)).join(",")];
  for (let row = 0; row < rows; row++) {
    lines.push(columns.map(({ values }) => quoted(values[row] ?? "")).join(","));
  }
  return `${lines.join("\n")}\n`;
}

function quoted(value: number | string): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
