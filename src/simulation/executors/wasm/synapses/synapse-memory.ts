import { type Owner, powerAfter } from "../../event-driven/event-plan.js";
import { EventSynapses } from "../../event-driven/event-synapses.js";
import type { Layout } from "../memory-layout.js";
import { rangesOf, splitRows } from "../threads/ranges.js";
import { type EventProjection, FEW, LONGEST_GAP, MANY, type SynapsesLayout } from "./layout.js";

/** The event-driven projections in WebAssembly's memory. */
export class SynapseMemories {
  /** By their index among the plastic projections. */
  readonly own: ReadonlyMap<number, EventSynapses>;
  readonly #memory: ArrayBufferLike;
  readonly #projections: readonly EventProjection[];
  readonly #layouts: readonly SynapsesLayout[];
  readonly #threads: number;

  constructor(memory: ArrayBufferLike, projections: readonly EventProjection[], { synapses, now, threads }: Layout) {
    this.#memory = memory;
    this.#projections = projections;
    this.#layouts = synapses;
    this.#threads = threads;
    const step = (): number => this.#words(now, 1)[0]!;
    this.own = new Map(
      projections.map((projection, p): [number, EventSynapses] => {
        const { sizes, variables, last, silent } = synapses[p]!;
        const { model, plan, index, ends } = projection;
        const kept = {
          variables: Object.fromEntries(
            Object.entries(variables).map(([name, address]) => [
              name,
              this.#numbers(address, sizes[plan.owners.get(name)!]),
            ]),
          ),
          last: Object.fromEntries(
            Object.entries(last).map(([owner, address]) => [owner, this.#words(address, sizes[owner as Owner])]),
          ),
          silent: this.#words(silent, 2),
        };
        this.#fill(projection, synapses[p]!);
        return [index, new EventSynapses(model, plan, ends, kept, step)];
      }),
    );
  }

  #words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory, address, length);
  }

  #numbers(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory, address, length);
  }

  #fill({ model, plan, ends, pathways, recorders }: EventProjection, to: SynapsesLayout): void {
    const { rowStart, targets, parameters, signal } = model;
    const ranges = rangesOf(to.sizes.post, this.#threads);
    const rows = splitRows(rowStart, (place) => targets[place]!, ranges);
    this.#words(to.rows, rows.length).set(rows);
    if (targets instanceof Uint16Array) new Uint16Array(this.#memory, to.targets, targets.length).set(targets);
    else this.#words(to.targets, targets.length).set(targets);
    for (const [name, values] of Object.entries(parameters)) {
      this.#numbers(to.parameters[name]!, values.length).set(values);
    }
    this.#numbers(to.signal, signal.values.length).set(signal.values);
    for (const [name, growth] of Object.entries(plan.powers)) {
      const { few, many } = to.powers[name]!;
      for (let k = 0; k < FEW; k++) this.#numbers(few, FEW)[k] = powerAfter(growth, k);
      for (let k = 0; k < MANY; k++) this.#numbers(many, MANY)[k] = powerAfter(growth, k * FEW);
    }
    pathways.forEach(({ lists, model: { side } }, p) => {
      if (lists === undefined) return;
      const { delays, start, synapses } = lists;
      const addresses = to.pathways[p]!;
      this.#words(addresses.delays, delays.length).set(delays);
      // All synapses of a postsynaptic neuron are those of one thread.
      const starts = side === "post" ? start : splitRows(start, (place) => targets[synapses[place]!]!, ranges);
      this.#words(addresses.start, starts.length).set(starts);
      this.#words(addresses.synapses, synapses.length).set(synapses);
      const other = ends[side === "pre" ? "post" : "pre"];
      const others = this.#words(addresses.others, synapses.length);
      for (let k = 0; k < synapses.length; k++) others[k] = other[synapses[k]!]!;
    });
    recorders.forEach(({ model: { synapses } }, r) => {
      const addresses = to.recorders[r]!;
      this.#words(addresses.synapse, synapses.length).set(synapses);
      this.#words(addresses.pre, synapses.length).set(synapses.map((s) => ends.pre[s]!));
      this.#words(addresses.post, synapses.length).set(synapses.map((s) => ends.post[s]!));
    });
  }

  /**
   * Tells if saved steps are not after the next step, and not further back than the powers reach.
   * @param words Reads saved words by their address.
   */
  fits(words: (address: number, length: number) => Uint32Array, now: number): boolean {
    const step = words(now, 1)[0]!;
    return this.#layouts.every(({ last, sizes }, p) => {
      const longest = this.#projections[p]!.model.active ? LONGEST_GAP : step;
      return Object.entries(last).every(([owner, address]) =>
        words(address, sizes[owner as Owner]).every((at) => at <= step && step - at <= longest),
      );
    });
  }

  /** Gives every thread a copy of what presynaptic neurons have once for all their synapses. */
  shareOut(): void {
    const all = new Uint8Array(this.#memory);
    for (const { shared, copies } of this.#layouts) {
      const size = shared.to - shared.from;
      for (let t = 0; t < this.#threads; t++) all.copyWithin(copies + t * size, shared.from, shared.to);
    }
  }

  /** Keeps the copy of the first thread, which is that of all. */
  collect(): void {
    const all = new Uint8Array(this.#memory);
    for (const { shared, copies } of this.#layouts) {
      all.copyWithin(shared.from, copies, copies + shared.to - shared.from);
    }
  }

  clearSamples(): void {
    for (const { recorders } of this.#layouts)
      for (const { rows } of recorders) this.#words(rows, this.#threads).fill(0);
  }

  /** Values of a recorder of the model since `clearSamples`. */
  samples(recorder: number): Float64Array {
    for (const [p, { recorders }] of this.#projections.entries()) {
      const r = recorders.findIndex(({ index }) => index === recorder);
      if (r < 0) continue;
      const { rows, values } = this.#layouts[p]!.recorders[r]!;
      return this.#numbers(values, this.#words(rows, 1)[0]! * recorders[r]!.model.synapses.length).slice();
    }
    return new Float64Array();
  }
}
