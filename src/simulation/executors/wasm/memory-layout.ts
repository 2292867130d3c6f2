import {
  type ArrivalRing,
  arrivalRings,
  type RecorderModel,
  type SimulationModel,
  spikeSlots,
  tablesOf,
} from "../../model.js";
import { paddedSize } from "./padding.js";
import type { Real } from "./real.js";
import type { KeptState, Storage } from "./storage.js";
import { type EventProjection, layOutSynapses, layOutVariables, type SynapsesLayout } from "./synapses/layout.js";
import { CONTROL } from "./threads/control.js";

/** Byte addresses of a simulation's data in WebAssembly's memory. */
export interface Layout {
  /** Number of threads that share out the neurons. */
  readonly threads: number;
  readonly populations: readonly PopulationLayout[];
  readonly projections: readonly ProjectionLayout[];
  readonly rings: readonly RingLayout[];
  readonly events: readonly EventLayout[];
  readonly recorders: readonly RecorderLayout[];
  /** Of each event-driven projection. */
  readonly synapses: readonly SynapsesLayout[];
  /** The word with the index of the trial. */
  readonly trial: number;
  /** The word with the index of the next step. */
  readonly now: number;
  /** Range of a saved state: from .. to - 1. */
  readonly state: { readonly from: number; readonly to: number };
  /** Size in bytes. */
  readonly end: number;
}

export interface PopulationLayout {
  readonly size: number;
  /** Number of neurons with padding, so that groups of four always fit. */
  readonly padded: number;
  /** Precision of formulas and drives. */
  readonly formulas: Real;
  readonly states: readonly StateLayout[];
  /** Address of `rangesOf` this population, for several threads. */
  readonly ranges: number;
  /**
   * A ring of lists of spikes. Every thread lists its own neurons, from the place of its first neuron on: a slot has room
   * for all neurons, and one count per thread.
   */
  readonly slots: number;
  readonly counts: number;
  readonly lists: number;
  /**
   * The ring between runs, the same for any number of threads. With several threads, the one above has a slot more: a
   * thread that is ahead must not overwrite a list that another one still reads.
   */
  readonly kept: { readonly slots: number; readonly counts: number; readonly lists: number };
  /** `neurons`: address of the indices of a copied state. */
  readonly drives: readonly {
    readonly address: number;
    readonly rowBytes: number;
    readonly neurons: number | undefined;
  }[];
  /** Addresses of the outputs by name, in the precision of the formulas. */
  readonly outputs: ReadonlyMap<string, number>;
  /** Addresses of the tables that the formulas look up, by their numbers. */
  readonly tables: ReadonlyMap<number, number>;
  /** Given spikes: a word per thread with the index of the next one, and the steps and neurons. */
  readonly given?: { readonly cursor: number; readonly steps: number; readonly neurons: number };
  /** Spikes to be read out: a word with their number, and the steps and neurons. */
  readonly log?: {
    readonly count: number;
    readonly steps: number;
    readonly neurons: number;
    readonly capacity: number;
  };
}

/** One number per neuron. */
export interface StateLayout extends KeptState {
  readonly address: number;
}

export interface ProjectionLayout {
  /** Addresses of the first targets of the rows' parts, one part per thread, and of the end. */
  readonly rows: number;
  readonly targets: number;
  readonly targetBytes: 2 | 4;
  /** Undefined if all synapses have the same weight, or the same delay. */
  readonly weights: number | undefined;
  readonly delays: number | undefined;
}

export interface RingLayout extends ArrivalRing {
  readonly address: number;
  readonly slotBytes: number;
}

export interface EventLayout {
  /** One word per thread. */
  readonly cursor: number;
  readonly steps: number;
  readonly neurons: number;
}

export interface RecorderLayout {
  /** The words with the number of rows, one per thread. */
  readonly rows: number;
  readonly neurons: number;
  readonly values: number;
  /** Number of rows that fit. */
  readonly capacity: number;
}

/** Bytes of buffer per log or recorder between two readings. */
const READ_OUT_BYTES = 2 ** 22;

/**
 * @param longest Largest number of steps per call, for which the recorders have room.
 * @param storage Storage of each population.
 * @param events The event-driven projections.
 * @param threads Number of threads. The saved state does not depend on it.
 */
