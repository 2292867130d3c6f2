/** Runs the steps of a simulation. All executors draw the same random numbers; they differ in speed and precision. */
export interface Executor {
  /** What really runs, for reports. */
  readonly description: string;
  /** Most steps that one `advance` may be asked for. */
  readonly longest: number;
  /** Goes back to the beginning. `initial[population][state]` has one value for each unit. */
  reset(initial: readonly (readonly Float64Array[])[]): void;
  /**
   * Takes steps `from` .. `from + count - 1`, or fewer where what is to be read out has no more room, and returns how
   * many. Always at least one.
   * @param trial distinguishes repetitions with other random input
   */
  advance(from: number, count: number, trial: number): number;
  /** The spikes of a logged population in the last `advance`, in order of steps, then of units. */
  spikes(population: number): { readonly steps: Uint32Array; readonly units: Uint32Array };
  /** What a recorder took in the last `advance`, row after row. */
  samples(recorder: number): Float32Array | Float64Array;
  /** The values of a state as they are now. */
  state(population: number, state: number): Float64Array;
  /** The memory of a state itself: what is added to it between two calls of `advance` counts in the next step. */
  live(population: number, state: number): Float32Array | Float64Array;
  /** Everything that the next step depends on, except its number and the model. */
  save(): Uint8Array;
  /**
   * Takes back what `save` gave. Returns false, and changes nothing, where the bytes are not of this model's size or name
   * units that do not exist.
   */
  restore(bytes: Uint8Array): boolean;
}

/**
 * Whether lists of spikes name only units that exist, so that a state from elsewhere leads nowhere outside of the memory.
 * @param counts Number of spikes in each list.
 * @param lists One list after the other, each with room for all units.
 */
export const areSpikeLists = (counts: Uint32Array, lists: Uint32Array, size: number): boolean =>
  counts.every(
    (count, slot) => count <= size && lists.subarray(slot * size, slot * size + count).every((unit) => unit < size),
  );
