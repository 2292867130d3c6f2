import { SpikevineError } from "../../errors.js";

/**
 * Compressed rows: the targets of presynaptic neuron i are targets[rowStart[i]] .. targets[rowStart[i + 1] - 1],
 * ascending.
 */
export interface SynapseRows {
  readonly rowStart: Uint32Array;
  /** 16 bits wide if that is enough for the postsynaptic population, which halves the memory that a spike reads. */
  readonly targets: Uint16Array | Uint32Array;
  /** For listed synapses: the position of each in that list. */
  readonly order?: Uint32Array;
}

const targetArray = (size: number, post: number): Uint16Array | Uint32Array =>
  post > 65536 ? new Uint32Array(size) : new Uint16Array(size);

/** Largest number of synapses of a projection: the limit of an array of the language and of WebAssembly's memory. */
const MOST = 2 ** 30;

/** @throws SpikevineError if a projection has too many synapses. */
export function checkSynapses(expected: number): void {
  if (expected <= MOST) return;
  throw new SpikevineError(
    `a projection of about ${Math.round(expected)} synapses is beyond the ${MOST} that fit; connect fewer.`,
  );
}

/** Collects rows of unknown length. */
export class RowsBuilder {
  readonly #rowStart: Uint32Array;
  readonly #post: number;
  #targets: Uint16Array | Uint32Array;
  #count = 0;
  #row = 0;

  /** @param expected Approximate number of synapses. */
  constructor(pre: number, post: number, expected: number) {
    checkSynapses(expected);
    this.#rowStart = new Uint32Array(pre + 1);
    this.#post = post;
    this.#targets = targetArray(Math.ceil(expected + 4 * Math.sqrt(expected)) + 16, post);
  }

  add(target: number): void {
    if (this.#count === this.#targets.length) {
      const larger = targetArray(this.#targets.length * 2, this.#post);
      larger.set(this.#targets);
      this.#targets = larger;
    }
    this.#targets[this.#count++] = target;
  }

  endRow(): void {
    this.#rowStart[++this.#row] = this.#count;
  }

  finish(): SynapseRows {
    return { rowStart: this.#rowStart, targets: this.#targets.slice(0, this.#count) };
  }
}

/** Sorts listed synapses into rows; equal pairs stay in the order of the list. */
export function rowsFromPairs(
  pairs: readonly (readonly [pre: number, post: number])[],
  pre: number,
  post: number,
): SynapseRows {
  const order = Uint32Array.from(pairs.keys()).sort(
    (a, b) => pairs[a]![0] - pairs[b]![0] || pairs[a]![1] - pairs[b]![1] || a - b,
  );
  const rowStart = new Uint32Array(pre + 1);
  for (const [i] of pairs) rowStart[i + 1]!++;
  for (let i = 0; i < pre; i++) rowStart[i + 1]! += rowStart[i]!;
  const targets = targetArray(pairs.length, post);
  order.forEach((from, k) => {
    targets[k] = pairs[from]![1];
  });
  return { rowStart, targets, order };
}
