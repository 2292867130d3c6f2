import { derivative } from "../../../../equations/analysis/differentiate.js";
import {
  type Expression,
  freeSymbols,
  type Operator,
  symbol,
  ZERO,
} from "../../../../equations/language/expression.js";
import type { AdjointScan } from "../../../contract.js";
import { bindNeuron } from "../codegen/unit-groups.js";

/** Operators whose result is exactly 0 over whole ranges of their operands. */
const CAN_BE_ZERO: ReadonlySet<Operator> = new Set([
  "less",
  "lessEqual",
  "equal",
  "and",
  "or",
  "not",
  "step",
  "spike",
  "select",
  "relu",
  "max",
]);

/**
 * Conditions of active units, as formulas of stored values and parameters. Each decides whether a factor common to all
 * uses of the error at the output is 0; if one is 0, the unit is inactive and its error need not be computed. A
 * surrogate of bounded support is such a factor.
 */
export function activeFactors(operation: AdjointScan): readonly Expression[] {
  const { neuron, parameters, parameterErrors } = operation;
  const { adjoint } = bindNeuron(neuron, parameters);
  const results = ["input", ...neuron.states, "y", ...Object.keys(parameterErrors)];
  const slopes = results.map((name) => factorsOf(derivative(adjoint[`d__${name}`]!, symbol("d__y__now"))));
  // A derivative of 0 uses no error at all.
  const nonZeroSlopes = slopes.filter((factors) => factors !== "zero");
  const known = new Set([...neuron.adjointNeeds, ...neuron.parameters]);
  const [first, ...others] = nonZeroSlopes;
  if (first === undefined) return [];
  const shared = [...first].filter(
    (factor) =>
      others.every((factors) => factors.has(factor)) &&
      factor.kind === "operation" &&
      CAN_BE_ZERO.has(factor.operator) &&
      freeSymbols([factor]).every((name) => known.has(name)),
  );
  return shared.map(decisive);
}

/**
 * The expression that alone decides whether a factor is 0: for a choice between 0 and another constant, the condition.
 */
function decisive(factor: Expression): Expression {
  if (factor.kind !== "operation" || factor.operator !== "select") return factor;
  const [condition, yes, no] = factor.operands;
  const isChoice = yes!.kind === "constant" && yes!.value !== 0 && no!.kind === "constant" && no!.value === 0;
  return isChoice ? condition! : factor;
}

/** Factors of a formula; "zero" for the constant 0. */
function factorsOf(formula: Expression): ReadonlySet<Expression> | "zero" {
  const factors = new Set<Expression>();
  const collect = (e: Expression): void => {
    if (e.kind !== "operation") factors.add(e);
    else if (e.operator === "multiply") e.operands.forEach(collect);
    else if (e.operator === "negate" || e.operator === "divide") collect(e.operands[0]!);
    else if (e.operator === "select" && e.operands[2] === ZERO) e.operands.slice(0, 2).forEach(collect);
    else factors.add(e);
  };
  collect(formula);
  return formula.kind === "constant" && formula.value === 0 ? "zero" : factors;
}
