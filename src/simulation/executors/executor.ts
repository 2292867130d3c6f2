import type { InTransit } from "../state/in-transit.js";
import type { EventSynapses } from "./event-driven/event-synapses.js";

/** Runs the steps of a simulation. All executors draw the same random numbers; they differ in speed and precision. */
export interface Executor {
  /** Instruction set and precision in use, for reports and saved states. */
  readonly description: string;
  /** Threads in use, for reports; absent if only one was wanted. */
  readonly threads?: string;
  /** Largest number of steps per call of `advance`. */
  readonly longest: number;
  /** Lets further threads take part in `advance`, until `stop`; without them, nothing happens. */
  start?(): Promise<void>;
  stop?(): void;
  /** Returns to the beginning. `initial[population][state]` has one value per neuron. */
  reset(initial: readonly (readonly Float64Array[])[]): void;
  /**
   * Runs steps `from` .. `from + count - 1`, or fewer if the buffers of recorded values are full, and returns how many,
   * at least one.
   * @param trial distinguishes repetitions with other random input
   * @param arrived True if `arrive` has run for the first step.
   */
  advance(from: number, count: number, trial: number, arrived?: boolean): number;
  /** Adds the events that arrive at a step to their states: the first part of that step. */
  arrive(step: number): void;
  /** The spikes of a logged population in the last `advance`, in order of steps, then of neurons. */
  spikes(population: number): { readonly steps: Uint32Array; readonly neurons: Uint32Array };
  /** Values of a recorder in the last `advance`, row after row. */
  samples(recorder: number): Float32Array | Float64Array;
  /** The current values of a state. */
  state(population: number, state: number): Float64Array;
  /** The memory of a state itself: values added to it between two calls of `advance` count in the next step. */
  live(population: number, state: number): Float32Array | Float64Array;
  /** The memory of a drive with one row, by its symbol: values written to it count from the next step on. */
  drive(population: number, symbol: string): Float32Array | Float64Array;
  /** The plastic projections that the executor runs itself, by their index in the model. */
  readonly own: ReadonlyMap<number, EventSynapses>;
  /** Values of a recorder of synapses of an own projection in the last `advance`, row after row. */
  synapseSamples(recorder: number): Float64Array;
  /** Tells the executor the index of the next step, if it has not run the steps before. */
  setNow(step: number): void;
  /** The memory of spikes and sums that have not arrived yet. */
  readonly inTransit: InTransit;
  /** Everything that the next step depends on, except its index and the model. */
  save(): Uint8Array;
  /**
   * Restores the result of `save`. Returns false, and changes nothing, if the bytes do not have this model's size or
   * name neurons that do not exist.
   */
  restore(bytes: Uint8Array): boolean;
}

/**
 * Tells if lists of spikes name only existing neurons, so that a state from elsewhere cannot address other memory.
 * @param counts Number of spikes in each list.
 * @param lists One list after the other, each with room for all neurons.
 */
export const areSpikeLists = (counts: Uint32Array, lists: Uint32Array, size: number): boolean =>
  counts.every(
    (count, slot) => count <= size && lists.subarray(slot * size, slot * size + count).every((neuron) => neuron < size),
  );
