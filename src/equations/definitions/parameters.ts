import { fields, optional, quantity, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { plainText } from "../language/numerals.js";
import { FUNCTIONS } from "../language/syntax.js";
import {
  type Dimension,
  describeDimension,
  isDimensionless,
  parseQuantity,
  parseUnit,
  tidy,
} from "../language/units.js";

/** Specification of a parameter of a definition. */
export interface ParameterSpec {
  /** Default: a plain number, or text with a unit such as "20 ms". */
  readonly value: number | string;
  /** Unit in which the value is shown; by default that of the value. Any unit of the same dimension is accepted. */
  readonly unit?: string;
  /** Bounds as plain numbers in `unit`, inclusive unless stated otherwise. */
  readonly min?: number;
  readonly max?: number;
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
  /** Makes the parameter trainable, with one value per unit of a layer or one per layer. */
  readonly train?: "unit" | "layer";
  /** One value for all neurons of a population, or for all synapses of a projection. Default: false. */
  readonly shared?: boolean;
  readonly summary?: string;
}

/** A checked parameter. Numbers are in internal units (ms, mV, pA). */
export interface ParameterInfo {
  readonly value: number;
  /** The value as it was given, for documentation: `20 ms`. */
  readonly shown: string;
  /** Unit for documentation; empty for a plain number. */
  readonly unit: string;
  readonly dimension: Dimension;
  /** Infinite if there is no bound. */
  readonly min: number;
  readonly max: number;
  readonly exclusiveMin: boolean;
  readonly exclusiveMax: boolean;
  readonly train?: "unit" | "layer";
  readonly shared?: boolean;
  readonly summary: string;
}

export type Parameters = Readonly<Record<string, ParameterInfo>>;
/** Undefined values do not change the parameter. */
export type ParameterValues = Readonly<Record<string, number | string | undefined>>;

/** Words that the parser or emitted code does not accept as names. */
const RESERVED = new Set(
  (
    "dt y input and or not xor mod to in end true false null undefined NaN Infinity " +
    "break case catch class const continue debugger default delete do else enum export extends finally for function if " +
    "import instanceof let new return static super switch this throw try typeof var void while with yield await"
  ).split(" "),
);

/**
 * Checks a name that a definition introduces: an identifier that is not the name of a function, keyword or built-in symbol.
 * @throws SpikevineError otherwise.
 */
export function checkName(name: string, where: string, alsoReserved: readonly string[] = []): void {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.includes("__") || name.endsWith("_") || name.length > 60) {
    throw new SpikevineError(
      `${where}: "${name.slice(0, 80)}" cannot be a name; use letters, digits and single underscores, a letter first.`,
    );
  }
  if (RESERVED.has(name) || FUNCTIONS.has(name) || alsoReserved.includes(name)) {
    throw new SpikevineError(`${where}: the name "${name}" is reserved; choose another.`);
  }
}

/**
 * Reads the parameters of a definition.
 * @param where Names the definition in errors, e.g. `neurons/lif`.
 * @throws SpikevineError for reserved names, unknown or wrong units, and values outside their range.
 */
export function readParameters(
  specs: Readonly<Record<string, ParameterSpec>>,
  where: string,
  alsoReserved: readonly string[] = [],
): Parameters {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      checkName(name, where, alsoReserved);
      return [name, readParameter(name, spec, where)];
    }),
  );
}

