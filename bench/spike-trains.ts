import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import { drawUniform, rowKey } from "../src/random/counter.js";

/** Levels of brightness that a packed pixel can have. */
const LEVELS = 256;
/** The golden ratio's fraction: multiples of it, modulo 1, are spread evenly. */
const TURN = 0.618034;
const STREAM_OF_PHASES = 1001;

/**
 * Spike trains that are made before the clock starts. A device takes values, one row a sample, not spikes; so a whole train
 * travels in one number x: its whole part is the firing probability p in 256ths, its fraction a random phase. The pixel
 * fires at step t where the fraction of (phase + t * 0.618) is below p: regular in time, as good as random across pixels and
 * steps, with density p. Nothing is drawn; what is left inside the clock is this one formula per pixel that is not 0.
 */
export const preparedTrains: EncoderDefinition = defineEncoder({
  name: "preparedTrains",
  summary: "Regular spike trains with phases that are prepared with the images.",
  source: "bench",
  // The first factor changes nothing where x >= 1; it lets a device see that a pixel of 0 never fires.
  spike: `floor(x) * (floor(x) / ${LEVELS} - (x + ${TURN} * t - floor(x + ${TURN} * t)))`,
});

/** Packs firing probabilities `[samples, pixels]` and phases into the numbers that `preparedTrains` reads. */
export function packTrains(probabilities: Float32Array, pixels: number): Float32Array {
  const packed = new Float32Array(probabilities.length);
  for (let i = 0; i < packed.length; i++) {
    const level = Math.round(probabilities[i]! * LEVELS);
    if (level === 0) continue;
    const key = rowKey(STREAM_OF_PHASES, Math.floor(i / pixels));
    // Fifteen bits of phase: with the level, all that single precision holds.
    packed[i] = level + Math.floor(drawUniform(key, i % pixels) * 2 ** 15) / 2 ** 15;
  }
  return packed;
}
