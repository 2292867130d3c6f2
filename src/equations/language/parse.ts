import { SpikevineError } from "../../errors.js";
import { knownInstead } from "../../nearest-name.js";
import { COMPOSED } from "./composed-functions.js";
import { constant, type Expression, type Operator, operation, symbol } from "./expression.js";
import { constantNamed, isUnitLetter } from "./named-constants.js";
import {
  type DrawName,
  isDraw,
  parseSyntax,
  REDUCTIONS,
  type ReductionName,
  type Syntax,
  type TableFunction,
} from "./syntax.js";

/** Meaning of every name in an equation. */
export type Names = ReadonlyMap<string, Expression>;

/** The name that means a value through which no derivative passes, `detach(y)`. */
export const detached = (name: string): string => `detach(${name})`;

/** Each name means the symbol of the same name. */
export const asSymbols = (names: Iterable<string>): Names =>
  new Map([...names].map((name): [string, Expression] => [name, symbol(name)]));

/**
 * Reads one equation into the algebra.
 * @param where Named in errors, e.g. `neurons/lif: dv/dt`.
 * @throws SpikevineError for text outside the grammar (see `parseSyntax`) and for unknown names, with the nearest known one.
 */
export function parseEquation(text: string, names: Names, where: string): Expression {
  return resolve(parseSyntax(text, where), names, where);
}

/** Meanings of the calls that not every equation may have. */
export interface CallMeanings {
  /** A reduction of an operand; `text` is the call, for errors. */
  readonly reduce?: (name: ReductionName, operand: Expression, text: string) => Expression;
  /** A random number. The same call has the same number wherever its text is used in a step. */
  readonly draw?: (name: DrawName, call: Syntax) => Expression;
  /** The value of a table where it has another form than the table's own. */
  readonly table?: (name: string, table: TableFunction, inputs: readonly Expression[]) => Expression;
}

const isReduction = (operator: string): operator is ReductionName =>
  (REDUCTIONS as readonly string[]).includes(operator);

/** Names that some equations have, with their use, for errors in the others. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["xi", "it is noise; it belongs in the dynamics of a neuron, as a factor of a term, e.g. sigma * xi"],
  ["notRefractory", 'it needs the field refractory of a neuron, e.g. refractory: "5 ms"'],
  ["t", "the time is known in the equations of neurons and synapses that are simulated"],
  ["i", "the index is known in the equations of neurons and synapses that are simulated"],
  ["j", "the index of a postsynaptic neuron is known in the equations of synapses and connections"],
  ["N", "the number of neurons is known in the dynamics, update, spike and reset of a neuron that is simulated"],
]);

/** Names that other simulators have, with the form that they have here. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["lastspike", 'the time of the last spike is a state that the reset sets: reset: { last: "y > 0 ? t : last" }'],
  ["not_refractory", "it is called notRefractory"],
  ["N_incoming", "the number of synapses is known in the equations, weights and delays of a projection"],
  ["N_outgoing", "the number of synapses is known in the equations, weights and delays of a projection"],
  ["t_in_timesteps", "the number of the step is floor(t / dt + 0.5)"],
  ["True", "a condition that holds is 1"],
  ["False", "a condition that does not hold is 0"],
]);

const OF_NEURONS =
  "variables of the neurons on both sides are known in synapses and connections; a neuron reads a state of others as a parameter that is linked";

function unknown(name: string, names: Names, where: string): SpikevineError {
  const ofNeurons = (each: string): boolean => /_(pre|post)$/.test(each);
  const neuron = ofNeurons(name) && ![...names.keys()].some(ofNeurons) ? OF_NEURONS : undefined;
  const elsewhere = ELSEWHERE.get(/^xi_\w+$/.test(name) ? "xi" : name) ?? INSTEAD.get(name) ?? neuron;
  if (elsewhere !== undefined) return new SpikevineError(`${where}: "${name}" has no meaning here: ${elsewhere}.`);
  if (isUnitLetter(name)) {
    return new SpikevineError(
      `${where}: unknown name "${name}"; a unit of one letter stands directly after its number, e.g. "10 ${name}".`,
    );
  }
  const known = [...names.keys()].filter((each) => !each.includes("("));
  return new SpikevineError(`${where}: unknown name "${name}": ${knownInstead(name, known)}`);
}

/**
 * Replaces the names of a parsed equation by their meanings. A name of the definition goes before `pi` and the units.
 * @param calls Meanings of reductions (the equation of a loss) and of draws (a neuron).
 */
export function resolve(syntax: Syntax, names: Names, where: string, calls: CallMeanings = {}): Expression {
  switch (syntax.kind) {
    case "number":
      return constant(syntax.value);
    case "name": {
      const meaning = names.get(syntax.name) ?? constantNamed(syntax.name);
      if (meaning !== undefined) return meaning;
      throw unknown(syntax.name, names, where);
    }
    case "call": {
      if (syntax.operator === "detach") return resolveDetached(syntax.operands[0]!, names, where);
      const operands = syntax.operands.map((operand) => resolve(operand, names, where, calls));
      const { table } = syntax;
      if (table !== undefined) return calls.table?.(syntax.operator, table, operands) ?? table.value(...operands);
      if (isReduction(syntax.operator)) {
        if (calls.reduce === undefined) throw new Error(`${where}: ${syntax.text()} is not reduced`);
        return calls.reduce(syntax.operator, operands[0]!, syntax.text());
      }
      if (isDraw(syntax.operator)) {
        if (calls.draw !== undefined) return calls.draw(syntax.operator, syntax);
        throw new SpikevineError(
          `${where}: "${syntax.text()}" has no meaning here: a neuron that is simulated draws in its dynamics, update, spike and reset.`,
        );
      }
      const composed = COMPOSED.get(syntax.operator);
      return composed === undefined ? operation(syntax.operator as Operator, ...operands) : composed.build(...operands);
    }
  }
}

function resolveDetached(operand: Syntax, names: Names, where: string): Expression {
  const meaning = operand.kind === "name" ? names.get(detached(operand.name)) : undefined;
  if (meaning !== undefined) return meaning;
  throw new SpikevineError(
    `${where}: "${detached(operand.text())}" has no meaning; detach takes y alone, in the update, the dynamics or the reset of a neuron.`,
  );
}
