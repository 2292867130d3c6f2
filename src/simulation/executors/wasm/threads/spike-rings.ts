import type { Layout, PopulationLayout } from "../memory-layout.js";
import { rangesOf } from "./ranges.js";

/** Moves the spikes of the last steps between the ring that is kept and that of several threads. */
export class SpikeRings {
  readonly #words: Uint32Array;
  readonly #rings: readonly { readonly layout: PopulationLayout; readonly ranges: Uint32Array }[];
  readonly #threads: number;

  constructor(memory: ArrayBufferLike, { populations, threads }: Layout) {
    this.#words = new Uint32Array(memory);
    this.#threads = threads;
    this.#rings = populations.map((layout) => ({ layout, ranges: rangesOf(layout.size, threads) }));
    for (const { layout, ranges } of this.#rings) this.#words.set(ranges, layout.ranges / 4);
  }

  /** Shares out the lists that are kept, before a step. */
  shareOut(step: number): void {
    const words = this.#words;
    for (const { layout, ranges } of this.#rings) {
      const { kept, size, slots, counts, lists } = layout;
      words.fill(0, counts / 4, counts / 4 + slots * this.#threads);
      for (let age = 1; age <= Math.min(kept.slots, step); age++) {
        const [from, to] = [(step - age) % kept.slots, (step - age) % slots];
        const list = words.subarray(kept.lists / 4 + from * size, kept.lists / 4 + (from + 1) * size);
        const count = words[kept.counts / 4 + from]!;
        let at = 0;
        for (let t = 0; t < this.#threads; t++) {
          const first = at;
          while (at < count && list[at]! < ranges[t + 1]!) at++;
          words.set(list.subarray(first, at), lists / 4 + to * size + ranges[t]!);
          words[counts / 4 + to * this.#threads + t] = at - first;
        }
      }
    }
  }

  /** Joins the lists of all threads to those that are kept, after the step before this one. */
  collect(step: number): void {
    const words = this.#words;
    for (const { layout, ranges } of this.#rings) {
      const { kept, size, slots, counts, lists } = layout;
      for (let age = 1; age <= Math.min(kept.slots, step); age++) {
        const [from, to] = [(step - age) % slots, (step - age) % kept.slots];
        let at = kept.lists / 4 + to * size;
        for (let t = 0; t < this.#threads; t++) {
          const list = lists / 4 + from * size + ranges[t]!;
          const count = words[counts / 4 + from * this.#threads + t]!;
          words.copyWithin(at, list, list + count);
          at += count;
        }
        words[kept.counts / 4 + to] = at - kept.lists / 4 - to * size;
      }
    }
  }
}
