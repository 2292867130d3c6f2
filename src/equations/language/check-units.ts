import { SpikevineError } from "../../errors.js";
import { COMPOSED } from "./composed-functions.js";
import { namedConstant } from "./named-constants.js";
import type { Syntax } from "./syntax.js";
import {
  DIMENSIONLESS,
  type Dimension,
  describeDimension,
  divideDimensions,
  isDimensionless,
  multiplyDimensions,
  sameDimension,
  scaleDimension,
} from "./units.js";

/** Dimensions of the names an equation may use. */
export type NameDimensions = ReadonlyMap<string, Dimension>;

/** The number 0 fits every unit: `v > 0`, `c ? x : 0`. */
type Found = Dimension | "any";

/** Dimensions of names, some of which may have any unit. */
type Names = ReadonlyMap<string, Found>;

/** The argument and the value have no unit. */
const PURE: ReadonlySet<string> = new Set([
  "exp",
  "log",
  "tanh",
  "sigmoid",
  "sin",
  "cos",
  "atan",
  "floor",
  "not",
  "and",
  "or",
  "logSoftmax",
  "rand",
  "randn",
  ...[...COMPOSED].flatMap(([name, { unit }]) => (unit === "pure" ? [name] : [])),
]);

/** All operands and the value have the same unit. */
const ALIKE: ReadonlySet<string> = new Set([
  "add",
  "subtract",
  "min",
  "max",
  ...[...COMPOSED].flatMap(([name, { unit }]) => (unit === "alike" ? [name] : [])),
]);

/**
 * The unit of an equation, found by walking its syntax.
 * @param where Names definition and equation in errors, e.g. `neurons/lif: in dv/dt`.
 * @throws SpikevineError naming the term whose unit does not fit.
 */
export function unitOf(syntax: Syntax, names: NameDimensions, where: string): Dimension {
  const found = find(syntax, names, where);
  return found === "any" ? DIMENSIONLESS : found;
}

/**
 * Checks that an equation is in the expected unit, term by term.
 * @throws SpikevineError, e.g. `neurons/lif: in dv/dt the term "(rest - v) / C" is in mV/pF; every term must be in mV/ms.`
 */
export function requireUnit(syntax: Syntax, expected: Dimension, names: NameDimensions, where: string): void {
  requireTerms(syntax, expected, names, where);
}

/**
 * Checks the units of an equation some of whose names may have any unit: the contradictions without them.
 * @throws SpikevineError naming the term whose unit does not fit.
 */
export function checkUnits(syntax: Syntax, names: NameDimensions, unknown: readonly string[], where: string): void {
  find(syntax, new Map<string, Found>([...names, ...unknown.map((name) => [name, "any"] as const)]), where);
}

function requireTerms(syntax: Syntax, expected: Dimension, names: Names, where: string): void {
  const terms = termsOf(syntax);
  if (terms.length > 1) {
    for (const term of terms) requireTerms(term, expected, names, where);
    if (syntax.kind === "call" && syntax.operator === "select") find(syntax.operands[0]!, names, where);
    return;
  }
  const found = find(syntax, names, where);
  if (found === "any" || sameDimension(found, expected)) return;
  const wanted = isDimensionless(expected) ? "without a unit" : `in ${describeDimension(expected)}`;
  throw new SpikevineError(`${where} the term "${syntax.text()}" ${has(found)}; every term must be ${wanted}.`);
}

const has = (d: Dimension): string => (isDimensionless(d) ? "has no unit" : `is in ${describeDimension(d)}`);

/** Operands that must have the unit of the result: terms of a sum, branches of a condition, arguments of min, max and clip. */
function termsOf(syntax: Syntax): readonly Syntax[] {
  if (syntax.kind !== "call") return [syntax];
  if (ALIKE.has(syntax.operator)) return syntax.operands;
  return syntax.operator === "select" ? syntax.operands.slice(1) : [syntax];
}

