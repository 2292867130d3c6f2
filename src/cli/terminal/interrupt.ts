import { constants } from "node:os";
import type { Terminal } from "./terminal.js";

/** Within this time a second signal is the same Ctrl-C: a terminal sends it to npm and to us, and npm passes it on. */
const SAME_KEYPRESS = 1000;

/** Ctrl-C, termination, and the end of the terminal's session. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Watches for every wish to stop while work that can be stopped cleanly goes on. */
export interface Interrupt {
  /** Aborted by the first signal, or when the output is lost. */
  readonly signal: AbortSignal;
  /** What a shell expects after that, e.g. 130 for Ctrl-C; undefined where nothing came. */
  readonly exitCode: number | undefined;
  /** Gives the signals back to their default. */
  release(): void;
}

/**
 * The first signal, or an output that nobody reads any more, asks the work to stop; a signal that comes later ends the
 * process at once.
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
    if (exitCode === undefined) stop(LOST_OUTPUT);
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

/** Exit code of a process whose output cannot be written: that of SIGPIPE, which ends other programs then. */
export const LOST_OUTPUT = 128 + 13;
