import { type OwnFunctions, parseWith } from "../../equations/definitions/own-functions.js";
import { emitStatements, tablesIn } from "../../equations/kernels/emit-javascript.js";
import { requireUnit, unitOf } from "../../equations/language/check-units.js";
import { freeSymbols, symbol } from "../../equations/language/expression.js";
import { asSymbols, resolve } from "../../equations/language/parse.js";
import type { DrawName } from "../../equations/language/syntax.js";
import type { Dimension } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { drawUniform, type RowKey } from "../../random/counter.js";
import { drawNormal } from "../distributions.js";

/** A name in an expression that gives every neuron or every pair of neurons a value. */
export interface Variable {
  readonly dimension: Dimension;
  /** One value for all, or one per row (presynaptic neuron), per column (postsynaptic neuron) or per synapse. */
  readonly values: number | ArrayLike<number>;
  readonly per: "row" | "column" | "synapse";
}

export type Variables = ReadonlyMap<string, Variable>;

/**
 * Evaluates the expression for columns `columns[from]` .. `columns[to - 1]` of a row into the beginning of `out`; without
 * `columns`, for columns `from` .. `to` - 1. The draws of an element are keyed by its position from `from` on.
 */
export type Elements = (
  row: number,
  columns: ArrayLike<number> | undefined,
  from: number,
  to: number,
  key: RowKey,
  out: Float64Array,
) => void;

const NO_FUNCTIONS: OwnFunctions = new Map();

/** Number and unit, such as "6 nS", in which no name of a variable is meant. */
const QUANTITY = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*[A-Za-zµΩ]*\s*$/i;

/** Tells if a text is an expression of these names or calls a function, and not a quantity. */
export function isExpression(
  text: unknown,
  variables: Variables,
  functions: OwnFunctions = NO_FUNCTIONS,
): text is string {
  if (typeof text !== "string" || QUANTITY.test(text)) return false;
  if (text.includes("(")) return true;
  return (text.match(/[A-Za-z][A-Za-z0-9_]*/g) ?? []).some((word) => variables.has(word) || functions.has(word));
}

/**
 * Compiles an expression into one loop over elements.
 * @param unit Dimension that the value must have; any if left out.
 * @throws SpikevineError for text outside the grammar, an unknown name (with the nearest known one) or a wrong unit.
 */
export function compileElements(
  text: string,
  variables: Variables,
  unit: Dimension | undefined,
  where: string,
  functions: OwnFunctions = NO_FUNCTIONS,
): { readonly evaluate: Elements; readonly dimension: Dimension } {
  const draws: DrawName[] = [];
  const syntax = parseWith(functions, text, where);
  const names = [...variables.keys()];
  const expression = resolve(syntax, asSymbols(names), `${where}: "${text}"`, {
    // Every occurrence is a draw of its own.
    draw: (kind) => symbol(`draw__${draws.push(kind) - 1}`),
  });
  const dimensions = new Map([...variables].map(([name, { dimension }]) => [name, dimension]));
  if (unit !== undefined) requireUnit(syntax, unit, dimensions, `${where}: in "${text}"`);
  const dimension = unitOf(syntax, dimensions, `${where}: in "${text}"`);
  if (freeSymbols([expression]).includes("dt") && !variables.has("dt")) {
    throw new SpikevineError(
      `${where}: "${text}" uses a timed array, which has values only while the simulation runs; use it in runRegularly or set.`,
    );
  }

  // Names never enter the code: each variable is an entry of a list.
  const code = new Map<string, string>();
  const rows: string[] = [];
  names.forEach((name, v) => {
    const { values, per } = variables.get(name)!;
    if (typeof values === "number") code.set(name, `(${values})`);
    else {
      code.set(name, per === "row" ? `v${v}` : `v${v}[${per === "column" ? "j" : "k"}]`);
      rows.push(`const v${v} = v[${v}]${per === "row" ? "[row]" : ""};`);
    }
  });
  draws.forEach((kind, d) => {
    const index = `${draws.length} * (k - from) + ${d}`;
    code.set(`draw__${d}`, kind === "rand" ? `uniform(key, 2 * (${index}))` : `normal(key, ${index})`);
  });
  const { statements, results } = emitStatements({ value: expression }, { symbol: (name) => code.get(name)! });
  const body = [
    '"use strict"; return (row, columns, from, to, key, out) => {',
    ...rows,
    "for (let k = from; k < to; k++) {",
    "const j = columns === undefined ? k : columns[k];",
    ...statements,
    `out[k - from] = ${results.value};`,
    "}",
    "};",
  ].join("\n");
  const make = new Function("v", "uniform", "normal", "tables", body);
  const values = names.map((name) => variables.get(name)!.values);
  return { evaluate: make(values, drawUniform, drawNormal, tablesIn([expression])) as Elements, dimension };
}
