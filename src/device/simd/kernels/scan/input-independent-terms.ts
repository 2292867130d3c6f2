import { type Expression, freeSymbols } from "../../../../equations/language/expression.js";

/**
 * The largest subexpressions of a step's formulas that need the step before but not the input, e.g. `decay * s * (1 -
 * y)`. A scan that carries them from step to step, instead of the states and y, may need fewer registers and has
 * computed them before the input arrives. Empty if that saves nothing.
 */
export function inputIndependentTerms(
  formulas: readonly Expression[],
  names: readonly string[],
): readonly Expression[] {
  const symbols = new Map<Expression, ReadonlySet<string>>();
  const symbolsOf = (e: Expression): ReadonlySet<string> => {
    const known = symbols.get(e) ?? new Set(freeSymbols([e]));
    symbols.set(e, known);
    return known;
  };
  const parts = new Set<Expression>();
  const visited = new Set<Expression>();
  const visit = (e: Expression): void => {
    if (visited.has(e)) return;
    visited.add(e);
    if (!symbolsOf(e).has("input")) {
      if (names.some((name) => symbolsOf(e).has(name))) parts.add(e);
    } else if (e.kind === "operation") e.operands.forEach(visit);
  };
  formulas.forEach(visit);
  const read = names.filter((name) => [...parts].some((part) => symbolsOf(part).has(name)));
  return parts.size < read.length ? [...parts] : [];
}
