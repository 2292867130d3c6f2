import type { NumberArray } from "./types.js";

/** Contents of a group, for writing. */
export interface Hdf5Group {
  readonly members: ReadonlyMap<string, Hdf5Group | Hdf5Values>;
  readonly attributes?: ReadonlyMap<string, number | string>;
}

/** Contents of an array, row-major, for writing: numbers, or texts of variable length in UTF-8. A scalar has the shape []. */
export interface Hdf5Values {
  readonly shape: readonly number[];
  readonly values: NumberArray | readonly string[];
}
