import { constants } from "node:os";

/** Within this time a second signal is the same Ctrl-C: a terminal sends it to npm and to us, and npm passes it on. */
const SAME_KEYPRESS = 1000;

/** Watches Ctrl-C and termination while work that can be stopped cleanly goes on. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** What a shell expects after that signal, e.g. 130 for Ctrl-C; undefined where none came. */
  readonly exitCode: number | undefined;
  /** Gives the signals back to their default. */
  release(): void;
}

/** The first signal asks the work to stop; one that comes later ends the process at once. */
export function watchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let first = 0;
  const handle = (name: NodeJS.Signals): void => {
    const code = 128 + (constants.signals[name] ?? 0);
    if (exitCode === undefined) {
      exitCode = code;
      first = performance.now();
      controller.abort();
      onFirst();
    } else if (performance.now() - first > SAME_KEYPRESS) process.exit(code);
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      process.off("SIGINT", handle);
      process.off("SIGTERM", handle);
    },
  };
}
