import {
  choice,
  either,
  form,
  isTyped,
  kind,
  list,
  number,
  numbers,
  optional,
  type RequiredKind,
  text,
  variants,
  whole,
} from "../../arguments/index.js";
import { COUNTS } from "../../equations/definitions/synapse-equations.js";
import { DIMENSIONLESS } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { drawUniform, rowKey } from "../../random/counter.js";
import { SIMULATION_STREAM } from "../streams.js";
import { compileElements, type Elements, type Variables } from "./element-expression.js";
import { usesName } from "./synapse-counts.js";
import { checkSynapses, RowsBuilder, rowsFromColumns, rowsFromPairs, type SynapseRows } from "./synapse-rows.js";
import { drawTotal } from "./total-pattern.js";

/** Pattern of synapses between the neurons of two populations. */
export type ConnectionPattern =
  /** Every neuron to every neuron. */
  | "all-to-all"
  /** Neuron i to neuron i; both populations have the same size. */
  | "one-to-one"
  /**
   * Every pair of neurons i and j for which the condition holds, e.g. "abs(i - j) < 5"; with a probability, independently
   * with this probability, which may be an expression of both neurons as well.
   */
  | { readonly condition: string; readonly probability?: number | string }
  /** Every pair with the same probability, or with a probability that is an expression, independently. */
  | { readonly probability: number | string }
  /** Every postsynaptic neuron has this many different presynaptic neurons, all equally likely. */
  | { readonly inDegree: number }
  /** Every presynaptic neuron has this many different postsynaptic neurons, all equally likely. */
  | { readonly outDegree: number }
  /** This many synapses, each between any two neurons, all equally likely; a pair may occur more than once. */
  | { readonly total: number }
  /** Presynaptic and postsynaptic neuron of every synapse; a pair may occur more than once. */
  | { readonly pairs: readonly (readonly [pre: number, post: number])[] }
  /** The same as two lists or typed arrays of one length. */
  | { readonly pre: ArrayLike<number>; readonly post: ArrayLike<number> };

/** Two values in a list, each read by itself. */
export const pairOf = (expects: string): RequiredKind =>
  kind(expects, (value) => (Array.isArray(value) || isTyped(value)) && (value as ArrayLike<unknown>).length === 2);

const PROBABILITY = either(number({ least: 0, most: 1 }), text("an expression of i, j and both neurons"));

/** Alternatives that share the field `probability` are told apart by `condition`. */
const RANDOM = form<{ readonly probability: number | string }>({ probability: PROBABILITY });
const CONDITIONAL = form<{ readonly condition: string; readonly probability?: number | string }>({
  condition: text('an expression of i, j and both neurons, e.g. "i != j"'),
  probability: optional(PROBABILITY),
});
const isConditional = (value: unknown): boolean => typeof value === "object" && value !== null && "condition" in value;

const LISTED = variants({
  probability: RANDOM,
  inDegree: form<{ readonly inDegree: number }>({ inDegree: whole(0) }),
  outDegree: form<{ readonly outDegree: number }>({ outDegree: whole(0) }),
  total: form<{ readonly total: number }>({ total: whole(0) }),
  pairs: form<{ readonly pairs: Extract<ConnectionPattern, { pairs: unknown }>["pairs"] }>({
    pairs: list(pairOf("[pre, post]")),
  }),
  pre: form<Extract<ConnectionPattern, { pre: unknown }>>({ pre: numbers, post: numbers }),
});

const FORMS: RequiredKind = {
  ...LISTED,
  expects: `${CONDITIONAL.expects} or ${LISTED.expects}`,
  fault: (value, path) => (isConditional(value) ? CONDITIONAL : LISTED).fault(value, path),
};

/** A pattern as an option. */
export const PATTERN: RequiredKind = either(choice(["all-to-all", "one-to-one"]), FORMS);

