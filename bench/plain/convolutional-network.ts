import { CLASSES, CONVOLUTIONS, POOL, SIDE, type Surrogate, WINDOW, type Workload } from "../workloads.js";
import { PlainLeaky } from "./leaky-layer.js";

/** Weights `[window, channels below, channels above]` and biases of a convolution, and their gradients. */
interface PlainMap {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  readonly weightGradient: Float32Array;
  readonly biasGradient: Float32Array;
  /** Weights and their gradient as `[channels above, window, channels below]`, so that a row of a window is contiguous. */
  readonly byOutput: Float32Array;
  readonly byOutputGradient: Float32Array;
}

const [FIRST, SECOND] = CONVOLUTIONS;
const FIRST_UNITS = FIRST.channels * FIRST.pooled ** 2;
const SECOND_UNITS = SECOND.channels * SECOND.pooled ** 2;

/**
 * 12C5-MP2-64C5-MP2-10 in a simple, hand-written form: loops over typed arrays on one thread, one sample after the other,
 * which skip silent units and errors of 0. Images are `[y, x, channel]`. It shares no code with the package's devices.
 */
export class PlainConvolutionalNetwork {
  readonly first: PlainMap;
  readonly second: PlainMap;
  readonly dense: { readonly weights: Float32Array; readonly weightGradient: Float32Array };
  readonly #batch: number;
  readonly #steps: number;
  readonly #layers: readonly [PlainLeaky, PlainLeaky, PlainLeaky];
  /** Index of the largest current of every window, `[units]` and `[steps, units]`. */
  readonly #largest: readonly [Int32Array, Int32Array];
  readonly #currents: Float32Array;

  constructor(
    { batch, steps }: Pick<Workload, "batch" | "steps">,
    parameters: { readonly first: Arrays; readonly second: Arrays; readonly dense: Float32Array },
    surrogate: Surrogate,
  ) {
    this.first = mapOf(parameters.first);
    this.second = mapOf(parameters.second);
    this.dense = { weights: parameters.dense, weightGradient: new Float32Array(parameters.dense.length) };
    this.#batch = batch;
    this.#steps = steps;
    const layer = (units: number): PlainLeaky => new PlainLeaky(units, steps, surrogate);
    this.#layers = [layer(FIRST_UNITS), layer(SECOND_UNITS), layer(CLASSES)];
    this.#largest = [new Int32Array(FIRST_UNITS), new Int32Array(steps * SECOND_UNITS)];
    this.#currents = new Float32Array(SECOND.convolved ** 2 * SECOND.channels);
  }

  /** Gradients of the mean cross-entropy of the output rates over a batch of images; returns the loss. */
  train(images: Float32Array, labels: Uint8Array): number {
    for (const map of [this.first, this.second]) {
      const { weights, biases, byOutput, byOutputGradient, biasGradient } = map;
      const rows = weights.length / biases.length;
      for (let at = 0; at < weights.length; at++) {
        byOutput[at] = weights[(at % rows) * biases.length + Math.floor(at / rows)]!;
      }
      byOutputGradient.fill(0);
      biasGradient.fill(0);
    }
    this.dense.weightGradient.fill(0);
    let loss = 0;
    for (let b = 0; b < this.#batch; b++) {
      const image = images.subarray(b * SIDE ** 2, (b + 1) * SIDE ** 2);
      this.#forward(image);
      loss += this.#backward(image, labels[b]!);
    }
    for (const { weightGradient, biases, byOutputGradient } of [this.first, this.second]) {
      const rows = weightGradient.length / biases.length;
      for (let at = 0; at < weightGradient.length; at++) {
        weightGradient[(at % rows) * biases.length + Math.floor(at / rows)] = byOutputGradient[at]!;
      }
    }
    return loss;
  }

