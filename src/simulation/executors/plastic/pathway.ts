import { isSent, type PathwayModel } from "../../model.js";
import type { InTransit } from "../../state/in-transit.js";
import { wordsOf } from "../../state/state-sections.js";
import { InFlight } from "./spikes-in-flight.js";
import { compileLoop, type Loop, type NeuronValues, type SynapseMemory } from "./synapse-loops.js";

/** The synapses of each neuron on either side, as compressed rows and columns. */
export interface SynapseIndexes {
  readonly rowStart: Uint32Array;
  /** Present if a pathway has postsynaptic spikes. */
  readonly column: { readonly start: Uint32Array; readonly synapses: Uint32Array } | undefined;
}

/** The changes at the spikes of one side, and the spikes that are on the way. */
export class Pathway {
  readonly model: PathwayModel;
  readonly side: "pre" | "post";
  /** False if all spikes act at once. */
  readonly delayed: boolean;
  /** True if spikes may act at the end of a step. */
  readonly endsStep: boolean;
  readonly #delays: number | Uint16Array;
  readonly #indexes: SynapseIndexes;
  readonly #inFlight: InFlight;
  /** Over a list of synapses, and over those of one neuron. */
  readonly #change: Loop;
  readonly #atOnce: Loop;

  constructor(model: PathwayModel, memory: SynapseMemory, indexes: SynapseIndexes) {
    const { side, changes, delays } = model;
    this.model = model;
    this.side = side;
    this.delayed = delays !== 0;
    this.#delays = delays;
    this.#indexes = indexes;
    this.#change = compileLoop(memory, changes, true);
    this.#atOnce = side === "post" ? this.#change : compileLoop(memory, changes, false);
    const longest = typeof delays === "number" ? delays : delays.reduce((most, delay) => Math.max(most, delay), 1);
    this.endsStep = side === "post" || delays === 0 || (typeof delays !== "number" && delays.includes(0));
    // With one more slot, spikes are sent before those of the same step have been processed.
    this.#inFlight = new InFlight(this.endsStep ? longest + 1 : longest);
  }

  clear(): void {
    this.#inFlight.clear();
  }

  /** Sends spikes of a step to the synapses of their neurons. */
  send(step: number, spikes: Uint32Array, neurons: readonly NeuronValues[]): void {
    if (!isSent(step, this.model.sent)) return;
    const { rowStart, column } = this.#indexes;
    const isPre = this.side === "pre";
    const start = isPre ? rowStart : column!.start;
    for (const neuron of spikes) {
      const [from, to] = [start[neuron]!, start[neuron + 1]!];
      if (!this.delayed) this.#atOnce(from, to, column?.synapses ?? [], 0, neurons);
      else for (let k = from; k < to; k++) this.#schedule(step, isPre ? k : column!.synapses[k]!);
    }
  }

  #schedule(step: number, synapse: number): void {
    const delay = typeof this.#delays === "number" ? this.#delays : this.#delays[synapse]!;
    this.#inFlight.at(step + delay).push(synapse);
  }

  /** Changes the synapses whose spikes arrive at a step. */
  arrive(step: number, neurons: readonly NeuronValues[]): void {
    if (!this.delayed) return;
    const arrivals = this.#inFlight.at(step);
    this.#change(0, arrivals.length, arrivals, 0, neurons);
    arrivals.length = 0;
  }

  skip(step: number): void {
    if (this.delayed) this.#inFlight.at(step).length = 0;
  }

  /** Schedules the spikes of the steps before a step that arrive at another one or later, unless they have no effect. */
  takeOver(
    { counts, lists }: InTransit["spikes"][number],
    { step, firstArrival }: { readonly step: number; readonly firstArrival: number },
    isSilent: (sent: number) => boolean,
  ): void {
    if (!this.delayed) return;
    const { rowStart, column } = this.#indexes;
    const start = this.side === "pre" ? rowStart : column!.start;
    for (let sent = Math.max(0, step - lists.length); sent < step; sent++) {
      if (!isSent(sent, this.model.sent) || isSilent(sent)) continue;
      const slot = sent % lists.length;
      for (const neuron of lists[slot]!.subarray(0, counts[slot]!)) {
        for (let k = start[neuron]!; k < start[neuron + 1]!; k++) {
          const synapse = this.side === "pre" ? k : column!.synapses[k]!;
          const delay = typeof this.#delays === "number" ? this.#delays : this.#delays[synapse]!;
          if (sent + delay >= firstArrival) this.#schedule(sent, synapse);
        }
      }
    }
  }

  save(): Uint32Array {
    return this.#inFlight.save();
  }

  fits(bytes: Uint8Array, synapses: number): boolean {
    return bytes.length % 4 === 0 && this.#inFlight.lists(wordsOf(bytes), synapses) !== undefined;
  }

  restore(bytes: Uint8Array, synapses: number): void {
    this.#inFlight.restore(this.#inFlight.lists(wordsOf(bytes), synapses)!);
  }
}
