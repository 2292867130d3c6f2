import { knownInstead, SpikevineError } from "../../errors.js";
import { constant, type Expression, operation, symbol } from "./expression.js";
import { parseSyntax, REDUCTIONS, type ReductionName, type Syntax } from "./syntax.js";

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

/** The meaning of a reduction of an operand; `text` is the call, for errors. */
export type Reduce = (name: ReductionName, operand: Expression, text: string) => Expression;

const isReduction = (operator: string): operator is ReductionName =>
  (REDUCTIONS as readonly string[]).includes(operator);

/**
 * Replaces the names of a parsed equation by their meanings.
 * @param reduce Needed by the equation of a loss.
 */
export function resolve(syntax: Syntax, names: Names, where: string, reduce?: Reduce): Expression {
  switch (syntax.kind) {
    case "number":
      return constant(syntax.value);
    case "name": {
      const meaning = names.get(syntax.name);
      if (meaning !== undefined) return meaning;
      const fix = knownInstead(
        syntax.name,
        [...names.keys()].filter((known) => !known.includes("(")),
      );
      throw new SpikevineError(`${where}: unknown name "${syntax.name}": ${fix}`);
    }
    case "call": {
      if (syntax.operator === "detach") return resolveDetached(syntax.operands[0]!, names, where);
      const operands = syntax.operands.map((operand) => resolve(operand, names, where, reduce));
      if (isReduction(syntax.operator)) {
        if (reduce === undefined) throw new Error(`${where}: ${syntax.text()} is not reduced`);
        return reduce(syntax.operator, operands[0]!, syntax.text());
      }
      if (syntax.operator !== "clip") return operation(syntax.operator, ...operands);
      const [x, low, high] = operands as [Expression, Expression, Expression];
      return operation("min", operation("max", x, low), high);
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
