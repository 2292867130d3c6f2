import type { NeuronSettings } from "./settings.js";

/** Shares of the duration at which a current starts and ends. */
const START = 0.1;
const END = 0.9;
const PULSES = 5;
const SINES = 4;
/** Time for which noise holds a value, ms. */
const HELD_MS = 2;

/** The injected current at a time in ms, in the unit of the neuron's input. */
export function currentAt({ shape, amplitude, duration }: Omit<NeuronSettings, "text">, t: number): number {
  const share = (t / duration - START) / (END - START);
  if (share < 0 || share >= 1) return 0;
  switch (shape) {
    case "step":
      return amplitude;
    case "ramp":
      return amplitude * share;
    case "pulses":
      return (share * PULSES) % 1 < 0.3 ? amplitude : 0;
    case "sine":
      return amplitude * 0.5 * (1 - Math.cos(2 * Math.PI * SINES * share));
    case "noise":
      return amplitude * (0.5 + noise(Math.floor(t / HELD_MS)));
  }
}

/** A number around 0 with a deviation of 0.5, the same for the same place: the sum of four hashes. */
function noise(place: number): number {
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    let hash = Math.imul(place * 4 + k + 1, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash ^= hash >>> 13;
    sum += (hash >>> 0) / 2 ** 32 - 0.5;
  }
  return sum * 0.87;
}
