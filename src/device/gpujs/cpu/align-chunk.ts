import type { DeviceArray } from "../program/arrays.js";

export interface Alignment {
  readonly batch: number;
  readonly width: number;
  readonly samples: number;
  /** Steps of the chunk. */
  readonly steps: number;
  /** One row per sample holds at every step. */
  readonly static: boolean;
  /** Each step reads the row of the step before; the first step of the run reads zeros. */
  readonly delayed: boolean;
}

/**
 * Chunk `c` of a signal as the weight gradient multiplies it, `[steps, batch, width]`: the chunk itself if no row
 * moves, else a copy in which samples beyond those of the run are zeros, whatever the padding contains.
 */
export function align(chunks: readonly DeviceArray[], c: number, alignment: Alignment): Float32Array {
  const { batch, width, samples, steps, delayed } = alignment;
  const own = (chunks[c] ?? chunks[0]!).numbers!;
  if (samples === batch && !delayed && !alignment.static) return own;
  const layer = batch * width;
  const aligned = new Float32Array(steps * layer);
  for (let t = 0; t < steps; t++) {
    const from = alignment.static ? 0 : t - (delayed ? 1 : 0);
    const source = from < 0 ? chunks[c - 1]?.numbers : own;
    if (source === undefined) continue;
    const start = from < 0 ? source.length - layer : from * layer;
    aligned.set(source.subarray(start, start + samples * width), t * layer);
  }
  return aligned;
}
