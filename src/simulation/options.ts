import { callback, choice, fields, named, optional, quantity, type Schema, text } from "../arguments/index.js";
import { THREADS } from "../device/open.js";
import { SCHEMES, TABLES } from "../equations/definitions/argument-kinds.js";
import type { FunctionTable } from "../equations/definitions/function-table.js";
import type { TimedArray } from "../equations/definitions/timed-array.js";
import type { Schemes } from "../equations/integrators/index.js";
import { SEED } from "../random/seed.js";
import { LINKED, type LinkedVariable } from "./network/linked-variables.js";
import { VALUES, type ValueOrDistribution } from "./values.js";

export interface SimulationOptions {
  /** Length of a step. Default: "0.1 ms". */
  readonly dt?: number | string;
  /** Whole number from 0 to 4294967295, the seed of every random draw. Default: 0. */
  readonly seed?: number;
  /**
   * Precision of states and sums; weights are kept in single precision. `single` is faster in networks whose neurons
   * act on each other. States that single precision cannot hold stay in double precision, and so does every neuron
   * outside of such networks, whose spikes are the same in both. Default: `double`.
   */
  readonly precision?: "single" | "double";
  /**
   * `javascript` is the plain reference implementation, always in double precision. Default: `wasm`, WebAssembly SIMD.
   */
  readonly executor?: "wasm" | "javascript";
  /**
   * Number of threads, the calling one included, that share out the neurons of each population; a whole number from 1 to 64.
   * Results are the same to the last bit for any number. Worth it from some thousand neurons on. Default: 1.
   */
  readonly threads?: number;
  /**
   * Called with one sentence about each allowed but doubtful condition, such as a step that is too long. Default:
   * ignored.
   */
  readonly onWarning?: (message: string) => void;
}

export interface PopulationOptions {
  /** Values of states before the first step; other states start as in the neuron's definition. */
  readonly initial?: Readonly<Record<string, ValueOrDistribution>>;
  /** Values of parameters: one for all neurons, or one per neuron, which takes 8 bytes per neuron. */
  readonly parameters?: Readonly<Record<string, ValueOrDistribution>>;
  /** Values of any unit, e.g. places, that no equation uses; expressions of connections, parameters and states do. */
  readonly positions?: Readonly<Record<string, ValueOrDistribution>>;
  /** Replaces the default integrator of the neuron: one for all its states, or by state. */
  readonly integrator?: Schemes;
  /** Replaces the refractory period of the neuron: a time such as "5 ms", or a condition. */
  readonly refractory?: string;
  /**
   * Parameters that are states of other neurons, as they are at the start of each step: a shared variable is a state of a
   * population of one neuron.
   */
  readonly linked?: Readonly<Record<string, LinkedVariable>>;
  /** Replaces functions of the neuron that are timed arrays or tables. */
  readonly functions?: Readonly<Record<string, TimedArray | FunctionTable>>;
}

/** Kinds of the options of a simulation. */
export const SIMULATION_OPTIONS: Schema<SimulationOptions> = {
  dt: optional(quantity),
  seed: optional(SEED),
  precision: optional(choice(["single", "double"])),
  executor: optional(choice(["wasm", "javascript"])),
  threads: optional(THREADS),
  onWarning: optional(callback()),
};

export const POPULATION_OPTIONS = fields<PopulationOptions>(
  {
    initial: optional(named(VALUES, "an object from states to their initial values")),
    parameters: optional(named(VALUES, "an object from parameters to their values")),
    positions: optional(named(VALUES, "an object from names to values")),
    integrator: optional(SCHEMES),
    refractory: optional(text('a time, e.g. "5 ms", or a condition')),
    functions: optional(TABLES),
    linked: optional(LINKED),
  },
  { root: "options" },
);
