#!/usr/bin/env node
import { problemOfMachine } from "../io/machine-problem.js";

/** Read at the start, since a lost terminal no longer counts as one. */
const writesToTerminal = process.stdout.isTTY;

try {
  // Loading the rest opens many files at once, so a small limit of open files fails here first.
  const { runCli } = await import("./command-line/run.js");
  const code = await runCli(process.argv.slice(2));
  process.exitCode = code;
  // The terminal is lost and everything is saved. Node's own exit would restore the terminal's settings and abort, since it is gone.
  if (writesToTerminal && [129, 141].includes(code)) process.kill(process.pid, "SIGHUP");
} catch (error) {
  const problem = problemOfMachine(error);
  if (problem === undefined) throw error;
  process.stderr.write(`spikevine: ${problem}\n`);
  process.exitCode = 1;
}
