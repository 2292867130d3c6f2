import type { WriteStream } from "node:tty";
import { fileProblem } from "../../io/file-problem.js";
import { visibleText } from "../../io/visible-text.js";

/** Where a command writes: lines that stay, and one line at the bottom that changes while work goes on. */
export interface Terminal {
  readonly width: number;
  /** Whether a changing line can be shown. */
  readonly live: boolean;
  /** Writes a line that stays. */
  line(text?: string): void;
  /** Replaces the changing line; does nothing where the output is not a terminal. */
  status(text: string): void;
  /** One sentence about what went wrong, to the error stream. */
  error(text: string): void;
  /** Stops writing lines and status (errors are still written). */
  mute(): void;
  /** Aborted when the output can no longer be written: its reader has ended, its disk is full, its terminal is gone. */
  readonly lost: AbortSignal;
}

const CLEAR = "\r\x1b[2K";

/** A pseudo-terminal may say that it has no columns; nothing reads well on more than 120. */
const widthOf = (out: WriteStream): number => Math.min(out.columns || 100, 120);

/** The terminal of this process. */
export function processTerminal(out: WriteStream = process.stdout, errors: WriteStream = process.stderr): Terminal {
  let muted = false;
  let shown = "";
  const lost = new AbortController();
  out.on("error", (error: NodeJS.ErrnoException) => {
    if (lost.signal.aborted) return;
    muted = true;
    shown = "";
    lost.abort();
    // A reader that has enough, such as `head`, is no problem to tell of.
    if (error.code !== "EPIPE") errors.write(`spikevine: cannot write to standard output: ${fileProblem(error)}.\n`);
  });
  // What went wrong cannot be told anywhere then; the exit code does.
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
    line(text = "") {
      if (muted) return;
      clear();
      out.write(`${visibleText(text)}\n`);
    },
    status(text) {
      if (muted || out.isTTY !== true) return;
      // A line that wraps could not be cleared again.
      const fitting = visibleText(text).slice(0, widthOf(out) - 1);
      if (fitting === shown) return;
      out.write(`${CLEAR}${fitting}`);
      shown = fitting;
    },
    error(text) {
      clear();
      errors.write(`${visibleText(text)}\n`);
    },
    mute() {
      clear();
      muted = true;
    },
  };
}
