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

/** As wide as the targets need. */
export const targetArray = (size: number, post: number): Uint16Array | Uint32Array =>
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
  sources: ArrayLike<number>,
  listed: ArrayLike<number>,
  pre: number,
  post: number,
): SynapseRows {
  checkSynapses(sources.length);
  // Two stable sorts by counting: by target, then by source.
  const byTarget = sortedBy(listed, post, (k) => k, sources.length).order;
  const { order, start } = sortedBy(sources, pre, (k) => byTarget[k]!, sources.length);
  const targets = targetArray(sources.length, post);
  for (let k = 0; k < targets.length; k++) targets[k] = listed[order[k]!]!;
  return { rowStart: start, targets, order };
}

/** Positions 0 .. count - 1, taken in the order of `position`, sorted by the value at each; and where each value starts. */
function sortedBy(values: ArrayLike<number>, most: number, position: (k: number) => number, count: number) {
  const start = new Uint32Array(most + 1);
  for (let k = 0; k < count; k++) start[values[k]! + 1]!++;
  for (let value = 0; value < most; value++) start[value + 1]! += start[value]!;
  const next = start.slice();
  const order = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    const from = position(k);
    order[next[values[from]!]!++] = from;
  }
  return { order, start };
}

/** Rows of synapses that are listed by postsynaptic neuron, each neuron's sources in any order. */
export function rowsFromColumns(columns: readonly ArrayLike<number>[], pre: number, post: number): SynapseRows {
  const rowStart = new Uint32Array(pre + 1);
  for (const column of columns) for (let k = 0; k < column.length; k++) rowStart[column[k]! + 1]!++;
  for (let i = 0; i < pre; i++) rowStart[i + 1]! += rowStart[i]!;
  const next = rowStart.slice();
  const targets = targetArray(rowStart[pre]!, post);
  // Postsynaptic neurons come in ascending order, so every row is ascending as well.
  columns.forEach((column, j) => {
    for (let k = 0; k < column.length; k++) targets[next[column[k]!]!++] = j;
  });
  return { rowStart, targets };
}

/** The rows of some neurons of two populations as rows of the whole populations. */
export function placeRows(
  { rowStart, targets, ...rest }: SynapseRows,
  at: { readonly pre: number; readonly post: number },
  whole: { readonly pre: number; readonly post: number },
): SynapseRows {
  const size = rowStart.length - 1;
  if (at.pre === 0 && at.post === 0 && size === whole.pre && whole.post <= 65536 === targets instanceof Uint16Array) {
    return { rowStart, targets, ...rest };
  }
  const placed = new Uint32Array(whole.pre + 1);
  placed.set(rowStart, at.pre);
  placed.fill(rowStart[size]!, at.pre + size);
  const moved = targetArray(targets.length, whole.post);
  for (let k = 0; k < moved.length; k++) moved[k] = targets[k]! + at.post;
  return { rowStart: placed, targets: moved, ...rest };
}
