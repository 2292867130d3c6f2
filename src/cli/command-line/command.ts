import type { Field } from "../../experiment/fields.js";
import type { Experiment, ExperimentInput } from "../../experiment/schema.js";
import type { FileSystem } from "../../io/file-system.js";
import type { Terminal } from "../terminal/terminal.js";

/** A command as `spikevine NAME` runs it and as the help shows it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Argument after the name, e.g. `[EXPERIMENT]`. */
  readonly argument?: { readonly name: string; readonly description: string; readonly required: boolean };
  /** Fields of an experiment that the command takes as flags. */
  readonly fields: readonly Field[];
  /** Flags that are about the command and no part of an experiment. */
  readonly own?: readonly Field[];
  /** Does the work and gives the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** What the person typed, read. */
export interface Invocation {
  readonly argument?: string;
  /** Puts the flags over an experiment and checks the whole; without one, over the defaults. */
  experiment(base?: ExperimentInput): Experiment;
  /** Whether the flag of a field of an experiment was given. */
  gave(field: Field): boolean;
  /** Value of one of the command's own flags; undefined where it was not given. */
  own(field: Field): unknown;
  readonly terminal: Terminal;
  /** Where runs are kept. */
  readonly files: FileSystem;
}
