import type { SimulationModel } from "../../../model.js";
import type { EventProjection } from "../synapses/layout.js";

/**
 * Why threads cannot share out a network: its synapses touch neurons that belong to other threads, or are computed outside
 * of WebAssembly. Undefined if they can.
 */
export function whyAlone(model: SimulationModel, events: readonly EventProjection[]): string | undefined {
  if (typeof SharedArrayBuffer === "undefined") return "memory cannot be shared between threads here";
  if (model.interrupted) return "code runs between the arrivals and the rest of a step";
  const own = new Set(events.map(({ index }) => index));
  for (const [index, { name, pre, post, spikes, neurons }] of model.plastic.entries()) {
    if (!own.has(index)) return `the synapses of ${name} are computed at every step`;
    const drives = model.populations[pre]!.drives;
    const moves = neurons.some((value) => {
      if (value.side !== "pre") return false;
      if (!("parameter" in value)) return true;
      const drive = drives.find(({ symbol }) => symbol === value.parameter);
      return drive?.copied !== undefined || drive?.summed === true;
    });
    if (moves) return `the synapses of ${name} read or write states of presynaptic neurons`;
    if (model.populations[spikes.post]!.size !== model.populations[post]!.size) {
      return `the synapses of ${name} change at events of other neurons`;
    }
  }
  return undefined;
}
