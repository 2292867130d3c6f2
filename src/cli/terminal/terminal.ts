import type { WriteStream } from "node:tty";
import { fileProblem } from "../../io/file-problem.js";
import { visibleText } from "../../io/visible-text.js";
import { colored, coloredBar, type LineStyle } from "./colors.js";

/** Output of a command: permanent lines, and one status line at the bottom that changes during the work. */
export interface Terminal {
  readonly width: number;
  /** True if a status line can be shown. */
  readonly live: boolean;
  /** Writes a permanent line, or several. The style shows where the terminal has colors. */
  line(text?: string, style?: LineStyle): void;
  /** Replaces the status line; does nothing if the output is not a terminal. */
  status(text: string): void;
  /** Writes an error, one sentence, to the error stream. */
  error(text: string): void;
  /** Stops writing lines and status (errors are still written). */
  mute(): void;
  /** Aborted when the output can no longer be written: its reader has ended, its disk is full, or its terminal is lost; the reason is the system's error. */
  readonly lost: AbortSignal;
}

const CLEAR = "\r\x1b[2K";

/** Usable width. A pipe has no columns, a pseudo-terminal may report 0, and text wider than 120 columns is hard to read. */
const widthOf = (out: WriteStream): number => Math.min(out.columns || 80, 120);

/** A pipe or a file gets no colors, and no terminal does with NO_COLOR or TERM=dumb, which Node reads. */
const hasColors = (out: WriteStream): boolean => out.isTTY === true && out.hasColors();

/** The terminal of this process. */
export function processTerminal(out: WriteStream = process.stdout, errors: WriteStream = process.stderr): Terminal {
  let muted = false;
  let shown = "";
  const lost = new AbortController();
  out.on("error", (error: NodeJS.ErrnoException) => {
    if (lost.signal.aborted) return;
    muted = true;
    shown = "";
    lost.abort(error);
    // A reader that stops early, such as `head`, is not an error.
    if (error.code !== "EPIPE") errors.write(`spikevine: cannot write to standard output: ${fileProblem(error)}.\n`);
  });
  // The error cannot be reported anywhere then, except by the exit code.
  errors.on("error", () => undefined);
  const clear = (): void => {
    if (shown !== "") out.write(CLEAR);
    shown = "";
  };
  return {
    get width() {
      return widthOf(out);
    },
    live: out.isTTY === true,
    lost: lost.signal,
    line(text = "", style) {
      if (muted) return;
      clear();
      const visible = visibleText(text);
      out.write(`${style !== undefined && hasColors(out) ? colored(visible, style) : visible}\n`);
    },
    status(text) {
      if (muted || out.isTTY !== true) return;
      // A line that wraps could not be cleared again.
      const fitting = visibleText(text).slice(0, widthOf(out) - 1);
      if (fitting === shown) return;
      out.write(`${CLEAR}${hasColors(out) ? coloredBar(fitting) : fitting}`);
      shown = fitting;
    },
    error(text) {
      clear();
      const visible = visibleText(text);
      errors.write(`${hasColors(errors) ? colored(visible, "error") : visible}\n`);
    },
    mute() {
      clear();
      muted = true;
    },
  };
}

/** The same terminal without lines and status, for a command that prints one JSON object. Errors are still written. */
export const withoutLines = (terminal: Terminal): Terminal => ({
  ...terminal,
  live: false,
  line: () => undefined,
  status: () => undefined,
  mute: () => undefined,
});
