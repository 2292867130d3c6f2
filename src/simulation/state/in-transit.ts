import type { SimulationModel } from "../model.js";

/** Spikes and sums that have been sent and not yet arrived, as the memory of an executor. */
export interface InTransit {
  /** Per population, a ring of the spikes of the last steps: those of step k are in slot k modulo the number of slots. */
  readonly spikes: readonly { readonly counts: Uint32Array; readonly lists: readonly Uint32Array[] }[];
  /** Rings of sums: slot k modulo the number of slots arrives in step k. */
  readonly sums: readonly {
    readonly population: number;
    readonly state: number;
    readonly slots: readonly (Float32Array | Float64Array)[];
  }[];
}

interface Running {
  readonly inTransit: InTransit;
  live(population: number, state: number): Float32Array | Float64Array;
}

/**
 * Continues a simulation in the executor of a changed model: copies the states of the populations that both have, and
 * everything in transit. A population that is new keeps its initial values.
 * @param step Index of the next step.
 */
export function continueIn(
  to: Running,
  from: Running,
  models: { readonly to: SimulationModel; readonly from: SimulationModel },
  step: number,
): void {
  models.from.populations.forEach(({ states }, p) => {
    models.to.populations[p]!.states.forEach((state, s) => {
      const before = states.indexOf(state);
      if (before >= 0) to.live(p, s).set(from.live(p, before));
    });
    const [old, fresh] = [from.inTransit.spikes[p]!, to.inTransit.spikes[p]!];
    for (let age = 1; age <= Math.min(old.lists.length, fresh.lists.length, step); age++) {
      const [source, target] = [(step - age) % old.lists.length, (step - age) % fresh.lists.length];
      const count = old.counts[source]!;
      fresh.lists[target]!.set(old.lists[source]!.subarray(0, count));
      fresh.counts[target] = count;
    }
  });
  for (const { population, state, slots } of from.inTransit.sums) {
    const fresh = to.inTransit.sums.find((ring) => ring.population === population && ring.state === state);
    if (fresh === undefined) continue;
    for (let ahead = 0; ahead < Math.min(slots.length, fresh.slots.length); ahead++) {
      fresh.slots[(step + ahead) % fresh.slots.length]!.set(slots[(step + ahead) % slots.length]!);
    }
  }
}
