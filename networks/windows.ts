import { either, type RequiredKind, tuple, whole } from "../src/arguments/index.js";
import type { ImageShape, Pair, Windows } from "../src/device/contract.js";

/** A size, offset or distance in pixels: one number for height and width, or [height, width]. */
export type Size = number | readonly [height: number, width: number];

/** A size as an argument, at least `least` in each direction. */
export const sizeKind = (least: number): RequiredKind => either(whole(least), tuple(whole(least), whole(least)));

export const pairOf = (size: Size): Pair => (typeof size === "number" ? [size, size] : size);

/** Text of a shape in messages, e.g. `[12, 24, 24]`; a row of units is its number. */
export const shapeText = ({ channels, height, width }: ImageShape): string =>
  height === 1 && width === 1 ? `${channels}` : `[${channels}, ${height}, ${width}]`;

export const pairText = ([y, x]: Pair): string => `${y} x ${x}`;

interface WindowOptions {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

/**
 * Windows of a layer in an image.
 * @param refuse receives the reason if a window does not fit into the padded image
 */
export function windowsIn(
  input: ImageShape,
  channels: number,
  options: WindowOptions,
  refuse: (problem: string) => never,
): Windows {
  const sides: Pair = [input.height, input.width];
  const padded = sides.map((side, d) => side + 2 * options.padding[d]!) as [number, number];
  const spans = options.size.map((size, d) => options.dilation[d]! * (size - 1) + 1) as [number, number];
  if (spans.some((span, d) => span > padded[d]!)) {
    if (input.height === 1 && input.width === 1 && input.channels > 1) {
      refuse(
        `a window of ${pairText(spans)} does not fit into its input of 1 x 1 pixels with ${input.channels} channels; if these are an image, give its shape by inputs: [channels, height, width], and put flatten and dense layers after this one`,
      );
    }
    const extent =
      pairText(options.size) === pairText(spans)
        ? ""
        : ` (${pairText(options.size)} with dilation ${pairText(options.dilation)})`;
    const border =
      pairText(padded) === pairText(sides) ? "" : ` (${pairText(sides)} with padding ${pairText(options.padding)})`;
    // As in tools whose images have their channels last.
    const order = input.width < 5 && input.channels > input.width ? "; shapes are [channels, height, width]" : "";
    refuse(
      `a window of ${pairText(spans)}${extent} does not fit into its input of ${pairText(padded)} pixels${border}; give a smaller window, more padding or a larger image${order}`,
    );
  }
  const [height, width] = padded.map((side, d) => Math.floor((side - spans[d]!) / options.stride[d]!) + 1);
  return { input, output: { channels, height: height!, width: width! }, ...options };
}
