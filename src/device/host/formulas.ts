import { emitStatements, tablesIn } from "../../equations/kernels/emit-javascript.js";
import {
  apply,
  type Expression,
  type Formulas,
  freeSymbols,
  numberText,
  type Operator,
  schedule,
} from "../../equations/language/expression.js";
import { ownValue } from "../../own-value.js";
import { PORTABLE } from "./portable-functions.js";

/**
 * `double`: no extra rounding. `single`: every constant and the result of every operation is rounded to single
 * precision (the caller rounds symbols), and portable functions replace those of Math, so that a formula gives the
 * same bits on every engine.
 */
export type Precision = "double" | "single";

/** Reads the symbols and writes the results, each in the order given to `compileFormulas`. */
export type CompiledFormulas = (symbols: ArrayLike<number>, results: { [index: number]: number }) => void;

/**
 * Compiles formulas to a function. `symbols` and `results` name its inputs and outputs, in order; formulas that are
 * not listed are not computed. JavaScript is generated if the environment allows it. Under a content security policy
 * that forbids it, the formulas are interpreted, with bit-identical results.
 *
 * Throws an Error for a missing formula, a missing symbol, and a name that is not an identifier.
 */
export function compileFormulas(
  formulas: Formulas,
  symbols: readonly string[],
  results: readonly string[],
  precision: Precision,
): CompiledFormulas {
  const wanted = choose(formulas, symbols, results);
  try {
    return generateFormulas(wanted, symbols, precision);
  } catch (error) {
    if (error instanceof EvalError) return interpretFormulas(wanted, symbols, precision);
    throw error;
  }
}

function choose(formulas: Formulas, symbols: readonly string[], results: readonly string[]): Formulas {
  const wanted: Record<string, Expression> = {};
  for (const name of results) {
    const formula = ownValue(formulas, name);
    if (formula === undefined) throw new Error(`no formula "${name}"; there are ${Object.keys(formulas).join(", ")}`);
    wanted[name] = formula;
  }
  for (const name of freeSymbols(Object.values(wanted))) {
    if (!symbols.includes(name)) throw new Error(`a formula uses "${name}", but only ${symbols.join(", ")} are given`);
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`the symbol "${name}" is not an identifier`);
  }
  return wanted;
}

/** Generated form; throws an EvalError if code generation is forbidden. */
export function generateFormulas(
  formulas: Formulas,
  symbols: readonly string[],
  precision: Precision,
): CompiledFormulas {
  const single = precision === "single";
  const { statements, results } = emitStatements(formulas, {
    symbol: (name) => `symbols[${symbols.indexOf(name)}]`,
    number: (value) => numberText(single ? Math.fround(value) : value),
  });
  const round = (statement: string): string => statement.replace(/^(const \w+ =) (.*);$/, "$1 Math.fround($2);");
  const body = [
    ...(single ? statements.map(round) : statements),
    ...Object.values(results).map((code, index) => `results[${index}] = ${code};`),
  ];
  const make = new Function("portable", "tables", `return (symbols, results) => {\n${body.join("\n")}\n};`);
  return make(PORTABLE, tablesIn(Object.values(formulas))) as CompiledFormulas;
}

/** Interpreted form: a list of operations over an array of values. */
export function interpretFormulas(
  formulas: Formulas,
  symbols: readonly string[],
  precision: Precision,
): CompiledFormulas {
  const single = precision === "single";
  const round = single ? Math.fround : (value: number): number => value;
  const compute = single ? applyPortable : apply;
  const nodes = schedule(Object.values(formulas));
  const slot = new Map(nodes.map((node, index) => [node, index]));
  const slots = new Float64Array(nodes.length);
  const outputs = Object.values(formulas).map((node) => slot.get(node)!);
  const step = (node: Expression, index: number): ((given: ArrayLike<number>) => void) => {
    if (node.kind === "constant") {
      slots[index] = round(node.value);
      return () => {};
    }
    if (node.kind === "symbol") {
      const at = symbols.indexOf(node.name);
      return (given) => {
        slots[index] = given[at]!;
      };
    }
    const [a = 0, b = 0, c = 0] = node.operands.map((operand) => slot.get(operand)!);
    return () => {
      slots[index] = round(compute(node.operator, slots[a]!, slots[b]!, slots[c]!));
    };
  };
  const steps = nodes.map(step);
  return (given, results) => {
    for (const run of steps) run(given);
    for (let n = 0; n < outputs.length; n++) results[n] = slots[outputs[n]!]!;
  };
}

/** `apply` with portable functions instead of Math's. */
function applyPortable(operator: Operator, a: number, b: number, c: number): number {
  switch (operator) {
    case "power":
      return PORTABLE.pow(a, b);
    case "sigmoid":
      return 1 / (1 + PORTABLE.exp(-a));
    case "exp":
    case "log":
    case "sin":
    case "cos":
    case "tanh":
    case "atan":
      return PORTABLE[operator](a);
    default:
      return apply(operator, a, b, c);
  }
}
