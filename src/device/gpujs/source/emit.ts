import { emitStatements } from "../../../equations/kernels/emit-javascript.js";
import {
  constant,
  type Expression,
  type Formulas,
  operation,
  schedule,
} from "../../../equations/language/expression.js";
import { ownValue } from "../../../own-value.js";

/** Statements of a kernel, and per formula the code that holds its value after them. */
export interface KernelStatements {
  readonly statements: string;
  readonly results: Readonly<Record<string, string>>;
}

/**
 * Converts formulas to statements that all backends of gpu.js accept. `symbols` maps each symbol to its code in the
 * kernel, or to a number. `prefix` begins the names of the locals; no two emissions of a kernel may share it.
 */
export function emitKernel(
  formulas: Formulas,
  symbols: Readonly<Record<string, string | number>>,
  prefix: string,
): KernelStatements {
  const bound = bindAndBound(formulas, symbols);
  const { statements, results } = emitStatements(bound, {
    prefix,
    symbol: (name) => {
      const code = ownValue(symbols, name);
      if (typeof code !== "string") throw new Error(`a formula uses "${name}", which has no value`);
      return code;
    },
  });
  return { statements: statements.join("\n"), results };
}

/** Replaces symbols by numbers, and bounds functions for which graphics hardware returns NaN instead of a limit. */
function bindAndBound(formulas: Formulas, symbols: Readonly<Record<string, string | number>>): Formulas {
  const done = new Map<Expression, Expression>();
  for (const node of schedule(Object.values(formulas))) {
    const number = node.kind === "symbol" ? ownValue(symbols, node.name) : undefined;
    if (typeof number === "number") done.set(node, constant(number));
    else if (node.kind === "operation") {
      const operands = node.operands.map((operand) => done.get(operand)!);
      done.set(node, BOUNDED[node.operator]?.(operands[0]!) ?? operation(node.operator, ...operands));
    } else done.set(node, node);
  }
  return Object.fromEntries(Object.entries(formulas).map(([name, node]) => [name, done.get(node)!]));
}

/** exp of this is just below the largest number in single precision. */
const LARGEST_EXPONENT = constant(88);
/** tanh is 1 in single precision from about 9 on. */
const TANH_IS_ONE = constant(15);

const boundedExp = (x: Expression): Expression => operation("exp", operation("min", x, LARGEST_EXPONENT));

const BOUNDED: Readonly<Record<string, (x: Expression) => Expression>> = {
  exp: boundedExp,
  tanh: (x) => operation("tanh", operation("max", operation("min", x, TANH_IS_ONE), operation("negate", TANH_IS_ONE))),
  sigmoid: (x) => operation("divide", constant(1), operation("add", constant(1), boundedExp(operation("negate", x)))),
};

/** Code that returns the value for this thread's layer `z`. Each value may be any code, a bare number included. */
export function returnByLayer(values: readonly string[]): string {
  // Declared first, because a bare 0 among the branches would make the result an integer.
  const declared = values.map((value, layer) => `let layer${layer} = 0; layer${layer} = ${value};`);
  const last = values.length - 1;
  const choice = values
    .slice(0, last)
    .reduceRight((rest, _, layer) => `z === ${layer} ? layer${layer} : (${rest})`, `layer${last}`);
  return `${declared.join("\n")}\nreturn ${choice};`;
}
