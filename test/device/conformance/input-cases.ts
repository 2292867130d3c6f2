import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import type { ConformanceCase } from "./case.js";
import { convolutionOver, unitsOf, weightShape, windowsOver } from "./geometry.js";
import { bernoulli, change, constantCurrent, latency, noisyCurrent, onset } from "./kernels.js";
import { Sketch } from "./sketch.js";

/** Widths that are odd for vectors of 4 and 8, for bytes of bits and for words of them. */
const WIDTHS = [1, 5, 33, 784] as const;

const ENCODERS: readonly EncoderKernel[] = [
  bernoulli(0.3),
  latency(4),
  constantCurrent(),
  noisyCurrent(),
  change(),
  onset(0.2),
];

/** Encoders of values that change from step to step, in the first run of a stream and in a later one. */
function encodeCases(): ConformanceCase[] {
  return ENCODERS.flatMap((encoder) =>
    WIDTHS.map((width) => {
      const sketch = new Sketch(4, 3, 4);
      sketch.encoded("to", width, encoder, width % 2 === 0 ? 0 : -0.2, 1, true);
      return sketch.case(`encode in time, ${encoder.name}, width ${width}`, [{}, { epoch: 4, firstStep: 4 }]);
    }),
  );
}

/** Encoders that read the value before, of a still image. */
function stillCases(): ConformanceCase[] {
  return [change(), onset(0.2)].map((encoder) => {
    const sketch = new Sketch(4, 3, 4);
    sketch.encoded("to", 33, encoder);
    return sketch.case(`encode a still image, ${encoder.name}`, [{}, { firstStep: 4 }]);
  });
}

/** Products of spikes that the host gives, sparse, half and dense, and of values that it gives for every step. */
function productCases(): ConformanceCase[] {
  const kinds = [0, 0.1, 0.5, 0.9, 1, "values"] as const;
  return kinds.flatMap((kind, k) =>
    WIDTHS.map((width, turn) => {
      const units = [1, 5, 33][(k + turn) % 3]!;
      const sketch = new Sketch(3, 2, 7);
      const from = kind === "values" ? sketch.inputInTime("from", width, -1) : sketch.spikeInput("from", width, kind);
      const error = sketch.encoded("error", units, noisyCurrent());
      const weights = sketch.tensor("weights", width, units);
      sketch
        .add({ op: "current", from, weights, to: sketch.values("current", units) })
        .add({ op: "weightGradient", from, error, delayed: false, to: sketch.tensor("gradient", width, units) })
        .add({ op: "weightGradient", from, error, delayed: true, to: sketch.tensor("delayed", width, units) });
      const name = kind === "values" ? "values at every step" : `spikes with probability ${kind}`;
      // A device may write into its copy of the bits, so a second run must receive them again.
      return sketch.case(`input of ${name}, ${width} inputs, ${units} units`, [{}, { samples: 2, epoch: 1 }]);
    }),
  );
}

/** Convolutions and poolings of inputs, whose spikes are listed without a baseline. */
function imageCases(): ConformanceCase[] {
  const convolution = convolutionOver([2, 6, 5], 12, [3, 3], { padding: [1, 1] });
  const windows = windowsOver([2, 6, 5], [2, 2], { stride: [2, 2] });
  const [inputs, units] = [unitsOf(convolution.input), unitsOf(convolution.output)];
  return ([0.1, 0.9, "values"] as const).map((kind) => {
    const sketch = new Sketch(3, 2, 7);
    const from = kind === "values" ? sketch.inputInTime("from", inputs, -1) : sketch.spikeInput("from", inputs, kind);
    const error = sketch.encoded("error", units, noisyCurrent());
    const weights = sketch.tensor("weights", ...weightShape(convolution));
    const to = sketch.tensor("gradient", ...weightShape(convolution));
    const pooled =
      kind === "values"
        ? sketch.values("pooled", unitsOf(windows.output))
        : sketch.spikes("pooled", unitsOf(windows.output));
    sketch
      .add({ op: "current", from, weights, convolution, to: sketch.values("current", units) })
      .add({ op: "pool", kind: "max", windows, scale: 1, from, to: pooled })
      .add({ op: "weightGradient", from, error, delayed: false, convolution, to });
    const name = kind === "values" ? "values at every step" : `spikes with probability ${kind}`;
    return sketch.case(`images as input, ${name}`, [{}, { samples: 2, epoch: 1 }]);
  });
}

/** Everything that the host gives with a value for every step. */
export const inputCases = (): ConformanceCase[] => [
  ...encodeCases(),
  ...stillCases(),
  ...productCases(),
  ...imageCases(),
];
