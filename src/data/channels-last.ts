/**
 * Order of an image's values with its channels last: place (y * width + x) * channels + c has the value (c, y, x) of the
 * image as it is given, channel by channel. Undefined for one channel, whose order stays.
 */
export function channelsLast([channels, height, width]: readonly [number, number, number]): Uint32Array | undefined {
  if (channels === 1) return undefined;
  const pixels = height * width;
  return Uint32Array.from({ length: channels * pixels }, (_, i) => (i % channels) * pixels + Math.floor(i / channels));
}
