/**
 * Everything here is data and plain functions, without a test runner, so that a page in a browser can go through the same
 * cases as the tests: `compare(await observe(reference, what), await observe(device, what))` is a list of differences.
 */
import type { ConformanceCase } from "./case.js";
import { graphCases } from "./graph-cases.js";
import { imageCases } from "./image-cases.js";
import { inputCases } from "./input-cases.js";
import { libraryCases } from "./library-cases.js";
import { neighborCases } from "./neighbor-cases.js";
import { networkCases } from "./network-cases.js";
import { operationCases } from "./operation-cases.js";

export type { ConformanceCase } from "./case.js";
export { compare, SINGLE, type Tolerance } from "./compare.js";
export { type Observation, observe } from "./observe.js";

/** All fixed cases by kind. */
export const allCases = (): Readonly<
  Record<
    "operations" | "images" | "graphs" | "inputs" | "neighbors" | "training" | "library",
    readonly ConformanceCase[]
  >
> => ({
  operations: operationCases(),
  images: imageCases(),
  graphs: graphCases(),
  inputs: inputCases(),
  neighbors: neighborCases(),
  training: networkCases(),
  library: libraryCases(),
});
