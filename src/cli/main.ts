#!/usr/bin/env node
import { problemOfMachine } from "../io/machine-problem.js";

/** Asked now, since a terminal that is gone is none. */
const writesToTerminal = process.stdout.isTTY;

try {
  // Loading the rest opens many files at once, so that is where a small limit shows first.
  const { runCli } = await import("./command-line/run.js");
  const code = await runCli(process.argv.slice(2));
  process.exitCode = code;
  // Its terminal is lost (by the signal, or since it cannot be written), and everything is saved. At its own exit Node would set up the terminal once more, and abort where that is gone.
  if (writesToTerminal && [129, 141].includes(code)) process.kill(process.pid, "SIGHUP");
} catch (error) {
  const problem = problemOfMachine(error);
  if (problem === undefined) throw error;
  process.stderr.write(`spikevine: ${problem}\n`);
  process.exitCode = 1;
}
