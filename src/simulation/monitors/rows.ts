/**
 * Takes rows of numbers as a simulation produces them, e.g. `openNpyRows(path, 2)` and `openCsvRows(path, names)` of
 * `spikevine/record`, which write them to a file. The simulation never closes a sink; whoever opened it does.
 */
export interface RowSink {
  /** `values` has whole rows, one after the other. */
  write(values: Float64Array): void;
}
