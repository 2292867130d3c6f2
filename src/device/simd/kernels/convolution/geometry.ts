import type { Convolution, ImageShape } from "../../../contract.js";
import type { Sweep } from "./dense-sweep.js";

/** Indices along one axis from `low` to `high`, both included; outside the image they are its border. */
interface Reach {
  readonly low: number;
  readonly high: number;
}

/** An image with a border of zeros, in which no window leaves the memory. Sizes are in bytes. */
export interface Plane {
  readonly image: ImageShape;
  /** Distance of two neighbors in a row, and of two rows. */
  readonly pixel: number;
  readonly row: number;
  /** Offset of the image's first number. */
  readonly origin: number;
  readonly bytes: number;
  /** False if the plane is the image itself. */
  readonly hasBorder: boolean;
}

function planeOf(image: ImageShape, reach: readonly [y: Reach, x: Reach]): Plane {
  const border = ([image.height, image.width] as const).map((size, axis) => ({
    before: Math.max(0, -reach[axis]!.low),
    after: Math.max(0, reach[axis]!.high - (size - 1)),
  }));
  const [y, x] = border as [(typeof border)[0], (typeof border)[0]];
  const pixel = image.channels * 4;
  const row = (x.before + image.width + x.after) * pixel;
  return {
    image,
    pixel,
    row,
    origin: y.before * row + x.before * pixel,
    bytes: Math.ceil(((y.before + image.height + y.after) * row) / 64) * 64,
    hasBorder: border.some(({ before, after }) => before + after > 0),
  };
}

/** The plane that the windows of a convolution read. */
export function inputPlane({ input, output, size, stride, padding, dilation }: Convolution): Plane {
  const reach = (axis: 0 | 1, outputs: number): Reach => ({
    low: -padding[axis],
    high: (outputs - 1) * stride[axis] - padding[axis] + (size[axis] - 1) * dilation[axis],
  });
  return planeOf(input, [reach(0, output.height), reach(1, output.width)]);
}

/** Channels of a group: of the input and of the output. */
export const groupChannels = ({ input, output, groups }: Convolution): { inputs: number; outputs: number } => ({
  inputs: input.channels / groups,
  outputs: output.channels / groups,
});

/** The convolution of one group, from a plane. */
export function forwardSweep(convolution: Convolution, plane: Plane): Sweep {
  const { output, size, stride, padding, dilation } = convolution;
  const { inputs, outputs } = groupChannels(convolution);
  const pixel = output.channels * 4;
  return {
    rows: output.height,
    columns: output.width,
    from: {
      start: plane.origin - padding[0] * plane.row - padding[1] * plane.pixel,
      y: stride[0] * plane.row,
      x: stride[1] * plane.pixel,
      i: dilation[0] * plane.row,
      j: dilation[1] * plane.pixel,
    },
    to: { start: 0, y: output.width * pixel, x: pixel },
    taps: size,
    depth: inputs,
    outputs,
    lines: dilation[0] === 1 ? { first: -padding[0], step: stride[0], count: convolution.input.height } : undefined,
  };
}

/**
 * Inputs of one axis whose distance is the stride: they have the same taps. Input first + m * stride receives the errors
 * of outputs m + offset + n * step, through tap `tap - n * tapStep`, for n < count.
 */
interface Phase {
  readonly first: number;
  readonly inputs: number;
  readonly count: number;
  readonly offset: number;
  readonly step: number;
  readonly tap: number;
  readonly tapStep: number;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

function phasesOf({ input, size, stride, padding, dilation }: Convolution, axis: 0 | 1): Phase[] {
  const inputs = axis === 0 ? input.height : input.width;
  const [k, s, p, d] = [size[axis], stride[axis], padding[axis], dilation[axis]];
  const common = greatestCommonDivisor(s, d);
  return Array.from({ length: Math.min(s, inputs) }, (_, first) => {
    const taps = Array.from({ length: k }, (_, tap) => tap).filter((tap) => (first + p - tap * d) % s === 0);
    const tap = taps.at(-1) ?? 0;
    return {
      first,
      inputs: Math.ceil((inputs - first) / s),
      count: taps.length,
      offset: (first + p - tap * d) / s,
      step: d / common,
      tap,
      tapStep: s / common,
    };
  });
}

const reachOfPhases = (phases: readonly Phase[]): Reach => {
  const used = phases.filter(({ count }) => count > 0);
  return {
    low: Math.min(0, ...used.map(({ offset }) => offset)),
    high: Math.max(0, ...used.map(({ inputs, count, offset, step }) => inputs - 1 + offset + (count - 1) * step)),
  };
};

/** One of the sweeps that make up a transposed convolution, and the taps of the weights that it uses, in its order. */
export interface TransposedSweep {
  readonly sweep: Sweep;
  /** Numbers of the taps, i * size[1] + j. */
  readonly taps: readonly number[];
}

/** The input gradient of one group: sweeps over a plane of errors, one for each combination of phases of the stride. */
export interface TransposedConvolution {
  readonly plane: Plane;
  readonly sweeps: readonly TransposedSweep[];
  /** False if some inputs are in no window: their errors are 0 and no sweep writes them. */
  readonly writesAll: boolean;
}

export function transposedConvolution(convolution: Convolution): TransposedConvolution {
  const { input, output, size, stride } = convolution;
  const { inputs, outputs } = groupChannels(convolution);
  const [vertical, horizontal] = [phasesOf(convolution, 0), phasesOf(convolution, 1)];
  const plane = planeOf(output, [reachOfPhases(vertical), reachOfPhases(horizontal)]);
  const pixel = input.channels * 4;
  const numbers = ({ tap, tapStep, count }: Phase): number[] =>
    Array.from({ length: count }, (_, n) => tap - n * tapStep);
  const sweeps = vertical.flatMap((y) =>
    horizontal
      .filter((x) => y.count > 0 && x.count > 0)
      .map((x) => ({
        sweep: {
          rows: y.inputs,
          columns: x.inputs,
          from: {
            start: plane.origin + y.offset * plane.row + x.offset * plane.pixel,
            y: plane.row,
            x: plane.pixel,
            i: y.step * plane.row,
            j: x.step * plane.pixel,
          },
          to: {
            start: (y.first * input.width + x.first) * pixel,
            y: stride[0] * input.width * pixel,
            x: stride[1] * pixel,
          },
          taps: [y.count, x.count] as const,
          depth: outputs,
          outputs: inputs,
          lines: y.step === 1 ? { first: y.offset, step: 1, count: output.height } : undefined,
        },
        taps: numbers(y).flatMap((i) => numbers(x).map((j) => i * size[1] + j)),
      })),
  );
  return { plane, sweeps, writesAll: sweeps.length === vertical.length * horizontal.length };
}
