/**
 * Takes rows of numbers as a simulation produces them, e.g. `npyRows(path, 2)` and `csvRows(path, names)` of
 * `spikevine/record`, which write them to a file. The simulation never closes a sink; whoever opened it does.
 */
export interface RowSink {
  /** `values` has whole rows, one after the other. */
  write(values: Float64Array): void;
}
