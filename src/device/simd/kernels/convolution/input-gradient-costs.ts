import type { Convolution } from "../../../contract.js";
import { PANEL_COLUMNS, roundUp } from "../../compile/layout.js";
import { BLOCK_OUTPUTS, type Sweep } from "./dense-sweep.js";
import { transposedConvolution } from "./geometry.js";

/**
 * Times of the ways to compute an input gradient, in multiplications of the dense product, fitted to measurements of layers
 * of 3 to 128 channels below.
 */
export interface InputGradientCosts {
  /** Of the dense product of one image. */
  readonly dense: number;
  /** Of the product from errors that are not 0: of an image whatever its errors, and of each error. */
  readonly image: number;
  readonly error: number;
  /** Of an active unit. */
  readonly active: number;
}

/** A test whether an error is 0, with its place in a list. */
const LISTED = 11;
/** A pass over the list of a pixel, which loads and stores a piece of a row of its window. */
const PASS = 165;
/** The loads of an error in a pass, as registers. */
const ERROR = 1;
/** A multiplication for an active unit. */
const ACTIVE = 1.4;

/** For a convolution without groups. */
export function inputGradientCosts(convolution: Convolution): InputGradientCosts {
  const { input, output, size } = convolution;
  const pixels = output.height * output.width;
  const numbers = size[1] * input.channels;
  const slices = Math.ceil(numbers / PANEL_COLUMNS);
  return {
    dense: transposedConvolution(convolution).sweeps.reduce((sum, { sweep }) => sum + multiplications(sweep), 0),
    image: pixels * (output.channels * LISTED + size[0] * slices * PASS),
    error: size[0] * 4 * (Math.ceil(numbers / 4) + slices * ERROR),
    active: ACTIVE * size[0] * size[1] * roundUp(output.channels, 4),
  };
}

/** Multiplications of a sweep: those with lines of the border are skipped, those with its columns are not. */
function multiplications({ rows, columns, taps, depth, outputs, lines }: Sweep): number {
  let lineTaps = 0;
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < taps[0]; i++) {
      const line = lines === undefined ? 0 : lines.first + y * lines.step + i;
      if (line >= 0 && line < (lines?.count ?? 1)) lineTaps++;
    }
  }
  return lineTaps * columns * taps[1] * depth * roundUp(outputs, BLOCK_OUTPUTS);
}
