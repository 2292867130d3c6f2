import { fields, optional, signature, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { channelsLast } from "../channels-last.js";
import type { Dataset } from "../dataset.js";
import { LABELS } from "../pixels.js";
import { readAnswers, TARGETS, type TargetOptions } from "../targets.js";
import { ROW_OPTIONS, type RowOptions, readRows, samplesOf } from "./rows.js";

interface SpikeDatasetOptions extends RowOptions {
  /** Name in messages. Default: "in memory". */
  readonly name?: string;
  /**
   * 0 and 1: `[count, steps, inputs]`, or a list with one array `[steps, inputs]` per sample, whose steps may differ. They are
   * copied to bits.
   */
  readonly spikes: Uint8Array | readonly Uint8Array[];
  /** `[count]`: whole numbers from 0 to classes - 1, 255 at most. Left out if there are targets only. */
  readonly labels?: ArrayLike<number>;
  /** Default: the largest label + 1. */
  readonly classes?: number;
  /** Values that the outputs of a network should have (regression): one row per sample, or per step with `steps`. */
  readonly targets?: TargetOptions;
}

const check = signature("spikeDataset", {
  options: fields<SpikeDatasetOptions>(
    {
      name: optional(text()),
      spikes: samplesOf("a Uint8Array of 0 and 1", ["Uint8Array"]),
      labels: optional(LABELS),
      classes: optional(whole(1, 256)),
      targets: optional(TARGETS),
      ...ROW_OPTIONS,
    },
    { root: "options" },
  ),
});

/**
 * Creates a data set of spike trains, which enter a network as they are (`encoder: direct()`).
 * @throws SpikevineError naming the invalid field, its value and the fix.
 */
export function spikeDataset(options: SpikeDatasetOptions): Dataset {
  check([options]);
  const answers = readAnswers(options);
  const { samples, inputs, steps } = readRows("spikes", options.spikes, answers.count, options);
  const order = options.shape === undefined ? undefined : channelsLast(options.shape);
  return {
    name: options.name ?? "in memory",
    series: { kind: "spikes", steps, samples: samples.map((spikes, i) => pack(spikes, i, inputs, order)) },
    ...answers,
    pixels: inputs,
    ...(options.shape === undefined ? {} : { shape: options.shape }),
  };
}

/** Bits of rows of 0 and 1. Place i of a row has the value `order[i]` of the given row. */
function pack(spikes: Uint8Array, sample: number, inputs: number, order: Uint32Array | undefined): Uint32Array {
  const words = Math.ceil(inputs / 32);
  const bits = new Uint32Array((spikes.length / inputs) * words);
  for (let row = 0; row * inputs < spikes.length; row++) {
    for (let place = 0; place < inputs; place++) {
      const input = order === undefined ? place : order[place]!;
      const value = spikes[row * inputs + input]!;
      if (value > 1) {
        throw new SpikevineError(
          `data: spikes[sample ${sample}, step ${row}, input ${input}] is ${value}; give 0 or 1, or counts to seriesDataset.`,
        );
      }
      const word = row * words + (place >>> 5);
      bits[word] = bits[word]! | (value << (place & 31));
    }
  }
  return bits;
}
