import { fields, optional, signature, tagOf, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { filled } from "../../filled.js";
import { channelsLast } from "../channels-last.js";
import type { Dataset } from "../dataset.js";
import { firstNotFinite, LABELS } from "../pixels.js";
import { readAnswers, TARGETS, type TargetOptions } from "../targets.js";
import { ROW_OPTIONS, type RowOptions, readRows, samplesOf } from "./rows.js";

type Values = Uint8Array | Uint16Array | Float32Array | Float64Array;
type Stored = Uint8Array | Uint16Array | Float32Array;

interface SeriesDatasetOptions extends RowOptions {
  /** Name in messages. Default: "in memory". */
  readonly name?: string;
  /**
   * `[count, steps, inputs]`, or a list with one array `[steps, inputs]` per sample, whose steps may differ. Numbers are used as
   * they are: bytes are counts, not fractions of 255. All types but `Float64Array`, which is rounded to single precision,
   * share their memory with the data set.
   */
  readonly values: Values | readonly Values[];
  /** `[count]`: whole numbers from 0 to classes - 1, 255 at most. Left out if there are targets only. */
  readonly labels?: ArrayLike<number>;
  /** Default: the largest label + 1. */
  readonly classes?: number;
  /** Values that the outputs of a network should have (regression): one row per sample, or per step with `steps`. */
  readonly targets?: TargetOptions;
}

const check = signature("seriesDataset", {
  options: fields<SeriesDatasetOptions>(
    {
      name: optional(text()),
      values: samplesOf("a Float32Array, or a Uint8Array or Uint16Array of counts", [
        "Float32Array",
        "Float64Array",
        "Uint8Array",
        "Uint16Array",
      ]),
      labels: optional(LABELS),
      classes: optional(whole(1, 256)),
      targets: optional(TARGETS),
      ...ROW_OPTIONS,
    },
    { root: "options" },
  ),
});

/**
 * Creates a data set of values (or counts) that change from step to step. An encoder turns the value of each step into spikes or a
 * current.
 * @throws SpikevineError naming the invalid field, its value and the fix.
 */
export function seriesDataset(options: SeriesDatasetOptions): Dataset {
  check([options]);
  const answers = readAnswers(options);
  const { samples, inputs, steps } = readRows<Values>("values", options.values, answers.count, options);
  const order = options.shape === undefined ? undefined : channelsLast(options.shape);
  return {
    name: options.name ?? "in memory",
    series: { kind: "values", steps, samples: samples.map((values, i) => stored(values, i, inputs, order)) },
    ...answers,
    pixels: inputs,
    ...(options.shape === undefined ? {} : { shape: options.shape }),
  };
}

/** Values as stored. Place i of a row has the value `order[i]` of the given row. */
function stored(values: Values, sample: number, inputs: number, order: Uint32Array | undefined): Stored {
  const kept: Stored =
    tagOf(values) === "Float64Array"
      ? filled(new Float32Array(values.length), values, (value) => value)
      : (values as Stored);
  const bad = firstNotFinite(kept);
  if (bad >= 0) {
    throw new SpikevineError(
      `data: values[sample ${sample}, step ${Math.floor(bad / inputs)}, input ${bad % inputs}] is ${values[bad]}; give finite numbers.`,
    );
  }
  if (order === undefined) return kept;
  const moved = kept.slice();
  for (let row = 0; row < moved.length; row += inputs) {
    for (let place = 0; place < inputs; place++) moved[row + place] = kept[row + order[place]!]!;
  }
  return moved;
}
