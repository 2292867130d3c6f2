/**
 * Style of a line: `table` has a heading in its first line, `summary` a term at the start of every line, `help` headings
 * at the margin and indented terms.
 */
export type LineStyle = "error" | "warning" | "result" | "table" | "summary" | "help";

/** Parameters of the control sequence that selects a style, and of the one that ends it. */
const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;

function paint(text: string, style: keyof typeof CODES): string {
  const [begin, end] = CODES[style];
  return `\x1b[${begin}m${text}\x1b[${end}m`;
}

/** The text in a style. The text must have no control characters of its own. */
export function colored(text: string, style: LineStyle): string {
  switch (style) {
    case "error":
      return text.replace(/^spikevine:/gm, (name) => paint(name, "red"));
    case "warning":
      return text.replace(/^warning:/gm, (name) => paint(name, "yellow"));
    case "result":
      return paint(text, "green");
    case "table":
      return text.replace(/^.+/, (heading) => paint(heading, "bold"));
    case "summary":
      return text.replace(/^\S+/gm, (term) => paint(term, "cyan"));
    case "help":
      return text
        .replace(/^\S.*$/gm, (heading) => paint(heading, "bold"))
        .replace(/^ {2}\S+(, \S+)*/gm, (term) => paint(term, "cyan"));
  }
}

/** A progress line with its bar in color. */
export const coloredBar = (text: string): string => text.replace(/[█░]+/, (bar) => paint(bar, "cyan"));