  #forward(image: Float32Array): void {
    const [first, second, output] = this.#layers;
    const convolved = new Float32Array(FIRST.convolved ** 2 * FIRST.channels);
    convolve(this.first, FIRST, image, convolved);
    const pooled = new Float32Array(FIRST_UNITS);
    maximum(FIRST, convolved, pooled, this.#largest[0]);
    first.forward(pooled);
    const currents = new Float32Array(this.#steps * SECOND_UNITS);
    const outputs = new Float32Array(this.#steps * CLASSES);
    for (let t = 0; t < this.#steps; t++) {
      convolve(this.second, SECOND, first.spikes.subarray(t * FIRST_UNITS, (t + 1) * FIRST_UNITS), this.#currents);
      const at = [t * SECOND_UNITS, (t + 1) * SECOND_UNITS] as const;
      maximum(SECOND, this.#currents, currents.subarray(...at), this.#largest[1].subarray(...at));
    }
    second.forward(currents);
    second.spikes.forEach((spike, at) => {
      if (spike === 0) return;
      const [t, unit] = [Math.floor(at / SECOND_UNITS), at % SECOND_UNITS];
      for (let n = 0; n < CLASSES; n++) {
        outputs[t * CLASSES + n] = outputs[t * CLASSES + n]! + this.dense.weights[unit * CLASSES + n]!;
      }
    });
    output.forward(outputs);
  }

  #backward(image: Float32Array, label: number): number {
    const [first, second, output] = this.#layers;
    const steps = this.#steps;
    const rates = new Float32Array(CLASSES);
    output.spikes.forEach((spike, at) => {
      rates[at % CLASSES] = rates[at % CLASSES]! + spike / steps;
    });
    const total = rates.reduce((sum, rate) => sum + Math.exp(rate), 0);
    const errors = Float32Array.from({ length: steps * CLASSES }, (_, at) => {
      const n = at % CLASSES;
      return (Math.exp(rates[n]!) / total - (n === label ? 1 : 0)) / this.#batch / steps;
    });
    output.backward(errors);
    const atSecond = new Float32Array(steps * SECOND_UNITS);
    for (let at = 0; at < atSecond.length; at++) {
      const [t, unit] = [Math.floor(at / SECOND_UNITS), at % SECOND_UNITS];
      for (let n = 0; n < CLASSES; n++) {
        const [error, weight] = [errors[t * CLASSES + n]!, unit * CLASSES + n];
        atSecond[at] = atSecond[at]! + error * this.dense.weights[weight]!;
        if (second.spikes[at] === 1) {
          this.dense.weightGradient[weight] = this.dense.weightGradient[weight]! + error;
        }
      }
    }
    second.backward(atSecond);
    const atFirst = new Float32Array(steps * FIRST_UNITS);
    for (let t = 0; t < steps; t++) {
      const at = [t * SECOND_UNITS, (t + 1) * SECOND_UNITS] as const;
      const below = [t * FIRST_UNITS, (t + 1) * FIRST_UNITS] as const;
      backThrough(this.second, SECOND, {
        errors: atSecond.subarray(...at),
        largest: this.#largest[1].subarray(...at),
        input: first.spikes.subarray(...below),
        below: atFirst.subarray(...below),
      });
    }
    first.backward(atFirst);
    // The image is the same at every step, so its errors add up first.
    const summed = new Float32Array(FIRST_UNITS);
    atFirst.forEach((error, at) => {
      summed[at % FIRST_UNITS] = summed[at % FIRST_UNITS]! + error;
    });
    backThrough(this.first, FIRST, { errors: summed, largest: this.#largest[0], input: image, below: undefined });
    return (Math.log(total) - rates[label]!) / this.#batch;
  }
}

interface Arrays {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

const mapOf = ({ weights, biases }: Arrays): PlainMap => ({
  weights,
  biases,
  weightGradient: new Float32Array(weights.length),
  biasGradient: new Float32Array(biases.length),
  byOutput: new Float32Array(weights.length),
  byOutputGradient: new Float32Array(weights.length),
});

type Shape = (typeof CONVOLUTIONS)[number];
type Image = Float32Array | Uint8Array;

/** Adds the weights of every input that is not 0 to the outputs of its windows. */
function convolve(
  { weights, biases }: PlainMap,
  { below, channels, side, convolved }: Shape,
  input: Image,
  to: Float32Array,
): void {
  for (let at = 0; at < to.length; at++) to[at] = biases[at % channels]!;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < below; c++) {
        const value = input[(y * side + x) * below + c]!;
        if (value === 0) continue;
        for (let i = Math.max(0, y - convolved + 1); i < Math.min(WINDOW, y + 1); i++) {
          for (let j = Math.max(0, x - convolved + 1); j < Math.min(WINDOW, x + 1); j++) {
            const row = ((i * WINDOW + j) * below + c) * channels;
            const pixel = ((y - i) * convolved + x - j) * channels;
            for (let o = 0; o < channels; o++) to[pixel + o] = to[pixel + o]! + value * weights[row + o]!;
          }
        }
      }
    }
  }
}

/** The largest current of every square, and its index; the first one of equals. */
function maximum(
  { channels, convolved, pooled }: Shape,
  from: Float32Array,
  to: Float32Array,
  largest: Int32Array,
): void {
  for (let unit = 0; unit < to.length; unit++) {
    const [pixel, o] = [Math.floor(unit / channels), unit % channels];
    const [y, x] = [POOL * Math.floor(pixel / pooled), POOL * (pixel % pooled)];
    let best = -1;
    for (let i = 0; i < POOL; i++) {
      for (let j = 0; j < POOL; j++) {
        const at = ((y + i) * convolved + x + j) * channels + o;
        if (best < 0 || from[at]! > from[best]!) best = at;
      }
    }
    largest[unit] = best;
    to[unit] = from[best]!;
  }
}

interface Backward {
  /** dL/dI `[units]` after the maximum. */
  readonly errors: Float32Array;
  readonly largest: Int32Array;
  readonly input: Image;
  /** Receives dL/dy of the layer below. */
  readonly below: Float32Array | undefined;
}

/** Every error goes to the largest current of its square, and from there to the window. */
function backThrough(map: PlainMap, shape: Shape, { errors, largest, input, below: to }: Backward): void {
  const { below, channels, side, convolved } = shape;
  errors.forEach((error, unit) => {
    if (error === 0) return;
    const at = largest[unit]!;
    const [pixel, o] = [Math.floor(at / channels), at % channels];
    const [y, x] = [Math.floor(pixel / convolved), pixel % convolved];
    map.biasGradient[o] = map.biasGradient[o]! + error;
    const { byOutput, byOutputGradient } = map;
    const row = WINDOW * below;
    for (let i = 0; i < WINDOW; i++) {
      const weight = (o * WINDOW + i) * row;
      const from = ((y + i) * side + x) * below;
      for (let k = 0; k < row; k++) {
        byOutputGradient[weight + k] = byOutputGradient[weight + k]! + error * input[from + k]!;
      }
      if (to === undefined) continue;
      for (let k = 0; k < row; k++) to[from + k] = to[from + k]! + error * byOutput[weight + k]!;
    }
  });
}
