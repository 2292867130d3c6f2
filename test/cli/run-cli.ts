import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "#spikevine/src/cli/command-line/run";
import type { Terminal } from "#spikevine/src/cli/terminal/terminal";

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Runs a command line in this process, on a terminal that remembers. */
export async function spikevine(...args: readonly string[]): Promise<Finished> {
  const out: string[] = [];
  const errors: string[] = [];
  let muted = false;
  const terminal: Terminal = {
    width: 80,
    lost: new AbortController().signal,
    live: false,
    line: (text = "") => {
      if (!muted) out.push(`${text}\n`);
    },
    status: () => undefined,
    error: (text) => errors.push(`${text}\n`),
    mute: () => {
      muted = true;
    },
  };
  const began = performance.now();
  const code = await runCli(args, terminal);
  return { code, stdout: out.join(""), stderr: errors.join(""), seconds: (performance.now() - began) / 1000 };
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "spikevine-cli-"));

/** A training that takes about a second. */
export const TINY: readonly string[] = [
  ...["--train-samples", "160", "--test-samples", "40", "--hidden", "16", "--steps", "5", "--epochs", "2"],
  ...["--device", "reference"],
];
