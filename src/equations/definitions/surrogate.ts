import { fields, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { constant, type Expression, evaluate, substitute, symbol } from "../language/expression.js";
import { asSymbols, parseEquation } from "../language/parse.js";
import { ABOUT, definition as definitionKind, definitionName, PARAMETERS } from "./argument-kinds.js";
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
 * Replacement of a spike's derivative in the backward pass. Equations in `z` (the distance of the neuron above its threshold)\n
 * * and the parameters.
 */
export interface SurrogateSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  readonly derivative: string;
  /** A primitive of `derivative`: the smooth function that replaces the spike when the adjoint is checked. */
  readonly smooth: string;
}

export interface SurrogateDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  readonly parameters: Parameters;
  /** The original specification; parameters may have other values now. */
  readonly spec: SurrogateSpec;
  /** The surrogate derivative at z, parameters filled in. Finite for every z, infinite ones included. */
  derivative(z: Expression): Expression;
  /** Its primitive at z. Never NaN. */
  smooth(z: Expression): Expression;
  /** @throws SpikevineError for an unknown name or a value outside its range. */
  with(values: ParameterValues): SurrogateDefinition;
  describe(): string;
}

/** A surrogate as an argument. */
export const SURROGATE = definitionKind("a surrogate, e.g. arctan()", ["with", "derivative", "smooth"]);

const checkSpec = signature("neurons/surrogates", {
  spec: fields<SurrogateSpec>(
    { ...ABOUT, parameters: optional(PARAMETERS), derivative: text("an equation"), smooth: text("an equation") },
    { root: "spec" },
  ),
});

const Z = symbol("z");

/** Points at which both equations must have values: around 0, far out, and at infinity. */
const EXTREMES = [0, 1e-300, 1e-6, 1, 1e6, 1e155, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY];
/** Points at which `smooth` must have `derivative` as its slope; none of them is a corner for round-numbered parameters. */
const SLOPES = [0.0317, 0.1234, 0.3719, 0.7321, 1.4567, 3.1219];

/**
 * Defines a surrogate. Its equations are checked.
 * @throws SpikevineError naming `neurons/surrogates/<name>`: unreadable equations, values that are not finite for some z,
 * or a `smooth` whose derivative is not `derivative`.
 */
export function defineSurrogate(spec: SurrogateSpec): SurrogateDefinition {
  checkSpec([spec], definitionName("neurons/surrogates", spec));
  const where = `neurons/surrogates/${spec.name}`;
  const parameters = readParameters(spec.parameters ?? {}, where, ["z"]);
  for (const [name, { unit }] of Object.entries(parameters)) {
    if (unit !== "")
      throw new SpikevineError(`${where}: "${name}" has the unit ${unit}; z has none, so give a number.`);
  }
  const names = asSymbols(["z", ...Object.keys(parameters)]);
  const slope = parseEquation(spec.derivative, names, `${where}: derivative`);
  const smooth = parseEquation(spec.smooth, names, `${where}: smooth`);
  const definition = makeSurrogate(spec, parameters, slope, smooth);
  check(definition, where);
  return definition;
}

function makeSurrogate(
  spec: SurrogateSpec,
  parameters: Parameters,
  slope: Expression,
  smooth: Expression,
): SurrogateDefinition {
  const { name, summary = "", source = "" } = spec;
  const filled = Object.entries(valuesOf(parameters)).map(([p, value]) => [symbol(p), constant(value)] as const);
  const at = (e: Expression, z: Expression): Expression =>
    substitute(substitute(e, new Map<Expression, Expression>(filled)), new Map<Expression, Expression>([[Z, z]]));
  return {
    name,
    summary,
    source,
    parameters,
    spec,
    derivative: (z) => at(slope, z),
    smooth: (z) => at(smooth, z),
    with: (values) => makeSurrogate(spec, withValues(parameters, values, `neurons/surrogates/${name}`), slope, smooth),
    describe: () =>
      [
        `### ${name}`,
        summary,
        `\`\`\`\ndy/dz = ${spec.derivative}\n\`\`\``,
        describeParameters(parameters),
        source === "" ? "" : `Source: ${source}`,
      ]
        .filter((part) => part !== "")
        .join("\n\n"),
  };
}

function check(surrogate: SurrogateDefinition, where: string): void {
  const formulas = { slope: surrogate.derivative(Z), smooth: surrogate.smooth(Z) };
  const exact = { slope: derivative(formulas.smooth, Z) };
  for (const z of [...EXTREMES, ...EXTREMES.map((x) => -x)]) {
    const { slope, smooth } = evaluate(formulas, { z }) as { slope: number; smooth: number };
    if (!Number.isFinite(slope))
      throw new SpikevineError(`${where}: derivative is ${slope} at z = ${z}; make it finite.`);
    if (Number.isNaN(smooth)) throw new SpikevineError(`${where}: smooth is NaN at z = ${z}; make it a number.`);
  }
  for (const z of [...SLOPES, ...SLOPES.map((x) => -x)]) {
    const given = evaluate(formulas, { z }).slope!;
    const found = evaluate(exact, { z }).slope!;
    if (Math.abs(given - found) > 1e-9 * (1 + Math.abs(found))) {
      throw new SpikevineError(
        `${where}: derivative is ${given} at z = ${z}, but smooth has the slope ${found} there.`,
      );
    }
  }
}
