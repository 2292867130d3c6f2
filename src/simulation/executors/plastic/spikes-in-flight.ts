/** Synapses with spikes in flight: a ring with one list per future step. */
export class InFlight {
  readonly #slots: number[][];

  /** @param longest Longest delay in steps. */
  constructor(longest: number) {
    this.#slots = Array.from({ length: longest }, () => []);
  }

  /** The list of a step. The reader must empty it before anything is sent in that step. */
  at(step: number): number[] {
    return this.#slots[step % this.#slots.length]!;
  }

  clear(): void {
    for (const slot of this.#slots) slot.length = 0;
  }

  /** Length and content of one list after the other. */
  save(): Uint32Array {
    return Uint32Array.from(this.#slots.flatMap((slot) => [slot.length, ...slot]));
  }

  /** The lists of a result of `save`; undefined if they do not fit these slots and `synapses`. */
  lists(words: Uint32Array, synapses: number): number[][] | undefined {
    const lists: number[][] = [];
    for (let at = 0; at < words.length; at += 1 + words[at]!) {
      lists.push(Array.from(words.subarray(at + 1, at + 1 + words[at]!)));
    }
    const total = lists.reduce((sum, list) => sum + 1 + list.length, 0);
    if (lists.length !== this.#slots.length || total !== words.length) return undefined;
    return lists.some((list) => list.some((synapse) => synapse >= synapses)) ? undefined : lists;
  }

  restore(lists: readonly number[][]): void {
    lists.forEach((list, slot) => {
      this.#slots[slot] = list;
    });
  }
}
