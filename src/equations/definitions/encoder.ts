import { fields, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { boundsOf } from "../analysis/bounds.js";
import type { EncoderKernel } from "../kernels/kernels.js";
import { requireUnit, unitOf } from "../language/check-units.js";
import { constant, type Expression, freeSymbols, substitute, symbol } from "../language/expression.js";
import { asSymbols, resolve } from "../language/parse.js";
import { parseSyntax } from "../language/syntax.js";
import { DIMENSIONLESS, quantity, sameDimension } from "../language/units.js";
import { ABOUT, definition, definitionName, PARAMETERS, STEP } from "./argument-kinds.js";
import { TIME } from "./neuron-scope.js";
import {
  describeParameters,
  type ParameterSpec,
  type Parameters,
  type ParameterValues,
  readParameters,
  valuesOf,
  withValues,
} from "./parameters.js";

/**
 * Specification of an encoder. Names in its equation: `x` (the value of a pixel at this step, usually in [0, 1]), `x_before`
 * (its value at the step before; 0 at step 0), `t` (the number of the step, from 0), `u` (uniform in [0, 1), fresh for every
 * sample, step and unit), `dt` and the parameters.
 */
export interface EncoderSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** Fires where this is above 0. Either this or `current`. */
  readonly spike?: string;
  /** The input current of the first layer, in place of spikes. */
  readonly current?: string;
  /**
   * Name of the parameter, a time, within which every pixel fires. A presentation must be at least this long, and its
   * pixels must not change.
   */
  readonly within?: string;
}

export interface EncoderDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  readonly output: "spikes" | "values";
  /** Values and ranges in internal units (ms, mV, pA). */
  readonly parameters: Parameters;
  /** The original specification; parameters may have other values now. */
  readonly spec: EncoderSpec;
  /** @throws SpikevineError for an unknown parameter, a wrong unit, or a value outside its range. */
  with(values: ParameterValues): EncoderDefinition;
  /**
   * @param options `dt`: length of a step, text with a unit or a number of ms.
   * @throws SpikevineError if `dt` is not a time above 0.
   */
  kernel(options: { readonly dt: number | string }): EncoderKernel;
  /** Markdown: equation, parameters with units, source. */
  describe(): string;
}

/** True if an encoder's output is its input: no operation is needed for samples that are spikes already. */
export function isDirect({ output, spec }: Pick<EncoderDefinition, "output" | "spec">): boolean {
  return output === "values" && spec.current!.trim() === "x";
}

/** An encoder as an argument. */
export const ENCODER = definition("an encoder, e.g. rate()", ["with", "kernel"], ["states"]);

const check = signature("encoders", {
  spec: fields<EncoderSpec>(
    {
      ...ABOUT,
      parameters: optional(PARAMETERS),
      spike: optional(text("an equation")),
      current: optional(text("an equation")),
      within: optional(text("the name of a parameter")),
    },
    { root: "spec" },
  ),
});
const checkKernel = signature("encoders", {
  options: fields<{ readonly dt: number | string }>({ dt: STEP }, { root: "options" }),
});

/**
 * Defines an encoder. Its equation and units are checked.
 * @throws SpikevineError naming `encoders/<name>` and the fault.
 */
export function defineEncoder(spec: EncoderSpec): EncoderDefinition {
  check([spec], definitionName("encoders", spec));
  const where = `encoders/${spec.name}`;
  const builtIn = ["x", "x_before", "t", "u"];
  const parameters = readParameters(spec.parameters ?? {}, where, builtIn);
  if ((spec.spike === undefined) === (spec.current === undefined)) {
    const has = spec.spike === undefined ? "neither spike nor current" : "both spike and current";
    throw new SpikevineError(`${where} has ${has}; give one.`);
  }
  const field = spec.spike === undefined ? "current" : "spike";
  const at = `${where}: in ${field}`;
  const syntax = parseSyntax(spec[field]!, at);
  const value = resolve(syntax, asSymbols([...builtIn, "dt", ...Object.keys(parameters)]), at);
  const units = new Map([
    ...builtIn.map((name) => [name, DIMENSIONLESS] as const),
    ...Object.entries(parameters).map(([name, { dimension }]) => [name, dimension] as const),
    ["dt", TIME] as const,
  ]);
  if (field === "spike") requireUnit(syntax, DIMENSIONLESS, units, at);
  else unitOf(syntax, units, at);
  if (
    spec.within !== undefined &&
    !sameDimension(Object.hasOwn(parameters, spec.within) ? parameters[spec.within]!.dimension : DIMENSIONLESS, TIME)
  ) {
    throw new SpikevineError(`${where}: within is "${spec.within}"; name a parameter that is a time.`);
  }
  return makeEncoder(spec, value, parameters);
}

function makeEncoder(spec: EncoderSpec, value: Expression, parameters: Parameters): EncoderDefinition {
  const { name, summary = "", source = "" } = spec;
  const where = `encoders/${name}`;
  return {
    name,
    summary,
    source,
    output: spec.spike === undefined ? "values" : "spikes",
    parameters,
    spec,
    with: (values) => makeEncoder(spec, value, withValues(parameters, values, where)),
    kernel(options) {
      checkKernel([options], where);
      const { dt } = options;
      const step = typeof dt === "number" ? dt : quantity(`${where}: dt`, dt, "ms");
      if (!(step > 0 && Number.isFinite(step))) {
        throw new SpikevineError(`${where}: dt is ${dt}; give a time above 0 ms.`);
      }
      return makeKernel(spec, substitute(value, new Map([[symbol("dt"), constant(step)]])), parameters);
    },
    describe: () =>
      [
        `### ${name}`,
        summary,
        `\`\`\`\n${spec.spike === undefined ? `current = ${spec.current}` : `spike where ${spec.spike} > 0`}\n\`\`\``,
        describeParameters(parameters),
        source === "" ? "" : `Source: ${source}`,
      ]
        .filter((part) => part !== "")
        .join("\n\n"),
  };
}

function makeKernel(spec: EncoderSpec, value: Expression, parameters: Parameters): EncoderKernel {
  const output = spec.spike === undefined ? "values" : "spikes";
  const used = freeSymbols([value]);
  const values = Object.entries(valuesOf(parameters)).filter(([name]) => used.includes(name));
  const dark = substitute(
    value,
    new Map<Expression, Expression>([
      [symbol("x"), constant(0)],
      ...values.map(([p, v]) => [symbol(p), constant(Math.fround(v))] as const),
    ]),
  );
  const { low, high } = boundsOf(dark, { u: { low: 0, high: 1 }, t: { low: 0, high: Number.MAX_SAFE_INTEGER } });
  return {
    name: spec.name,
    output,
    formulas: { value },
    zeroIsSilent: output === "spikes" ? high <= 0 : low === 0 && high === 0,
    static: !["t", "u", "x_before"].some((name) => used.includes(name)),
    parameters: Object.fromEntries(values),
  };
}