export interface Sides {
  readonly pre: { readonly name: string; readonly size: number };
  readonly post: { readonly name: string; readonly size: number };
  /**
   * Presynaptic index minus postsynaptic index of one neuron, if a synapse from a neuron to itself is to be left out;
   * undefined if both sides differ or such synapses are allowed.
   */
  readonly self: number | undefined;
  /** Names that expressions may use. */
  readonly variables: () => Variables;
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
  const { pre, post, self } = sides;
  if (pattern === "all-to-all") return withProbability(1, sides, counters);
  if (pattern === "one-to-one") {
    if (pre.size !== post.size) {
      throw new SpikevineError(
        `${where}: one-to-one needs two populations of one size; "${pre.name}" has ${pre.size} neurons and "${post.name}" has ${post.size}.`,
      );
    }
    if (self === 0)
      throw new SpikevineError(`${where}: one-to-one within one population is autapses; leave autapses at true.`);
    const neurons = Uint32Array.from({ length: pre.size }, (_, i) => i);
    return rowsFromPairs(neurons, neurons, pre.size, post.size);
  }
  if ("condition" in pattern || typeof (pattern as { probability?: unknown }).probability === "string") {
    return withExpressions(pattern as Extract<ConnectionPattern, { condition: string }>, sides, counters, where);
  }
  if ("probability" in pattern) return withProbability(pattern.probability as number, sides, counters);
  if ("inDegree" in pattern) return withInDegree(pattern.inDegree, sides, counters, where);
  if ("outDegree" in pattern) return withOutDegree(pattern.outDegree, sides, counters, where);
  if ("total" in pattern) {
    if (self === undefined) return drawTotal(pattern.total, { pre: pre.size, post: post.size }, counters);
    throw new SpikevineError(
      `${where}: total draws every pair, also of a neuron with itself; leave autapses at true, or give another pattern.`,
    );
  }
  const [sources, targets] =
    "pairs" in pattern
      ? [Array.from(pattern.pairs, ([i]) => i), Array.from(pattern.pairs, ([, j]) => j)]
      : [pattern.pre, pattern.post];
  if (sources.length !== targets.length) {
    throw new SpikevineError(
      `${where}: pre has ${sources.length} neurons and post has ${targets.length}; give one of each per synapse.`,
    );
  }
  checkNeurons(sources, pre, where);
  checkNeurons(targets, post, where);
  return rowsFromPairs(sources, targets, pre.size, post.size);
}

function checkNeurons(neurons: ArrayLike<number>, side: Sides["pre"], where: string): void {
  for (let k = 0; k < neurons.length; k++) {
    const neuron = neurons[k]!;
    if (Number.isInteger(neuron) && neuron >= 0 && neuron < side.size) continue;
    throw new SpikevineError(
      `${where}: pair ${k} names neuron ${neuron} of "${side.name}"; its neurons are 0 to ${side.size - 1}.`,
    );
  }
}

/** Moves along every row by the distance to the next synapse, which is geometrically distributed. */
function withProbability(probability: number, { pre, post, self }: Sides, counters: readonly number[]): SynapseRows {
  const rows = new RowsBuilder(pre.size, post.size, pre.size * post.size * probability);
  for (let i = 0; i < pre.size; i++) {
    const own = self === undefined ? -1 : i - self;
    eachDrawn(probability, post.size, [...counters, i], (j) => {
      if (j !== own) rows.add(j);
    });
    rows.endRow();
  }
  return rows.finish();
}

/** Calls with each of the numbers below `count` with a probability. */
function eachDrawn(probability: number, count: number, counters: readonly number[], take: (j: number) => void): void {
  if (probability === 0) return;
  const scale = Math.log1p(-probability);
  const key = rowKey(SIMULATION_STREAM.connections, ...counters);
  let draws = 0;
  const skip = (): number => (probability === 1 ? 0 : Math.floor(Math.log1p(-drawUniform(key, draws++)) / scale));
  for (let j = skip(); j < count; j += 1 + skip()) take(j);
}

