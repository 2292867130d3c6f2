import { SpikevineError } from "../../errors.js";
import { type FileSystem, systemFiles } from "../../io/file-system.js";
import { problemOfMachine } from "../../io/machine-problem.js";
import { unknownName } from "../../nearest-name.js";
import { version } from "../../version.js";
import { completionCommand } from "../commands/completion.js";
import { doctor } from "../commands/doctor.js";
import { evaluateCommand } from "../commands/eval.js";
import { exportCommand } from "../commands/export.js";
import { importCommand } from "../commands/import.js";
import { recordCommand } from "../commands/record.js";
import { simulateCommand } from "../commands/simulate.js";
import { studioCommand } from "../commands/studio.js";
import { sweepCommand } from "../commands/sweep.js";
import { train } from "../commands/train.js";
import { workerCommand } from "../commands/worker.js";
import { codeOfLost } from "../terminal/interrupt.js";
import { processTerminal, type Terminal } from "../terminal/terminal.js";
import { applyFlags, readArguments } from "./arguments.js";
import type { Command } from "./command.js";
import { commandHelp, overview } from "./help.js";
import { UsageError } from "./usage-error.js";

const WORKING: readonly Command[] = [
  train,
  sweepCommand,
  evaluateCommand,
  recordCommand,
  importCommand,
  exportCommand,
  workerCommand,
  simulateCommand,
  studioCommand,
  doctor,
];
const COMMANDS: readonly Command[] = [...WORKING, completionCommand(WORKING)];

/**
 * Runs a command line (without node and the script) and returns its exit code: 0 done, 1 failed, 2 the command line is wrong,
 * 130 stopped by Ctrl-C, 129 and 143 stopped by the signals of a lost terminal and of termination, 141 the reader of the
 * output is gone. An error that a person can cause is one sentence on the error stream.
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
  files: FileSystem = systemFiles,
): Promise<number> {
  try {
    const code = await dispatch(args, terminal, files);
    return code === 0 && terminal.lost.aborted ? codeOfLost(terminal.lost) : code;
  } catch (error) {
    const problem = error instanceof SpikevineError ? undefined : problemOfMachine(error);
    if (problem !== undefined) {
      terminal.error(`spikevine: ${problem}`);
      return 1;
    }
    const debug = /(^| )--log-level[ =]debug( |$)/.test(args.join(" "));
    if (!(error instanceof SpikevineError)) {
      terminal.error(`spikevine: this is a bug: ${(error instanceof Error && error.stack) || String(error)}`);
    } else terminal.error(`spikevine: ${(debug && error.stack) || error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal, files: FileSystem): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    terminal.line(overview(COMMANDS, terminal.width), "help");
    return name === undefined ? 2 : 0;
  }
  if (["--version", "-V", "-v"].includes(name)) {
    terminal.line(version());
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw unknownCommand(name);
  const { positionals, help, values } = readArguments(rest, [...(command.own ?? []), ...command.fields]);
  if (help) {
    terminal.line(commandHelp(command, terminal.width), "help");
    return 0;
  }
  const argument = soleArgument(command, positionals);
  const own = new Set(command.own);
  const ofExperiment = new Map([...values].filter(([field]) => !own.has(field)));
  return command.run({
    terminal,
    files,
    ...(argument === undefined ? {} : { argument }),
    experiment: (base = {}) => applyFlags(base, ofExperiment),
    gave: (field) => ofExperiment.has(field),
    own: (field) => values.get(field),
  });
}

function unknownCommand(name: string): UsageError {
  if (name.startsWith("-"))
    return new UsageError(`"${name}" comes before the command; give a command first, e.g. "train".`);
  return new UsageError(
    unknownName(
      "command",
      name,
      COMMANDS.map((command) => command.name),
    ).message,
  );
}

function soleArgument(command: Command, positionals: readonly string[]): string | undefined {
  const allowed = command.argument === undefined ? 0 : 1;
  if (positionals.length > allowed) {
    throw new UsageError(`"${positionals[allowed]}" is an unexpected argument; see spikevine ${command.name} --help.`);
  }
  if (command.argument?.required && positionals.length === 0) {
    throw new UsageError(`${command.name}: ${command.argument.name} is missing; give ${command.argument.description}.`);
  }
  return positionals[0];
}
