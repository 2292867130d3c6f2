import type { Command } from "../command-line/command.js";

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** Without dashes. */
  readonly name: string;
  readonly description: string;
  /** False for a switch. */
  readonly takesValue: boolean;
  /** Empty if the value may be any text, e.g. a path. */
  readonly values: readonly string[];
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly CompletedFlag[];
  /** Values of its argument; empty if it may be any text, e.g. a path. */
  readonly values: readonly string[];
}

/** The commands with their flags, `--help` included. */
export const completedCommands = (commands: readonly Command[]): CompletedCommand[] =>
  commands.map(({ name, summary, argument, own = [], fields }) => ({
    name,
    description: summary,
    values: argument?.choices ?? [],
    flags: [
      ...[...own, ...fields].map(({ flag, description, kind, choices = [] }) => ({
        name: flag,
        description,
        takesValue: kind !== "switch",
        values: choices,
      })),
      { name: "help", description: "the flags of the command", takesValue: false, values: [] },
    ],
  }));
