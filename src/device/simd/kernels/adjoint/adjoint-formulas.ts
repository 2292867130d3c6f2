import { type Expression, substitute, symbol, ZERO } from "../../../../equations/language/expression.js";
import { add, formalSubstitute } from "../../../../equations/language/formal.js";
import { ownValue } from "../../../../own-value.js";
import type { AdjointScan } from "../../../contract.js";
import type { BoundNeuron } from "../codegen/unit-groups.js";

/** Symbol of a stored value of the step before. */
export const before = (stored: string): string => `before__${stored}`;

/** The results of one step of an adjoint scan. */
export interface AdjointResults {
  /** Error at the input. */
  readonly input: Expression;
  /** Errors propagated to the step before: at each state, then at y. */
  readonly propagated: readonly Expression[];
  /** Errors at the trained parameters. */
  readonly parameters: readonly Expression[];
}

/**
 * The adjoint with all values substituted that are not loaded. The starting values of the step become formulas of the
 * stored values of the step before (`later`) or the initial values (`first`, which also adds the errors at the initial
 * values to the parameters). Errors that do not enter at a state become zero.
 */
export function adjointFormulas(
  { neuron, errors, parameterErrors }: AdjointScan,
  bound: BoundNeuron,
): { first: AdjointResults; later: AdjointResults } {
  const began = [...neuron.states, "y"];
  const absent = new Map<Expression, Expression>(
    neuron.states
      .filter((state) => errors.every(({ of }) => of !== `now__${state}`))
      .map((state) => [symbol(`d__now__${state}`), ZERO]),
  );
  const moved = new Map<Expression, Expression>(
    neuron.adjointNeeds.map((name) => [symbol(name), symbol(before(name))]),
  );
  const results = (start: (name: string) => Expression): AdjointResults => {
    const values = new Map<Expression, Expression>(began.map((name) => [symbol(name), start(name)]));
    // First the symbols of this step, then the starting values, whose stored values have other symbols.
    const write = (name: string): Expression =>
      formalSubstitute(formalSubstitute(bound.adjoint[name]!, absent), values);
    return {
      input: write("d__input"),
      propagated: began.map((name) => write(`d__${name}`)),
      parameters: Object.keys(parameterErrors).map((name) => write(`d__${name}`)),
    };
  };
  const first = results((name) => ownValue(bound.initial, name) ?? ZERO);
  const atStart = new Map<Expression, Expression>(
    neuron.states.map((state, index) => [symbol(`d__${state}`), first.propagated[index]!]),
  );
  const fromStart = (parameter: string): Expression =>
    formalSubstitute(bound.initialAdjoint[`d__${parameter}`] ?? ZERO, atStart);
  return {
    first: {
      ...first,
      parameters: Object.keys(parameterErrors).map((name, index) => add(first.parameters[index]!, fromStart(name))),
    },
    later: results((name) => substitute(bound.carry[name]!, moved)),
  };
}

export const allOf = ({ input, propagated, parameters }: AdjointResults): readonly Expression[] => [
  input,
  ...propagated,
  ...parameters,
];
