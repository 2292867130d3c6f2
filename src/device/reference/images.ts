import type { Convolution, Windows } from "../contract.js";

/**
 * Visits every pair of an input inside the image and an output whose window covers it, in the same channel: outputs row
 * by row, and the inputs of a window row by row. Gives the units of both.
 */
export function visitWindows(windows: Windows, visit: (input: number, output: number) => void): void {
  const { channels } = windows.input;
  visitPixels(windows, (input, output) => {
    for (let c = 0; c < channels; c++) visit(input * channels + c, output * channels + c);
  });
}

/** Visits every product of a convolution of one image: the units of its input and its output, and the weight's index. */
export function visitConvolution(
  convolution: Convolution,
  visit: (input: number, output: number, weight: number) => void,
): void {
  const { input, output, groups } = convolution;
  const inputsPerGroup = input.channels / groups;
  const outputsPerGroup = output.channels / groups;
  visitPixels(convolution, (from, to, position) => {
    for (let o = 0; o < output.channels; o++) {
      const group = Math.floor(o / outputsPerGroup);
      for (let c = 0; c < inputsPerGroup; c++) {
        const weight = (position * inputsPerGroup + c) * output.channels + o;
        visit(from * input.channels + group * inputsPerGroup + c, to * output.channels + o, weight);
      }
    }
  });
}

/** Visits every pair of an input pixel and an output pixel, with the position of the first in the other's window. */
function visitPixels(
  { input, output, size, stride, padding, dilation }: Windows,
  visit: (input: number, output: number, position: number) => void,
): void {
  for (let y = 0; y < output.height; y++) {
    for (let x = 0; x < output.width; x++) {
      for (let i = 0; i < size[0]; i++) {
        for (let j = 0; j < size[1]; j++) {
          const row = y * stride[0] - padding[0] + i * dilation[0];
          const column = x * stride[1] - padding[1] + j * dilation[1];
          if (row < 0 || row >= input.height || column < 0 || column >= input.width) continue;
          visit(row * input.width + column, y * output.width + x, i * size[1] + j);
        }
      }
    }
  }
}