function find(syntax: Syntax, names: Names, where: string): Found {
  if (syntax.kind === "number") return syntax.dimension ?? (syntax.value === 0 ? "any" : DIMENSIONLESS);
  if (syntax.kind === "name") {
    return names.get(syntax.name) ?? namedConstant(syntax.name)?.dimension ?? DIMENSIONLESS;
  }
  const { operator, operands, table } = syntax;
  const [a, b] = operands as [Syntax, Syntax];
  if (table !== undefined) {
    operands.forEach((operand, n) => {
      requireInput(operand, table.inputs[n]!, operator, names, where);
    });
    return table.dimension;
  }
  if (PURE.has(operator)) {
    for (const operand of operands) requirePure(operand, operator, names, where);
    return DIMENSIONLESS;
  }
  if (ALIKE.has(operator)) return common(operands, names, where);
  switch (operator) {
    case "select":
      requirePure(a, "a condition", names, where);
      return common(operands.slice(1), names, where);
    case "less":
    case "lessEqual":
    case "equal":
      common(operands, names, where);
      return DIMENSIONLESS;
    case "multiply":
    case "divide": {
      const left = find(a, names, where);
      const right = find(b, names, where);
      if (left === "any" || right === "any") return "any";
      return operator === "multiply" ? multiplyDimensions(left, right) : divideDimensions(left, right);
    }
    case "power": {
      requirePure(b, "an exponent", names, where);
      const base = find(a, names, where);
      if (base === "any" || isDimensionless(base)) return base;
      const exponent = numberIn(b);
      if (exponent === undefined && hasUnknown(b, names)) return "any";
      if (exponent === undefined) {
        throw new SpikevineError(`${where} "${a.text()}" ${has(base)}; its exponent "${b.text()}" must be a number.`);
      }
      return scaleDimension(base, exponent);
    }
    case "sqrt": {
      const inner = find(a, names, where);
      return inner === "any" ? inner : scaleDimension(inner, 0.5);
    }
    case "step":
    case "sign":
      find(a, names, where);
      return DIMENSIONLESS;
    default:
      // negate, relu, abs and reductions keep the unit.
      return find(a, names, where);
  }
}

/** The unit that all operands share; the first that has one decides. */
function common(operands: readonly Syntax[], names: Names, where: string): Found {
  let unit: Found = "any";
  for (const operand of operands) {
    if (unit === "any") unit = find(operand, names, where);
    else requireTerms(operand, unit, names, where);
  }
  return unit;
}

function requirePure(syntax: Syntax, of: string, names: Names, where: string): void {
  const found = find(syntax, names, where);
  if (found === "any" || isDimensionless(found)) return;
  throw new SpikevineError(
    `${where} "${syntax.text()}", the argument of ${of}, is in ${describeDimension(found)}; divide it by a quantity in that unit.`,
  );
}

function requireInput(syntax: Syntax, unit: Dimension, of: string, names: Names, where: string): void {
  const found = find(syntax, names, where);
  if (found === "any" || sameDimension(found, unit)) return;
  const wanted = isDimensionless(unit) ? "a number without a unit" : `a quantity in ${describeDimension(unit)}`;
  throw new SpikevineError(`${where} "${syntax.text()}", the argument of ${of}, ${has(found)}; give ${wanted}.`);
}

/** Tells if an equation has a name that may have any unit. */
function hasUnknown(syntax: Syntax, names: Names): boolean {
  if (syntax.kind === "name") return names.get(syntax.name) === "any";
  return syntax.kind === "call" && syntax.operands.some((operand) => hasUnknown(operand, names));
}

function numberIn(syntax: Syntax): number | undefined {
  if (syntax.kind === "number") return syntax.value;
  if (syntax.kind === "name") return undefined;
  const [a, b] = syntax.operands.map(numberIn);
  if (syntax.operator === "negate" && a !== undefined) return -a;
  if (syntax.operator === "divide" && a !== undefined && b !== undefined) return a / b;
  return undefined;
}
