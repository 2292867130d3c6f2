/** Steps in one array of a signal. */
export interface Chunk {
  /** The first step, counted from the start of the run. */
  readonly first: number;
  readonly steps: number;
}

/** Divides the steps of a run into chunks of at most `length`. */
export function divideSteps(steps: number, length: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = 0; first < steps; first += length) chunks.push({ first, steps: Math.min(length, steps - first) });
  return chunks;
}

/**
 * Number of steps per array; all chunks have about the same length. On a graphics processor, a scan replays a chunk
 * from its start for each of its steps, so its work grows with the square of this length and its launches with the
 * inverse. An array also stays small enough for the smallest texture limits.
 */
export function chunkLength(steps: number, rowSize: number, longest: number): number {
  const most = Math.max(1, Math.min(longest, Math.floor(LARGEST_CHUNK / rowSize)));
  return Math.ceil(steps / Math.ceil(steps / most));
}

/** Longest chunk on a graphics processor, where launches dominate the cost of replaying. Other modes do not replay. */
export const LONGEST_CHUNK = 32;

/** Most numbers of an array. */
export const LARGEST_CHUNK = 2 ** 22;
