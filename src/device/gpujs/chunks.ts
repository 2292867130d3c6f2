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
 * How many steps go into one array, all chunks about as long. A thread writes one value only, so a scan replays a chunk
 * from its start for each of its steps: its work grows with the square of this, and its launches with the inverse. One
 * array also stays small enough for the smallest texture limits.
 */
export function chunkLength(steps: number, rowSize: number, longest: number): number {
  const most = Math.max(1, Math.min(longest, Math.floor(LARGEST_CHUNK / rowSize)));
  return Math.ceil(steps / Math.ceil(steps / most));
}

/**
 * Longest chunks. Measured on a training step of 784-256-256-10 units over 20 steps: on a CPU, where a launch costs next
 * to nothing, 20 % less time with 4 to 7 steps a chunk than with 20; on a GPU launches count, and replaying hardly does.
 */
export const LONGEST_CHUNK = { cpu: 8, gpu: 32 } as const;

const LARGEST_CHUNK = 2 ** 22;
