import { neuronsOf, sizeOf } from "../../networks/graph.js";
import { NETWORK, type Network } from "../../networks/network.js";
import { fields, list, number, optional, signature, text, whole } from "../arguments/index.js";
import type { Dataset } from "../data/dataset.js";
import { DATA, isStreamed, type StreamedDataset } from "../data/streamed/streamed-dataset.js";
import { subset } from "../data/subset.js";
import type { Device } from "../device/contract.js";
import { DEVICE } from "../device/open.js";
import { SEED } from "../random/seed.js";
import { checkFit } from "./loop/batches.js";
import { record } from "./record-activity.js";

/** Firing activity of a spiking layer on a few samples. */
export interface LayerActivity {
  readonly name: string;
  readonly units: number;
  /** Spikes per unit and step, averaged over samples, steps and units. */
  readonly rate: number;
  /** Fraction of units that fired at no step of any sample. */
  readonly silent: number;
  /** Fraction of units that fired at every step of every sample. */
  readonly saturated: number;
}

export interface ActivityOptions {
  /**
   * Number of samples presented, the first ones of the data set. Default: 32, or fewer if each sample is long and wide.
   */
  readonly samples?: number;
  /** Default: the network's. */
  readonly steps?: number;
  /** Default: "auto". A device passed as an object stays open. */
  readonly device?: string | Device;
  readonly seed?: number;
}

const check = signature("measureActivity", {
  network: NETWORK,
  data: DATA,
  options: fields<ActivityOptions>(
    { samples: optional(whole(1)), steps: optional(whole(1)), device: optional(DEVICE), seed: optional(SEED) },
    { root: "options" },
  ),
});

const FRACTION = number({ least: 0, most: 1 });
const checkProblem = signature("diagnoseActivity", {
  layers: list(
    fields<LayerActivity>({ name: text(), units: whole(1), rate: FRACTION, silent: FRACTION, saturated: FRACTION }),
  ),
});

const FEW = 32;
/** Largest number of values kept per signal, 16 MiB. At least one sample is presented, whatever its size. */
const MOST_VALUES = 2 ** 22;

/**
 * Presents a few samples and counts the spikes of every spiking layer, the encoder included. Graded layers are left
 * out.
 */
export async function measureActivity(
  network: Network,
  data: Dataset | StreamedDataset,
  options: ActivityOptions = {},
): Promise<LayerActivity[]> {
  check([network, data, options]);
  checkFit(data, network, options.steps ?? network.steps);
  const { samples, ...recording } = options;
  const layers = neuronsOf(network);
  const widest = Math.max(network.inputs, ...layers.map(({ shape }) => sizeOf(shape)));
  const fitting = Math.floor(MOST_VALUES / (widest * (options.steps ?? network.steps)));
  const few = samples ?? Math.max(1, Math.min(FEW, fitting));
  const count = Math.min(few, data.count);
  const first = isStreamed(data)
    ? await data.read(Uint32Array.from({ length: count }, (_, i) => i))
    : subset(data, count);
  const recorded = await record(network, first, recording);
  return recorded.layers
    .filter((_, index) => layers[index]!.neuron.output === "spikes")
    .map(({ name, units, output }) => {
      const counts = new Float64Array(units);
      output.forEach((spike, index) => {
        counts[index % units]! += spike;
      });
      const rows = output.length / units;
      const fractionOf = (has: (count: number) => boolean): number => counts.filter(has).length / units;
      return {
        name,
        units,
        rate: counts.reduce((sum, count) => sum + count, 0) / output.length,
        silent: fractionOf((count) => count === 0),
        saturated: fractionOf((count) => count === rows),
      };
    });
}

/** Fraction of units above which a layer counts as silent or saturated. */
const NEARLY_ALL = 0.99;

/**
 * Returns one sentence about the first layer whose activity keeps the network from learning, with a suggestion, or
 * nothing if every layer is active. Layers after a silent layer get no input.
 */
export function diagnoseActivity(layers: readonly LayerActivity[]): string | undefined {
  checkProblem([layers]);
  for (const { name, units, silent, saturated } of layers) {
    const count = (fraction: number): string => `${Math.round(fraction * units)} of ${units} units`;
    if (silent >= NEARLY_ALL) {
      return `${name} is silent (${count(silent)} never fire), so later layers get no input; if the network does not learn, lower the threshold or give it more input (a shorter time constant, more resistance, a higher maxRate).`;
    }
    if (saturated >= NEARLY_ALL) {
      return `${name} is saturated (${count(saturated)} fire at every step), so its output carries no information; if the network does not learn, raise the threshold, give it less input or lower the learning rate.`;
    }
  }
  return undefined;
}
