import type { SimulationOptions } from "#spikevine/src/simulation/index";

/** Every way to run a simulation; the last is the reference implementation. */
export const WAYS: readonly (readonly [string, Pick<SimulationOptions, "precision" | "executor" | "threads">])[] = [
  ["single precision", { precision: "single" }],
  ["double precision", { precision: "double" }],
  ["double precision on three threads", { precision: "double", threads: 3 }],
  ["plain JavaScript", { executor: "javascript" }],
];
