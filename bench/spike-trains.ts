import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import { drawUniform, rowKey } from "../src/random/counter.js";

/** Levels of brightness that a packed pixel can have. */
const LEVELS = 256;
/** Fractional part of the golden ratio: its multiples, modulo 1, are spread evenly. */
const TURN = 0.618034;
const STREAM_OF_PHASES = 1001;

/**
 * Spike trains that are precomputed, before the timed region. A device receives values, one row per sample, not spikes, so
 * one number x encodes a whole train: its integer part is the firing probability p in 256ths, its fraction a random phase.
 * The pixel fires at step t if the fraction of (phase + t * 0.618) is below p: regular in time, practically random across
 * pixels and steps, with density p. No numbers are drawn; the timed region contains only this formula per non-zero pixel.
 */
export const preparedTrains: EncoderDefinition = defineEncoder({
  name: "preparedTrains",
  summary: "Regular spike trains with phases that are precomputed with the images.",
  source: "bench",
  // The first factor is 1 for x >= 1; with it, a device can derive that a pixel of 0 never fires.
  spike: `floor(x) * (floor(x) / ${LEVELS} - (x + ${TURN} * t - floor(x + ${TURN} * t)))`,
});

/** Packs firing probabilities `[samples, pixels]` and phases into the numbers that `preparedTrains` reads. */
export function packTrains(probabilities: Float32Array, pixels: number): Float32Array {
  const packed = new Float32Array(probabilities.length);
  for (let i = 0; i < packed.length; i++) {
    const level = Math.round(probabilities[i]! * LEVELS);
    if (level === 0) continue;
    const key = rowKey(STREAM_OF_PHASES, Math.floor(i / pixels));
    // Fifteen bits of phase and the level fill single precision.
    packed[i] = level + Math.floor(drawUniform(key, i % pixels) * 2 ** 15) / 2 ** 15;
  }
  return packed;
}