export function layOut(
  model: SimulationModel,
  longest: number,
  storage: readonly Storage[],
  events: readonly EventProjection[],
  threads: number,
): Layout {
  let end = threads === 1 ? 64 : CONTROL.end;
  const take = (length: number): number => {
    const address = end;
    end += Math.ceil(length / 16) * 16;
    return address;
  };
  const word = (): number => take(4 * threads);
  const from = end;
  const now = take(4);
  const readers = events.flatMap(({ model: plastic, pathways }) =>
    pathways.map(({ model: pathway }) => ({ population: plastic.spikes[pathway.side], pathway })),
  );
  const states = model.populations.map(({ size }, p) => {
    const padded = paddedSize(size);
    const slots = spikeSlots(model, p, readers);
    return {
      size,
      padded,
      formulas: storage[p]!.formulas,
      states: storage[p]!.states.map((kept) => ({ ...kept, address: take(padded * kept.real.bytes) })),
      kept: { slots, counts: take(slots * 4), lists: take(slots * size * 4) },
    };
  });
  const rings = arrivalRings(model).map((ring): RingLayout => {
    const { padded, states: kept } = states[ring.population]!;
    const slotBytes = padded * kept[ring.state]!.real.bytes;
    return { ...ring, slotBytes, address: take(ring.slots * slotBytes) };
  });
  const variables = events.map((event) => layOutVariables(event, model.populations[event.model.post]!.size, take));
  const to = end;
  const copies = variables.map(({ shared }) =>
    threads === 1 ? shared.from : take(threads * (shared.to - shared.from)),
  );
  const trial = take(4);
  const populations = model.populations.map((population, p): PopulationLayout => {
    const { size, drives, given, logged } = population;
    const capacity = Math.max(2 * size, READ_OUT_BYTES / 8);
    const stepsAndNeurons = (length: number) => ({ steps: take(length * 4), neurons: take(length * 4) });
    const { kept } = states[p]!;
    const slots = kept.slots + 1;
    const ring = threads === 1 ? kept : { slots, counts: take(4 * slots * threads), lists: take(4 * slots * size) };
    return {
      ...states[p]!,
      ...ring,
      ranges: threads === 1 ? 0 : take(4 * (threads + 1)),
      drives: drives.map(({ rows, width, copied }) => {
        const rowBytes = (width === 1 ? 1 : paddedSize(width)) * storage[p]!.formulas.bytes;
        const neurons = copied?.neurons === undefined ? undefined : take(4 * copied.neurons.length);
        return { rowBytes, neurons, address: take(rows * rowBytes) };
      }),
      outputs: new Map(
        Object.keys(population.outputs ?? {}).map((name) => [
          name,
          take(paddedSize(size) * storage[p]!.formulas.bytes),
        ]),
      ),
      tables: new Map(
        Object.entries(tablesOf(population)).map(([number, { length }]) => [
          Number(number),
          take(length * storage[p]!.formulas.bytes),
        ]),
      ),
      ...(given ? { given: { cursor: word(), ...stepsAndNeurons(given.steps.length) } } : {}),
      ...(logged ? { log: { count: take(4), ...stepsAndNeurons(capacity), capacity } } : {}),
    };
  });
  const taken = new Map<object, number>();
  /** Projections with the same array have it once. */
  const takeOnce = (array: Uint16Array | Uint32Array | Float32Array): number => {
    const address = taken.get(array) ?? take(array.byteLength);
    taken.set(array, address);
    return address;
  };
  const projections = model.projections.map(
    ({ rowStart, targets, weights, delays }): ProjectionLayout => ({
      rows: take(4 * (threads * (rowStart.length - 1) + 1)),
      targets: takeOnce(targets),
      targetBytes: targets instanceof Uint16Array ? 2 : 4,
      weights: typeof weights === "number" ? undefined : takeOnce(weights),
      delays: typeof delays === "number" ? undefined : takeOnce(delays),
    }),
  );
  const given = model.events.map(({ steps }) => ({
    cursor: word(),
    steps: take(steps.length * 4),
    neurons: take(steps.length * 4),
  }));
  const recorders = model.recorders.map(({ population, variable, neurons, every }): RecorderLayout => {
    const { bytes } = recorded(populations[population]!, variable).real;
    const capacity = Math.ceil(longest / every);
    return {
      rows: word(),
      neurons: take(neurons.length * 4),
      values: take(capacity * neurons.length * bytes),
      capacity,
    };
  });
  const synapses = events.map((event, e) =>
    layOutSynapses(event, { ...variables[e]!, copies: copies[e]! }, { longest, threads }, take),
  );
  // Keeps the read of the entry after the last one of a list inside memory.
  take(16);
  const state = { from, to };
  return { threads, populations, projections, rings, events: given, recorders, synapses, trial, now, state, end };
}

/** Memory of a variable that is recorded. */
export function recorded(
  { states, outputs, formulas }: PopulationLayout,
  variable: RecorderModel["variable"],
): Pick<StateLayout, "real" | "address"> {
  return "state" in variable ? states[variable.state]! : { real: formulas, address: outputs.get(variable.output)! };
}

/** Largest number of steps per call for which no recorder exceeds its memory. */
export function longestCall(model: SimulationModel): number {
  const recorded = [
    ...model.recorders.map(({ neurons, every }) => ({ every, bytes: 4 * neurons.length })),
    ...model.synapseRecorders.map(({ synapses, every }) => ({ every, bytes: 8 * synapses.length })),
  ];
  return recorded.reduce((most, { bytes, every }) => {
    const rows = Math.max(1, Math.floor(READ_OUT_BYTES / Math.max(1, bytes)));
    return Math.min(most, rows * every);
  }, 4096);
}