/** Evaluates the condition and the probability for all pairs, row by row. */
function withExpressions(
  { condition, probability = 1 }: Extract<ConnectionPattern, { condition: string }>,
  { pre, post, self, variables }: Sides,
  counters: readonly number[],
  where: string,
): SynapseRows {
  const names = variables();
  const compiled = (text: string, field: string): Elements => {
    const early = Object.keys(COUNTS).find((name) => usesName(text, name) && !names.has(name));
    if (early !== undefined) {
      throw new SpikevineError(
        `${where}: ${field} "${text}" uses ${early}, the number of synapses, which is known when they have been drawn; use it in weight, delay, parameters or initial.`,
      );
    }
    return compileElements(text, names, DIMENSIONLESS, `${where}: ${field}`).evaluate;
  };
  const holds = condition === undefined ? undefined : compiled(condition, "condition");
  const chance = typeof probability === "number" ? undefined : compiled(probability, "probability");
  const rows = new RowsBuilder(pre.size, post.size, pre.size);
  const conditions = new Float64Array(post.size).fill(1);
  const chances = new Float64Array(post.size);
  for (let i = 0; i < pre.size; i++) {
    const own = self === undefined ? -1 : i - self;
    const key = rowKey(SIMULATION_STREAM.connections, ...counters, i);
    holds?.(i, undefined, 0, post.size, rowKey(SIMULATION_STREAM.conditions, ...counters, i), conditions);
    if (chance === undefined) {
      eachDrawn(probability as number, post.size, [...counters, i], (j) => {
        if (j !== own && conditions[j] !== 0) rows.add(j);
      });
      rows.endRow();
      continue;
    }
    chance(i, undefined, 0, post.size, rowKey(SIMULATION_STREAM.probabilities, ...counters, i), chances);
    for (let j = 0; j < post.size; j++) {
      if (j === own || conditions[j] === 0) continue;
      const one = chances[j]!;
      if (Number.isNaN(one)) {
        throw new SpikevineError(
          `${where}: probability "${probability}" is not a number for i = ${i} and j = ${j}; look for a division by 0 in it.`,
        );
      }
      if (drawUniform(key, j) < one) rows.add(j);
    }
    rows.endRow();
  }
  return rows.finish();
}

/**
 * Draws different numbers below `choices`, all equally likely, by Floyd's algorithm.
 * @param taken Working memory of `choices` numbers, none of them equal to `round`.
 */
function sample(degree: number, choices: number, counters: readonly number[], taken: Int32Array, round: number) {
  const key = rowKey(SIMULATION_STREAM.connections, ...counters);
  const drawn = new Uint32Array(degree);
  for (let k = 0; k < degree; k++) {
    const last = choices - degree + k;
    const found = Math.floor(drawUniform(key, k) * (last + 1));
    const choice = taken[found] === round ? last : found;
    taken[choice] = round;
    drawn[k] = choice;
  }
  return drawn;
}

function checkDegree(name: string, degree: number, most: number, of: string, where: string): void {
  if (Number.isInteger(degree) && degree >= 0 && degree <= most) return;
  throw new SpikevineError(
    `${where}: the ${name} is ${degree}; give a whole number from 0 to ${most}, the largest that "${of}" allows.`,
  );
}

/** Neurons of the other side for a neuron, of which `own` is left out if it is one of them. */
function drawPartners(
  degree: number,
  size: number,
  own: number,
  counters: readonly number[],
  taken: Int32Array,
  round: number,
): Uint32Array {
  const leavesOut = own >= 0 && own < size;
  const drawn = sample(degree, leavesOut ? size - 1 : size, counters, taken, round);
  if (leavesOut) for (let k = 0; k < degree; k++) if (drawn[k]! >= own) drawn[k]!++;
  return drawn;
}

function withInDegree(
  degree: number,
  { pre, post, self }: Sides,
  counters: readonly number[],
  where: string,
): SynapseRows {
  checkDegree("in-degree", degree, self === undefined ? pre.size : pre.size - 1, pre.name, where);
  checkSynapses(post.size * degree);
  const taken = new Int32Array(pre.size).fill(-1);
  const columns = Array.from({ length: post.size }, (_, j) =>
    drawPartners(degree, pre.size, self === undefined ? -1 : j + self, [...counters, j], taken, j),
  );
  return rowsFromColumns(columns, pre.size, post.size);
}

function withOutDegree(
  degree: number,
  { pre, post, self }: Sides,
  counters: readonly number[],
  where: string,
): SynapseRows {
  checkDegree("out-degree", degree, self === undefined ? post.size : post.size - 1, post.name, where);
  const rows = new RowsBuilder(pre.size, post.size, pre.size * degree);
  const taken = new Int32Array(post.size).fill(-1);
  for (let i = 0; i < pre.size; i++) {
    const own = self === undefined ? -1 : i - self;
    for (const j of drawPartners(degree, post.size, own, [...counters, i], taken, i).sort()) rows.add(j);
    rows.endRow();
  }
  return rows.finish();
}
