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
 * How many steps go into one array, all chunks about as long. On a graphics processor a scan replays a chunk
 * from its start for each of its steps: its work grows with the square of this, and its launches with the inverse. One
 * array also stays small enough for the smallest texture limits.
 */
export function chunkLength(steps: number, rowSize: number, longest: number): number {
  const most = Math.max(1, Math.min(longest, Math.floor(LARGEST_CHUNK / rowSize)));
  return Math.ceil(steps / Math.ceil(steps / most));
}

/** Longest chunk on a graphics processor, where launches count and replaying hardly does; nothing is replayed elsewhere. */
export const LONGEST_CHUNK = 32;

const LARGEST_CHUNK = 2 ** 22;
