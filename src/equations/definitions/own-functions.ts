import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import { checkUnits, type NameDimensions } from "../language/check-units.js";
import { namedConstant } from "../language/named-constants.js";
import { FUNCTIONS, parseSyntax, type Syntax, type TableFunction } from "../language/syntax.js";
import { asFunction, type FunctionTable, isFunctionTable } from "./function-table.js";
import { neuronVariable } from "./neuron-variables.js";
import { checkName } from "./parameters.js";
import { inputsOf, isTimedArray, type TimedArray, timedFunction } from "./timed-array.js";
import { isNoise, NOISE_UNIT } from "./white-noise.js";

/** A function that a definition is given: an equation, values in time, or a table. */
export type FunctionSpec = string | TimedArray | FunctionTable;

/** Functions of a definition by name. Other functions are the grammar's. */
export type OwnFunctions = ReadonlyMap<string, OwnFunction>;

type OwnFunction =
  /** The meaning of a name, such as that of a subexpression. */
  | { readonly meaning: Syntax }
  | { readonly inputs: readonly string[]; readonly body: Syntax }
  | { readonly arity: number | readonly number[]; readonly table: TableFunction };

/** Limits of an equation whose functions are written out: larger than any model needs, and small enough to work with. */
const MOST_OPERATIONS = 20_000;
const DEEPEST = 1000;

const HEAD = /^\s*([^\s()]+)\s*\(([^()]*)\)\s*$/;

/**
 * Reads functions given as `{ "f(x, z)": "an equation" }`, or as `{ f: timedArray(...) }` and `{ f: functionTable(...) }`. A
 * function may call those before it.
 * @throws SpikevineError for a head that is none, a name that is reserved or given twice, or an equation that cannot be read.
 */
export function readFunctions(specs: Readonly<Record<string, FunctionSpec>>, where: string): OwnFunctions {
  const functions = new Map<string, OwnFunction>();
  for (const [head, equation] of Object.entries(specs)) {
    if (typeof equation !== "string") {
      checkName(head, where, [...functions.keys()]);
      functions.set(head, readTable(equation));
      continue;
    }
    const [, name = "", list = ""] = HEAD.exec(head) ?? [];
    if (name === "") {
      throw new SpikevineError(`${where}: the function "${head.slice(0, 80)}" has no inputs; write e.g. "f(x, z)".`);
    }
    const inputs = list.trim() === "" ? [] : list.split(",").map((input) => input.trim());
    checkName(name, where, [...functions.keys()]);
    inputs.forEach((input, n) => {
      checkName(input, `${where}: in ${head}`, inputs.slice(0, n));
    });
    functions.set(name, { inputs, body: parseWith(functions, equation, `${where}: in ${head}`) });
  }
  return functions;
}

const readTable = (given: TimedArray | FunctionTable): OwnFunction =>
  isTimedArray(given)
    ? { arity: inputsOf(given), table: timedFunction(given) }
    : { arity: 1, table: asFunction(given) };

/** Functions, and names that stand for equations, which may have such names themselves. */
export function withMeanings(
  functions: OwnFunctions,
  equations: Readonly<Record<string, string>>,
  where: string,
): OwnFunctions {
  const meanings = Object.entries(equations).map(
    ([name, text]) => [name, { meaning: parseWith(functions, text, `${where}: in ${name}`) }] as const,
  );
  return new Map<string, OwnFunction>([...functions, ...meanings]);
}

/**
 * Functions with some tables replaced by others.
 * @throws SpikevineError for a name that is not that of a table.
 */
export function withTables(
  functions: Readonly<Record<string, FunctionSpec>>,
  by: Readonly<Record<string, TimedArray | FunctionTable>>,
  where: string,
): Readonly<Record<string, FunctionSpec>> {
  const known = Object.keys(functions).filter((name) => isTable(functions[name]));
  const unknown = Object.keys(by).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName(`timed array or table of ${where}`, unknown, known);
  return { ...functions, ...by };
}

/** One line for a documentation. */
export function describeFunction(head: string, given: FunctionSpec): string {
  if (typeof given === "string") return `${head} = ${given}`;
  return isTimedArray(given)
    ? `${head}: ${given.rows} values in time, each for ${given.dt} ms`
    : `${head}: a table of ${given.points.length} points`;
}

/** A function as a table, as an argument. */
export const isTable = (value: unknown): boolean => isTimedArray(value) || isFunctionTable(value);

/**
 * Reads an equation that may call functions of the definition, and writes them out.
 * @throws SpikevineError as `parseSyntax`, and if the result is too long.
 */
