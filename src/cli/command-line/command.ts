import type { Field } from "../../experiment/fields.js";
import type { Experiment, ExperimentInput } from "../../experiment/schema.js";
import type { FileSystem } from "../../io/file-system.js";
import type { Terminal } from "../terminal/terminal.js";

/** A command as `spikevine NAME` runs it and as the help shows it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Argument after the name, e.g. `[EXPERIMENT]`. */
  readonly argument?: {
    readonly name: string;
    readonly description: string;
    readonly required: boolean;
    /** The valid values, if they are few. */
    readonly choices?: readonly string[];
  };
  /** Fields of an experiment that the command takes as flags. */
  readonly fields: readonly Field[];
  /** Flags of the command itself, which are not fields of an experiment. */
  readonly own?: readonly Field[];
  /** Does the work and returns the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** The parsed command line. */
export interface Invocation {
  readonly argument?: string;
  /** Overrides fields of an experiment (by default, of the default experiment) by the flags and checks the result. */
  experiment(base?: ExperimentInput): Experiment;
  /** True if the flag of a field of an experiment was given. */
  gave(field: Field): boolean;
  /** Value of one of the command's own flags; undefined if it was not given. */
  own(field: Field): unknown;
  readonly terminal: Terminal;
  /** File system for run folders. */
  readonly files: FileSystem;
}
