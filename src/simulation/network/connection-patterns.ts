import {
  choice,
  either,
  form,
  isTyped,
  kind,
  list,
  number,
  type RequiredKind,
  variants,
  whole,
} from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { drawUniform, rowKey } from "../../random/counter.js";
import { SIMULATION_STREAM } from "../streams.js";
import { checkSynapses, RowsBuilder, rowsFromPairs, type SynapseRows } from "./synapse-rows.js";

/** Pattern of synapses between the neurons of two populations. */
export type ConnectionPattern =
  /** Every neuron to every neuron. */
  | "all-to-all"
  /** Neuron i to neuron i; both populations have the same size. */
  | "one-to-one"
  /** Every pair with the same probability, independently. */
  | { readonly probability: number }
  /** Every postsynaptic neuron has this many different presynaptic neurons, all equally likely. */
  | { readonly inDegree: number }
  /** Presynaptic and postsynaptic neuron of every synapse; a pair may occur more than once. */
  | { readonly pairs: readonly (readonly [pre: number, post: number])[] };

/** Two values in a list, each read by itself. */
export const pairOf = (expects: string): RequiredKind =>
  kind(expects, (value) => (Array.isArray(value) || isTyped(value)) && (value as ArrayLike<unknown>).length === 2);

/** A pattern as an option. */
export const PATTERN: RequiredKind = either(
  choice(["all-to-all", "one-to-one"]),
  variants({
    probability: form<{ readonly probability: number }>({ probability: number({ least: 0, most: 1 }) }),
    inDegree: form<{ readonly inDegree: number }>({ inDegree: whole(0) }),
    pairs: form<{ readonly pairs: Extract<ConnectionPattern, { pairs: unknown }>["pairs"] }>({
      pairs: list(pairOf("[pre, post]")),
    }),
  }),
);

interface Sides {
  readonly pre: { readonly name: string; readonly size: number };
  readonly post: { readonly name: string; readonly size: number };
  /** Allows a synapse from a neuron to itself; matters only if both sides are the same population. */
  readonly autapses: boolean;
}

/**
 * Draws the synapses of a projection.
 * @param counters Seed and the projection's index.
 * @throws SpikevineError naming the projection and the problem.
 */
export function drawSynapses(
  pattern: ConnectionPattern,
  sides: Sides,
  counters: readonly number[],
  where: string,
): SynapseRows {
  const { pre, post } = sides;
  const same = pre === post && !sides.autapses;
  if (pattern === "all-to-all") return withProbability(1, pre.size, post.size, same, counters);
  if (pattern === "one-to-one") {
    if (pre.size !== post.size) {
      throw new SpikevineError(
        `${where}: one-to-one needs two populations of one size; "${pre.name}" has ${pre.size} neurons and "${post.name}" has ${post.size}.`,
      );
    }
    if (same)
      throw new SpikevineError(`${where}: one-to-one within one population is autapses; leave autapses at true.`);
    return rowsFromPairs(
      Array.from({ length: pre.size }, (_, i) => [i, i] as const),
      pre.size,
      post.size,
    );
  }
  if ("probability" in pattern) {
    const { probability } = pattern;
    return withProbability(probability, pre.size, post.size, same, counters);
  }
  if ("inDegree" in pattern) {
    const most = same ? pre.size - 1 : pre.size;
    if (!Number.isInteger(pattern.inDegree) || pattern.inDegree < 0 || pattern.inDegree > most) {
      throw new SpikevineError(
        `${where}: the in-degree is ${pattern.inDegree}; give a whole number from 0 to ${most}, the largest that "${pre.name}" allows.`,
      );
    }
    return withInDegree(pattern.inDegree, pre.size, post.size, same, counters);
  }
  pattern.pairs.forEach(([i, j], k) => {
    const [neuron, side] = isNeuron(i, pre.size) ? [j, post] : [i, pre];
    if (isNeuron(neuron, side.size)) return;
    throw new SpikevineError(
      `${where}: pair ${k} names neuron ${neuron} of "${side.name}"; its neurons are 0 to ${side.size - 1}.`,
    );
  });
  return rowsFromPairs(pattern.pairs, pre.size, post.size);
}

const isNeuron = (neuron: number, size: number): boolean => Number.isInteger(neuron) && neuron >= 0 && neuron < size;

/** Moves along every row by the distance to the next synapse, which is geometrically distributed. */
function withProbability(
  probability: number,
  pre: number,
  post: number,
  same: boolean,
  counters: readonly number[],
): SynapseRows {
  const rows = new RowsBuilder(pre, post, pre * post * probability);
  const scale = Math.log1p(-probability);
  for (let i = 0; i < pre; i++) {
    const key = rowKey(SIMULATION_STREAM.connections, ...counters, i);
    let draws = 0;
    const skip = (): number =>
      probability === 1 ? 0 : probability === 0 ? post : Math.floor(Math.log1p(-drawUniform(key, draws++)) / scale);
    for (let j = skip(); j < post; j += 1 + skip()) if (!(same && i === j)) rows.add(j);
    rows.endRow();
  }
  return rows.finish();
}

/**
 * Draws a sample without repetition per postsynaptic neuron, by Floyd's algorithm; then transposes to presynaptic rows.
 */
function withInDegree(
  degree: number,
  pre: number,
  post: number,
  same: boolean,
  counters: readonly number[],
): SynapseRows {
  checkSynapses(post * degree);
  const sources = new Uint32Array(post * degree);
  const rowStart = new Uint32Array(pre + 1);
  const taken = new Int32Array(pre).fill(-1);
  const choices = same ? pre - 1 : pre;
  for (let j = 0; j < post; j++) {
    const key = rowKey(SIMULATION_STREAM.connections, ...counters, j);
    for (let k = 0; k < degree; k++) {
      const last = choices - degree + k;
      const drawn = Math.floor(drawUniform(key, k) * (last + 1));
      const choice = taken[drawn] === j ? last : drawn;
      taken[choice] = j;
      const source = same && choice >= j ? choice + 1 : choice;
      sources[j * degree + k] = source;
      rowStart[source + 1]!++;
    }
  }
  for (let i = 0; i < pre; i++) rowStart[i + 1]! += rowStart[i]!;
  const next = rowStart.slice();
  const targets = post > 65536 ? new Uint32Array(sources.length) : new Uint16Array(sources.length);
  // Postsynaptic neurons come in ascending order, so every row is ascending as well.
  for (let j = 0; j < post; j++) {
    for (let k = 0; k < degree; k++) targets[next[sources[j * degree + k]!]!++] = j;
  }
  return { rowStart, targets };
}
