import type { Field } from "../../experiment/fields.js";
import { type Terminal, withoutLines } from "../terminal/terminal.js";
import type { Invocation } from "./command.js";

/** The flag `--json` of a command. */
export const jsonOutput = (description: string): Field => ({
  keys: ["json"],
  path: "json",
  flag: "json",
  group: "Output",
  kind: "switch",
  default: false,
  description: `print one JSON object with ${description}, and nothing else; numbers that do not exist are null`,
  expects: "true or false",
});

/** The terminal of a command that may print one JSON object in place of lines. */
export interface JsonTerminal {
  /** Writes nothing but errors if `--json` was given. */
  readonly terminal: Terminal;
  /** Prints the object if `--json` was given. */
  readonly print: (figures: () => object) => void;
}

export function jsonTerminal({ own, terminal }: Invocation, json: Field): JsonTerminal {
  if (own(json) !== true) return { terminal, print: () => undefined };
  return { terminal: withoutLines(terminal), print: (figures) => terminal.line(JSON.stringify(figures())) };
}
