import { made } from "../../arguments/index.js";

/**
 * Takes rows of numbers as a simulation produces them, e.g. `openNpyRows(path, 2)` and `openCsvRows(path, names)` of
 * `spikevine/io`, which write them to a file. The simulation never closes a sink; whoever opened it does.
 */
export interface RowSink {
  /** `values` has whole rows, one after the other. */
  write(values: Float64Array): void;
}

/** A sink as an option. */
export const SINK = made("a sink of rows, e.g. openNpyRows(path, 2)", "write");

/** Why a limit does not go with a sink. */
export const KEEPS_NOTHING = ["to", "with which nothing is kept"] as const;
