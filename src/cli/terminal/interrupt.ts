import { constants } from "node:os";
import type { Terminal } from "./terminal.js";

/** Within this time a second signal counts as the same Ctrl-C: a terminal sends it to npm and to this process, and npm forwards it. */
const SAME_KEYPRESS = 1000;

/** Ctrl-C, termination, and the end of the terminal's session. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Watches for requests to stop during work that can be stopped cleanly. */
export interface Interrupt {
  /** Aborted by the first signal, or when the output is lost. */
  readonly signal: AbortSignal;
  /** Exit code that a shell expects after the signal, e.g. 130 for Ctrl-C; undefined if no signal came. */
  readonly exitCode: number | undefined;
  /** Restores the default action of the signals. */
  release(): void;
}

/**
 * Asks the work to stop at the first signal, or when the output has lost its reader. A later signal ends the process at once.
 */
export function watchInterrupt({ lost }: Pick<Terminal, "lost">, onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let first = 0;
  const stop = (code: number): void => {
    exitCode = code;
    first = performance.now();
    controller.abort();
    onFirst();
  };
  const handle = (name: NodeJS.Signals): void => {
    const code = 128 + (constants.signals[name] ?? 0);
    if (exitCode === undefined) stop(code);
    else if (performance.now() - first > SAME_KEYPRESS) process.exit(code);
  };
  const onLost = (): void => {
    if (exitCode === undefined) stop(codeOfLost(lost));
  };
  for (const name of SIGNALS) process.on(name, handle);
  lost.addEventListener("abort", onLost);
  if (lost.aborted) onLost();
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const name of SIGNALS) process.off(name, handle);
      lost.removeEventListener("abort", onLost);
    },
  };
}

/**
 * Exit code of a process whose output cannot be written: that of SIGPIPE if its reader or its terminal is gone, since other
 * programs end by that signal; otherwise the output has failed, e.g. because its disk is full.
 */
export function codeOfLost({ reason }: AbortSignal): number {
  return ["EPIPE", "EIO"].includes((reason as NodeJS.ErrnoException).code ?? "") ? 128 + constants.signals.SIGPIPE : 1;
}
