/** Steps that one array of a signal holds. */
export interface Chunk {
  /** The first of them, counted from the start of the run. */
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
 * How many steps go into one array. A scan replays its steps from the start of a chunk for each of them (a thread writes one value
 * only), so its work grows with the square of this and its launches with the inverse; and one array stays small enough
 * for the smallest texture limits.
 */
export function chunkLength(steps: number, rowSize: number): number {
  return Math.max(1, Math.min(LONGEST_CHUNK, steps, Math.floor(LARGEST_CHUNK / rowSize)));
}

const LONGEST_CHUNK = 32;
const LARGEST_CHUNK = 2 ** 22;
