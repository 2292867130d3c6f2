import { made } from "../../arguments/index.js";

/**
 * Takes rows of numbers as a simulation produces them, e.g. `npyRowWriter(path, 2)` and `csvRowWriter(path, names)` of
 * `spikevine/io`, which write them to a file. The simulation never closes a sink; whoever opened it does.
 */
export interface RowWriter {
  /** `values` has whole rows, one after the other. */
  write(values: Float64Array): void;
}

/** A sink as an option. */
export const SINK = made("a sink of rows, e.g. npyRowWriter(path, 2)", "write");

/** Why a limit does not go with a sink. */
export const KEEPS_NOTHING = ["recordTo", "with which nothing is kept"] as const;
