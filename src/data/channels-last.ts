/** Shape of an image. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Shape of an image: height and width, or channels, height and width. */
export type DataShape =
  | readonly [height: number, width: number]
  | readonly [channels: number, height: number, width: number];

/** Channels, height and width; images without channels have one. */
export function imageShape(shape: DataShape): ImageShape {
  const [channels, height, width] = shape.length === 3 ? shape : [1, ...shape];
  return { channels: channels!, height: height!, width: width! };
}

/**
 * Order of an image's values with its channels last: place (y * width + x) * channels + c has the value (c, y, x) of the
 * image as it is given, channel by channel. Undefined if the order stays.
 */
export function channelsLast([channels, height, width]: readonly [number, number, number]): Uint32Array | undefined {
  const pixels = height * width;
  if (channels === 1 || pixels === 1) return undefined;
  return Uint32Array.from({ length: channels * pixels }, (_, i) => (i % channels) * pixels + Math.floor(i / channels));
}
