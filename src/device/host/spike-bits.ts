/** Words of the bits of a row of so many units: unit i is bit i % 32 of word floor(i / 32). */
export const wordsOf = (width: number): number => Math.ceil(width / 32);

/** Index of the first row that has bits after its last unit; undefined if none has. */
export function checkSpikeBits(bits: Uint32Array, width: number): number | undefined {
  const words = wordsOf(width);
  if (width % 32 === 0) return undefined;
  const outside = (-1 << (width % 32)) >>> 0;
  for (let last = words - 1; last < bits.length; last += words) {
    if ((bits[last]! & outside) !== 0) return (last - words + 1) / words;
  }
  return undefined;
}

/** Writes rows of bits as rows of `width` numbers, 0 and 1. */
export function unpackSpikes(bits: Uint32Array, width: number, to: { [index: number]: number }): void {
  const words = wordsOf(width);
  for (let row = 0; row * words < bits.length; row++) {
    for (let unit = 0; unit < width; unit++) {
      to[row * width + unit] = (bits[row * words + (unit >>> 5)]! >>> (unit & 31)) & 1;
    }
  }
}
