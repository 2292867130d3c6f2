import type { Convolution, ImageShape, Pair, Windows } from "#spikevine/src/device/contract";

/** Numbers of an image: channels, height, width. */
export type Shape = readonly [channels: number, height: number, width: number];

export interface WindowOptions {
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
}

export const unitsOf = ({ channels, height, width }: ImageShape): number => channels * height * width;

/** Windows over an image, as many as fit. */
export function windowsOver([channels, height, width]: Shape, size: Pair, options: WindowOptions = {}): Windows {
  const { stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = options;
  const windowsAlong = (cells: number, axis: 0 | 1): number => {
    const last = cells + 2 * padding[axis] - dilation[axis] * (size[axis] - 1) - 1;
    return Math.floor(last / stride[axis]) + 1;
  };
  const output = { channels, height: windowsAlong(height, 0), width: windowsAlong(width, 1) };
  return { input: { channels, height, width }, output, size, stride, padding, dilation };
}

export function convolutionOver(
  input: Shape,
  channels: number,
  size: Pair,
  { groups = 1, ...options }: WindowOptions & { readonly groups?: number } = {},
): Convolution {
  const windows = windowsOver(input, size, options);
  return { ...windows, output: { ...windows.output, channels }, groups };
}

/** Shape [rows, columns] of the weights. */
export const weightShape = ({ size, input, output, groups }: Convolution): readonly [number, number] => [
  (size[0] * size[1] * input.channels) / groups,
  output.channels,
];

/** A short description: `3x7x6 -> 16x4x6, 3x3 stride 2x1 padding 1x1`. */
export function describeWindows(windows: Windows & { readonly groups?: number }): string {
  const { input, output, size, stride, padding, dilation, groups = 1 } = windows;
  const shape = ({ channels, height, width }: ImageShape): string => `${channels}x${height}x${width}`;
  const parts = [`${shape(input)} to ${shape(output)} by ${size.join("x")}`];
  if (stride.some((step) => step > 1)) parts.push(`stride ${stride.join("x")}`);
  if (padding.some((cells) => cells > 0)) parts.push(`padding ${padding.join("x")}`);
  if (dilation.some((step) => step > 1)) parts.push(`dilation ${dilation.join("x")}`);
  if (groups > 1) parts.push(`${groups} groups`);
  return parts.join(", ");
}
