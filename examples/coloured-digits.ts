import { makeDigits } from "spikevine";
import type { ImageDataset, Splits } from "spikevine/data";

const DIGIT = 28;
const SIDE = 32;
const CHANNELS = 3;

/**
 * Synthetic digits `[3, 32, 32]`, each in a bright colour on a dark one: images of the form of CIFAR-10 that need no download.
 * A class does not depend on colours.
 */
export function colouredDigits(count: { readonly train?: number; readonly test?: number }): Splits {
  const { train, test } = makeDigits(count);
  return { train: coloured(train, 1), test: coloured(test, 2) };
}

function coloured(digits: ImageDataset, seed: number): ImageDataset {
  const next = levels(seed);
  const images = new Uint8Array(digits.count * CHANNELS * SIDE * SIDE);
  const border = (SIDE - DIGIT) / 2;
  for (let sample = 0; sample < digits.count; sample++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const plane = images.subarray((sample * CHANNELS + channel) * SIDE * SIDE).subarray(0, SIDE * SIDE);
      const [background, ink] = [next(), 128 + next()];
      plane.fill(background);
      for (let i = 0; i < DIGIT * DIGIT; i++) {
        const at = (Math.floor(i / DIGIT) + border) * SIDE + (i % DIGIT) + border;
        plane[at] = background + ((ink - background) * digits.images[sample * DIGIT * DIGIT + i]!) / 255;
      }
    }
  }
  const { labels, classes } = digits;
  const shape = [CHANNELS, SIDE, SIDE] as const;
  return {
    name: "coloured-digits",
    images,
    labels,
    classes,
    count: digits.count,
    pixels: CHANNELS * SIDE * SIDE,
    shape,
  };
}

/** Levels of a colour, 0 to 127, from the linear congruential generator of Numerical Recipes. */
function levels(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 25;
  };
}
