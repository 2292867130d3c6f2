import { SpikevineError } from "../../errors.js";
import { isSent, longestOf, type ProjectionModel } from "../model.js";
import type { InTransit } from "./in-transit.js";

/** The next step, and whether its events have arrived. */
interface Present {
  readonly step: number;
  readonly arrived: boolean;
}

/**
 * Refuses a change that concerns spikes on the way, if these are no longer known one by one.
 * @param projections A projection with its present and its former delays.
 * @param change The change, for the message.
 */
export function checkReweigh(
  { spikes }: InTransit,
  projections: readonly ProjectionModel[],
  change: "weight" | "active" = "weight",
): void {
  for (const { name, pre, delays } of projections) {
    if (typeof delays === "number" || longestOf(delays) <= spikes[pre]!.lists.length) continue;
    throw new SpikevineError(
      change === "weight"
        ? `set: "weight" of ${name}: its delays are too long for the size of its population to change weights of spikes on the way; set the weights before the first run, or give shorter delays.`
        : `setActive: ${name}: its delays are too long for the size of its population to switch spikes on the way; give all synapses one delay, or shorter ones.`,
    );
  }
}

/**
 * Gives spikes on the way that differ in delay the weights that a projection has now: their sums in the rings change. A
 * projection that is off has nothing in the rings.
 * @param projections A projection with its present and its former delays, and the former weights.
 */
export function reweigh(
  { spikes, sums }: InTransit,
  projections: readonly ProjectionModel[],
  weights: ProjectionModel["weights"],
  { step, arrived }: Present,
): void {
  const first = arrived ? step + 1 : step;
  const of = (all: ProjectionModel["weights"], synapse: number): number =>
    typeof all === "number" ? all : all[synapse]!;
  for (const { pre, post, state, rowStart, targets, delays, sent, active, weights: before } of projections) {
    if (typeof delays === "number" || !active) continue;
    const ring = sums.find(({ population, state: target }) => population === post && target === state);
    const { counts, lists } = spikes[pre]!;
    for (let from = Math.max(0, step - longestOf(delays)); from < step; from++) {
      if (ring === undefined || !isSent(from, sent)) continue;
      const slot = from % lists.length;
      for (const neuron of lists[slot]!.subarray(0, counts[slot]!)) {
        for (let k = rowStart[neuron]!; k < rowStart[neuron + 1]!; k++) {
          const arrival = from + delays[k]!;
          if (arrival < first) continue;
          ring.slots[arrival % ring.slots.length]![targets[k]!]! += of(weights, k) - of(before, k);
        }
      }
    }
  }
}

/**
 * Takes the spikes on the way that differ in delay out of the rings when a projection is switched off, or puts those that
 * have not arrived yet into them when it is switched on.
 */
export function switchInTransit(
  inTransit: InTransit,
  projections: readonly ProjectionModel[],
  active: boolean,
  present: Present,
): void {
  for (const projection of projections) {
    const { weights } = projection;
    const [before, after] = active ? [0, weights] : [weights, 0];
    reweigh(inTransit, [{ ...projection, active: true, weights: before }], after, present);
  }
}