function readParameter(name: string, spec: ParameterSpec, where: string): ParameterInfo {
  const field = `${where}: "${name}"`;
  const unit = spec.unit ?? unitText(spec.value);
  const { value: scale, dimension } = unit === "" ? parseQuantity(1, field) : parseUnit(unit, field);
  const info: ParameterInfo = {
    value: parseQuantity(spec.value, field, dimension).value,
    shown: String(spec.value),
    unit,
    dimension,
    min: tidy((spec.min ?? Number.NEGATIVE_INFINITY) * scale),
    max: tidy((spec.max ?? Number.POSITIVE_INFINITY) * scale),
    exclusiveMin: spec.exclusiveMin ?? false,
    exclusiveMax: spec.exclusiveMax ?? false,
    ...(spec.train === undefined ? {} : { train: spec.train }),
    ...(spec.shared === true ? { shared: true } : {}),
    summary: spec.summary ?? "",
  };
  checkRange(name, info, where);
  if (info.shared === true && info.train === "unit") {
    throw new SpikevineError(
      `${field} is shared by all units and cannot have one value per unit; train it per "layer".`,
    );
  }
  return info;
}

/** Unit part of a quantity: "ms" of "20 ms". */
const unitText = (value: number | string): string =>
  typeof value === "string"
    ? plainText(value)
        .trim()
        .replace(/^[-+]?[0-9.]+(?:e[-+]?[0-9]+)?\s*/i, "")
    : "";

/**
 * The parameters with some values replaced.
 * @throws SpikevineError for an unknown name, a wrong unit, or a value outside the range.
 */
export function withValues(parameters: Parameters, values: ParameterValues, where: string): Parameters {
  const kinds = Object.fromEntries(Object.keys(parameters).map((name) => [name, optional(quantity)]));
  signature(where, { values: fields(kinds, { root: "parameters" }) })([values]);
  const result: Record<string, ParameterInfo> = { ...parameters };
  for (const [name, given] of Object.entries(values)) {
    if (given === undefined) continue;
    const info = parameters[name]!;
    const value = parseQuantity(given, `${where}: "${name}"`, info.dimension).value;
    result[name] = { ...info, value, shown: String(given) };
    checkRange(name, result[name], where);
  }
  return result;
}

/** @throws SpikevineError for a value outside the range of its parameter. */
export function checkRange(name: string, info: ParameterInfo, where: string): void {
  const { value, min, max, exclusiveMin, exclusiveMax } = info;
  if ((exclusiveMin ? value > min : value >= min) && (exclusiveMax ? value < max : value <= max)) return;
  const scale = info.unit === "" ? 1 : parseUnit(info.unit, where).value;
  const shown = (bound: number): string => `${tidy(bound / scale)}${info.unit === "" ? "" : ` ${info.unit}`}`;
  const wants: string[] = [];
  if (min > Number.NEGATIVE_INFINITY) wants.push(`${exclusiveMin ? "above" : "of at least"} ${shown(min)}`);
  if (max < Number.POSITIVE_INFINITY) wants.push(`${exclusiveMax ? "below" : "of at most"} ${shown(max)}`);
  const noun = isDimensionless(info.dimension)
    ? "a number"
    : describeDimension(info.dimension) === "ms"
      ? "a time"
      : "a value";
  throw new SpikevineError(`${where}: "${name}" is ${info.shown}; give ${noun} ${wants.join(" and ")}.`);
}

/** Values by name, in internal units. */
export const valuesOf = (parameters: Parameters): Record<string, number> =>
  Object.fromEntries(Object.entries(parameters).map(([name, info]) => [name, info.value]));

/** Markdown table of parameters, with a column for trainability if some are trained; empty text for no parameters. */
export function describeParameters(parameters: Parameters): string {
  const infos = Object.entries(parameters);
  if (infos.length === 0) return "";
  const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const trained = infos.some(([, { train }]) => train !== undefined);
  const training = (train: string | undefined): string[] =>
    trained ? [train === undefined ? "no" : `per ${train}`] : [];
  const header = ["parameter", "value", "unit", ...(trained ? ["trained"] : []), "meaning"];
  return [
    row(...header),
    row(...header.map(() => "---")),
    ...infos.map(([name, { shown, unit, train, summary }]) =>
      row(`\`${name}\``, shown, unit === "" ? "1" : unit, ...training(train), summary),
    ),
  ].join("\n");
}
