import type { Windows } from "../src/device/contract.js";
import { SpikevineError } from "../src/errors.js";
import { type Graph, neuronsOf, sizeOf } from "./graph.js";
import type { Readout } from "./readout.js";

/** Number of outputs of a network: the classes of a population code, or the units of the output layer. */
export const outputsOf = (graph: Graph, { classes }: Readout): number =>
  classes ?? sizeOf(neuronsOf(graph).at(-1)!.shape);

/** @throws SpikevineError if the units of the output layer are not the same number for every class. */
export function checkPopulation(graph: Graph, { classes }: Readout): void {
  const units = sizeOf(neuronsOf(graph).at(-1)!.shape);
  if (classes === undefined || units % classes === 0) return;
  const fitting = classes * Math.max(1, Math.round(units / classes));
  throw new SpikevineError(
    `network: the read-out sums the units of ${classes} classes, but the output layer has ${units}, which is not a multiple of ${classes}; give it ${fitting} units.`,
  );
}

/** The sums over the units of every class as a pooling of a row of units; undefined if every unit is a class. */
export function populationWindows(units: number, outputs: number): Windows | undefined {
  if (units === outputs) return undefined;
  const perClass = units / outputs;
  return {
    input: { channels: 1, height: outputs, width: perClass },
    output: { channels: 1, height: outputs, width: 1 },
    size: [1, perClass],
    stride: [1, perClass],
    padding: [0, 0],
    dilation: [1, 1],
  };
}
