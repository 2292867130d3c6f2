import type { Dataset } from "../src/data/dataset.js";
import { inputGatherer } from "../src/data/gather-input.js";
import { encodeOnHost } from "../src/device/host/encode.js";
import { unpackSpikes } from "../src/device/host/spike-bits.js";
import type { EncoderDefinition } from "../src/equations/definitions/encoder.js";
import { drawUniform, rowKey, STREAM } from "../src/random/counter.js";
import type { Moments } from "./operating-point.js";

interface Input {
  readonly encoder: EncoderDefinition;
  /** ms */
  readonly dt: number;
  readonly data?: Dataset | undefined;
}

/** Pixels that represent an image: a quarter of them lit, uniformly up to 1, as in images of strokes on a dark background. */
const PIXELS = 1024;
const LIT = 0.25;
/** Most samples of a data set that are looked at, and most values of them. */
const SAMPLES = 32;
const VALUES = 2 ** 22;

/** Moments of the first layer's input: of a data set, or of an image of random pixels. */
export function inputMoments({ data, ...input }: Input, steps: number): Moments {
  if (data !== undefined) return dataMoments(input, data, steps);
  const key = rowKey(0, STREAM.operatingPoint, 1, 0, 0);
  const pixels = Float32Array.from({ length: PIXELS }, (_, i) => Math.max(0, 1 - drawUniform(key, i) / LIT));
  return encodedMoments(input, pixels, { samples: 1, steps, width: PIXELS, inTime: false });
}

/** Moments of samples that are spread over a data set. Samples in time count with all their steps. */
function dataMoments(input: Omit<Input, "data">, data: Dataset, steps: number): Moments {
  const { count, pixels, series } = data;
  const rows = series === undefined ? steps : series.steps;
  const samples = Math.max(1, Math.min(SAMPLES, count, Math.floor(VALUES / (rows * pixels))));
  const ids = Uint32Array.from({ length: samples }, (_, i) => Math.floor((i * count) / samples));
  const given = inputGatherer(data, { channels: data.pixels, height: 1, width: 1 })(ids, { first: 0, steps: rows });
  if (given instanceof Uint32Array) {
    const spikes = new Float32Array(samples * rows * pixels);
    unpackSpikes(given, pixels, spikes);
    return momentsOf(spikes, { samples, rows, width: pixels });
  }
  return encodedMoments(input, given, { samples, steps: rows, width: pixels, inTime: series !== undefined });
}

/** Moments of an encoder's output for some pixels. */
function encodedMoments(
  { encoder, dt }: Omit<Input, "data">,
  pixels: Float32Array,
  size: { samples: number; steps: number; width: number; inTime: boolean },
): Moments {
  const kernel = encoder.kernel({ dt });
  const { samples, width, inTime } = size;
  const rows = kernel.static && !inTime ? 1 : size.steps;
  const encoded = new Float32Array(samples * rows * width);
  const run = { ...size, steps: rows, stream: STREAM.operatingPoint, seed: 0, epoch: 0, firstStep: 0 };
  encodeOnHost(kernel)({ ...run, sampleIds: Uint32Array.from({ length: samples }, (_, i) => i) }, pixels, encoded);
  return momentsOf(encoded, { samples, rows, width });
}

/** Moments of values `[samples, rows, width]`. */
function momentsOf(
  values: Float32Array,
  { samples, rows, width }: { samples: number; rows: number; width: number },
): Moments {
  let squares = 0;
  const means = new Float64Array(samples * width);
  for (let row = 0, i = 0; row < samples * rows; row++) {
    const first = Math.floor(row / rows) * width;
    for (let unit = 0; unit < width; unit++, i++) {
      const value = values[i]!;
      squares += value ** 2;
      means[first + unit]! += value / rows;
    }
  }
  const mean = means.reduce((a, b) => a + b, 0) / means.length;
  const square = means.reduce((sum, m) => sum + m * m, 0) / means.length;
  return {
    mean,
    constant: Math.max(0, square - mean ** 2),
    changing: Math.max(0, squares / values.length - square),
  };
}