export function parseWith(functions: OwnFunctions, text: string, at: string): Syntax {
  const arities = new Map([
    ...FUNCTIONS,
    ...[...functions].flatMap(([name, own]) =>
      "meaning" in own ? [] : [[name, "table" in own ? own.arity : own.inputs.length] as const],
    ),
  ]);
  const tooLong = (): SpikevineError =>
    new SpikevineError(
      `${at}: with its functions written out, the equation has more than ${MOST_OPERATIONS} operations, or is more than ${DEEPEST} deep; make parts of it states.`,
    );
  const budget = { left: MOST_OPERATIONS, tooLong };
  const written = writeOut(parseSyntax(text, at, arities), functions, new Map(), budget);
  const { operations, depth } = sizeOf(written, new Map());
  if (operations > MOST_OPERATIONS || depth > DEEPEST) throw tooLong();
  return written;
}

interface Budget {
  /** Operations that may still be written. */
  left: number;
  readonly tooLong: () => SpikevineError;
}

/** White noise, constants, and variables of the neurons of a synapse, which are checked where they are used. */
const isGiven = (name: string): boolean =>
  isNoise(name) || namedConstant(name) !== undefined || neuronVariable(name) !== undefined;

/**
 * Checks the names and the units in functions, also in those that no equation calls. The inputs of a function may have any unit,
 * and so may variables of neurons that are not known yet.
 * @param known Names that equations may have beside the inputs of a function and white noises.
 * @param units Of these names, for an equation.
 * @throws SpikevineError for an unknown name, and for units that fit for no input.
 */
export function checkFunctions(
  functions: OwnFunctions,
  known: readonly string[],
  units: (body: Syntax) => NameDimensions,
  where: string,
): void {
  for (const [name, own] of functions) {
    if (!("body" in own)) continue;
    const all = [...known, ...own.inputs];
    const unknown = [...namesIn(own.body)].find((used) => !all.includes(used) && !isGiven(used));
    const head = `${name}(${own.inputs.join(", ")})`;
    if (unknown !== undefined) throw unknownName(`name in ${head} of ${where}`, unknown, all);
    const ofNames = units(own.body);
    const ofNeurons = [...namesIn(own.body)].filter((used) => !ofNames.has(used) && neuronVariable(used) !== undefined);
    const noises = [...namesIn(own.body)].flatMap((used) =>
      isNoise(used) && !ofNames.has(used) ? [[used, NOISE_UNIT] as const] : [],
    );
    checkUnits(own.body, new Map([...ofNames, ...noises]), [...own.inputs, ...ofNeurons], `${where}: in ${head}`);
  }
}

/** The names that an equation uses. */
export function namesIn(syntax: Syntax): ReadonlySet<string> {
  if (syntax.kind === "name") return new Set([syntax.name]);
  if (syntax.kind === "number") return new Set();
  return new Set(syntax.operands.flatMap((operand) => [...namesIn(operand)]));
}

/** Replaces calls by bodies, and inputs by what they stand for. Every call is a new node, so that each draws for itself. */
function writeOut(
  syntax: Syntax,
  functions: OwnFunctions,
  inputs: ReadonlyMap<string, Syntax>,
  budget: Budget,
): Syntax {
  if (syntax.kind === "number") return syntax;
  if (syntax.kind === "name") {
    const own = functions.get(syntax.name);
    const input = inputs.get(syntax.name);
    return input ?? (own && "meaning" in own ? writeOut(own.meaning, functions, new Map(), budget) : syntax);
  }
  if (--budget.left < 0) throw budget.tooLong();
  const operands = syntax.operands.map((operand) => writeOut(operand, functions, inputs, budget));
  const own = functions.get(syntax.operator);
  if (own === undefined || "meaning" in own) return { ...syntax, operands };
  if ("table" in own) return { ...syntax, operands, table: own.table };
  const given = new Map(own.inputs.map((input, n) => [input, operands[n]!]));
  return writeOut(own.body, functions, given, budget);
}

interface SyntaxSize {
  readonly operations: number;
  readonly depth: number;
}

/** Size of an equation as a tree, although parts of it may be shared. */
function sizeOf(syntax: Syntax, known: Map<Syntax, SyntaxSize>): SyntaxSize {
  if (syntax.kind !== "call") return { operations: 0, depth: 0 };
  const found = known.get(syntax);
  if (found !== undefined) return found;
  const sizes = syntax.operands.map((operand) => sizeOf(operand, known));
  const size = {
    operations: sizes.reduce((sum, { operations }) => sum + operations, 1),
    depth: 1 + Math.max(0, ...sizes.map(({ depth }) => depth)),
  };
  known.set(syntax, size);
  return size;
}
