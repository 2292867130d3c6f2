#!/usr/bin/env node
import { problemOfMachine } from "../record/machine-problem.js";

try {
  // Loading the rest opens many files at once, so that is where a small limit shows first.
  const { runCli } = await import("./run.js");
  process.exitCode = await runCli(process.argv.slice(2));
} catch (error) {
  const problem = problemOfMachine(error);
  if (problem === undefined) throw error;
  process.stderr.write(`spikevine: ${problem}\n`);
  process.exitCode = 1;
}
