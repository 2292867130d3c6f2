import { made } from "../../arguments/index.js";

/**
 * Receives rows of numbers as a simulation produces them, e.g. `npyRowWriter(path, 2)` and `csvRowWriter(path, names)`
 * of `spikevine/io`, which write them to a file. The simulation never closes a writer; the caller does.
 */
export interface RowWriter {
  /** Receives `values`, whole rows one after the other. */
  write(values: Float64Array): void;
}

/** A row writer as an option. */
export const SINK = made("a writer of rows, e.g. npyRowWriter(path, 2)", "write");

/** Reason why a limit conflicts with a row writer. */
export const KEEPS_NOTHING = ["recordTo", "with which nothing is kept"] as const;
