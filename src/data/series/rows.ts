import { either, list, optional, type RequiredKind, tuple, typedArray, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/** Options that say how the numbers of samples in time are divided into steps. */
export interface RowOptions {
  /** Values of one step. Left out: the product of the shape. */
  readonly inputs?: number;
  /** Channels, height and width of one step, whose values are given channel by channel. */
  readonly shape?: readonly [channels: number, height: number, width: number];
  /**
   * Steps of a presentation: later steps of a sample are left out, and shorter samples are silent (0) at the end. Default: the
   * steps of the longest sample.
   */
  readonly steps?: number;
}

/** Channels, height and width. */
export const SENSOR: RequiredKind = tuple(whole(1), whole(1), whole(1));

/** Kinds of the options of rows. */
export const ROW_OPTIONS = {
  inputs: optional(whole(1)),
  shape: optional(SENSOR),
  steps: optional(whole(1)),
};

/** Samples as one typed array of all, or as a list of one typed array per sample. */
export function samplesOf(expects: string, types: readonly string[]): RequiredKind {
  const one = typedArray(expects, types);
  return either(one, list(one, 1));
}

/** Samples divided into steps. */
export interface Rows<A> {
  readonly samples: readonly A[];
  readonly inputs: number;
  readonly steps: number;
}

/**
 * Divides numbers into samples of whole steps.
 * @param given `[count, steps, inputs]`, or one array `[steps, inputs]` per sample
 * @throws SpikevineError if they do not fit the options or the number of labels
 */
export function readRows<A extends { readonly length: number; subarray(from: number, to: number): A }>(
  field: string,
  given: A | readonly A[],
  count: number,
  options: RowOptions,
): Rows<A> {
  const inputs = inputsOf(field, options);
  const samples = Array.isArray(given) ? (given as readonly A[]) : splitSamples(field, given as A, count, inputs);
  if (samples.length !== count) {
    throw new SpikevineError(
      `data: ${field} has ${samples.length} samples for ${count} labels; give one label for each.`,
    );
  }
  let longest = 0;
  samples.forEach(({ length }, sample) => {
    if (length === 0 || length % inputs !== 0) {
      throw new SpikevineError(
        `data: ${field}[${sample}] has ${length} values; give whole steps of ${inputs} values, at least one.`,
      );
    }
    longest = Math.max(longest, length / inputs);
  });
  return { samples, inputs, steps: options.steps ?? longest };
}

function inputsOf(field: string, { inputs, shape }: RowOptions): number {
  const product = shape?.reduce((a, b) => a * b, 1);
  if (inputs !== undefined && product !== undefined && inputs !== product) {
    throw new SpikevineError(
      `data: inputs is ${inputs}, but the shape ${shape!.join(" x ")} has ${product} values; leave inputs out.`,
    );
  }
  const found = inputs ?? product;
  if (found !== undefined) return found;
  throw new SpikevineError(
    `data: ${field} has no inputs; give inputs (the values of one step) or shape: [channels, height, width].`,
  );
}

function splitSamples<A extends { readonly length: number; subarray(from: number, to: number): A }>(
  field: string,
  given: A,
  count: number,
  inputs: number,
): A[] {
  const size = given.length / count;
  if (size === 0 || size % inputs !== 0) {
    throw new SpikevineError(
      `data: ${field} has ${given.length} values for ${count} labels; give count * steps * ${inputs} of them.`,
    );
  }
  return Array.from({ length: count }, (_, sample) => given.subarray(sample * size, (sample + 1) * size));
}
