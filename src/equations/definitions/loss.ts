import { choice, fields, number, optional, signature, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import type { LossKernel, PenaltyKernel } from "../kernels/kernels.js";
import { LossBuilder } from "../kernels/loss-kernel.js";
import { requireUnit } from "../language/check-units.js";
import { constant, divide, type Expression, symbol } from "../language/expression.js";
import { resolve } from "../language/parse.js";
import { FUNCTIONS_OF_LOSSES, parseSyntax, REDUCTIONS, type ReductionName, type Syntax } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension, parseUnit } from "../language/units.js";
import { ABOUT, definition, definitionName, PARAMETERS } from "./argument-kinds.js";
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
 * Specification of a loss: one equation, of the outputs or of the weights.
 *
 * Names in `loss`: `y` (an output: of the whole presentation, or of a step), `target`, `n` (the index of the output, from 0),
 * `t` (the step, from 0), `outputs` and `steps` (their numbers), `units` (the units whose values are summed in y, more than 1 in
 * a population code), `dt`, and the parameters. Besides the functions of every
 * equation there are `sum(x)`, `mean(x)` and `largest(x)` over the outputs, `sumOverSteps(x)`, `meanOverSteps(x)` and
 * `largestOverSteps(x)`, and `logSoftmax(x)` over the outputs. An equation that leaves one value per output or step is a sum
 * of terms; the reduction of a training says if it is averaged.
 *
 * Names in `penalty`: `weight` and the parameters.
 */
export interface LossSpec {
  readonly name: string;
  readonly summary?: string;
  readonly source?: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  /** Unit of y and of the target. Default: none. */
  readonly unit?: string;
  /** Equation of the outputs. Either this or `penalty`. */
  readonly loss?: string;
  /** Equation of one weight, summed over all weights. */
  readonly penalty?: string;
}

export interface LossOptions {
  /** Number of outputs. */
  readonly outputs: number;
  /** Units whose values are summed in every output. Default: 1. */
  readonly units?: number;
  /** Time steps of a presentation. */
  readonly steps: number;
  /** Length of a step, ms. Default: 1. */
  readonly dt?: number;
  /** One y per output and presentation (`sample`, default) or per output and step (`steps`). */
  readonly rows?: "sample" | "steps";
  /** One target per output and presentation (`sample`, default) or per output and step (`steps`). */
  readonly target?: "sample" | "steps";
  /** Value of y that counts as 1, in internal units (mV, ms, pA). Default: 1. */
  readonly unit?: number;
}

export interface LossDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  /** Values and ranges in internal units (ms, mV, pA). */
  readonly parameters: Parameters;
  /** The original specification; parameters may have other values now. */
  readonly spec: LossSpec;
  /** Dimension of y. */
  readonly dimension: Dimension;
  /** True if the equation reads a target. */
  readonly usesTarget: boolean;
  /** True if the equation needs a y of every step. */
  readonly usesSteps: boolean;
  /** @throws SpikevineError for an unknown parameter, a wrong unit, or a value outside its range. */
  with(values: ParameterValues): LossDefinition;
  /**
   * Formulas of the value and of its derivative by y.
   * @throws SpikevineError if the equation reduces a value that does not depend on the outputs or steps, or is a penalty.
   */
  kernel(options: LossOptions): LossKernel;
  /**
   * Formulas of a penalty and of its derivative.
   * @throws SpikevineError if the definition has no penalty.
   */
  penalty(): PenaltyKernel;
  /** Markdown: equation, parameters with units, source. */
  describe(): string;
}

/** A loss as an argument. */
export const LOSS_DEFINITION = definition("a definition of a loss, e.g. defineLoss({ ... })", [
  "with",
  "kernel",
  "penalty",
]);

const check = signature("losses", {
  spec: fields<LossSpec>(
    {
      ...ABOUT,
      parameters: optional(PARAMETERS),
      unit: optional(text('a unit, e.g. "mV"')),
      loss: optional(text("an equation")),
      penalty: optional(text("an equation")),
    },
    { root: "spec" },
  ),
});

const checkKernel = signature("losses", {
  options: fields<LossOptions>(
    {
      outputs: whole(1),
      units: optional(whole(1)),
      steps: whole(1),
      dt: optional(number({ above: 0 })),
      rows: optional(choice(["sample", "steps"])),
      target: optional(choice(["sample", "steps"])),
      unit: optional(number({ above: 0 })),
    },
    { root: "options" },
  ),
});

const SIZES = ["outputs", "units", "steps", "dt"] as const;
const ELEMENTS = ["y", "target", "n", "t"] as const;

/**
 * Defines a loss. Its equation and units are checked, and its derivative is derived.
 * @throws SpikevineError naming `losses/<name>` and the fault.
 */
export function defineLoss(spec: LossSpec): LossDefinition {
  check([spec], definitionName("losses", spec));
  const where = `losses/${spec.name}`;
  if ((spec.loss === undefined) === (spec.penalty === undefined)) {
    const has = spec.loss === undefined ? "neither loss nor penalty" : "both loss and penalty";
    throw new SpikevineError(`${where} has ${has}; give one.`);
  }
  const isPenalty = spec.loss === undefined;
  const names: readonly string[] = isPenalty ? ["weight"] : [...ELEMENTS, ...SIZES];
  const parameters = readParameters(spec.parameters ?? {}, where, [...names, ...REDUCTIONS]);
  const at = `${where}: in ${isPenalty ? "penalty" : "loss"}`;
  const syntax = isPenalty ? parseSyntax(spec.penalty!, at) : parseSyntax(spec.loss!, at, FUNCTIONS_OF_LOSSES);
  const dimension = spec.unit === undefined ? DIMENSIONLESS : parseUnit(spec.unit, `${where}: unit`).dimension;
  if (isPenalty && spec.unit !== undefined) {
    throw new SpikevineError(`${where} has a unit, but weights have none; leave out unit.`);
  }
  const units = new Map<string, Dimension>([
    ...Object.entries(parameters).map(([name, info]) => [name, info.dimension] as const),
    ["y", dimension],
    ["target", dimension],
    ["dt", TIME],
  ]);
  requireUnit(syntax, DIMENSIONLESS, units, at);
  const made = makeLoss({ spec, syntax, dimension, at }, parameters);
  // Derives once, so that a fault of the equation is found where it is written.
  if (isPenalty) made.penalty();
  else made.kernel({ outputs: 2, steps: 2, rows: made.usesSteps ? "steps" : "sample" });
  return made;
}

interface Source {
  readonly spec: LossSpec;
  readonly syntax: Syntax;
  readonly dimension: Dimension;
  readonly at: string;
}

function makeLoss(source: Source, parameters: Parameters): LossDefinition {
  const { spec, syntax, dimension, at } = source;
  const { name, summary = "" } = spec;
  const used = namesIn(syntax);
  const usesTarget = used.has("target");
  const usesSteps = used.has("t") || REDUCTIONS.some((reduction) => reduction.endsWith("Steps") && used.has(reduction));
  const numbers = Object.entries(valuesOf(parameters)).map(([key, value]) => [key, constant(value)] as const);
  return {
    name,
    summary,
    source: spec.source ?? "",
    parameters,
    spec,
    dimension,
    usesTarget,
    usesSteps,
    with: (values) => makeLoss(source, withValues(parameters, values, `losses/${name}`)),
    kernel(options) {
      checkKernel([options], `losses/${name}`);
      if (spec.loss === undefined)
        throw new SpikevineError(`losses/${name} is a penalty of weights; it has no outputs.`);
      const { outputs, units = 1, steps, dt = 1, rows = "sample", target = "sample", unit = 1 } = options;
      if (usesSteps && rows === "sample") {
        throw new SpikevineError(
          `losses/${name} needs a value of every step; give it everyOutput() or everyState("v") instead of a read-out.`,
        );
      }
      const builder = new LossBuilder({ outputs, steps, rows, target: usesTarget ? target : "none" });
      const meanings = new Map<string, Expression>([
        ...numbers,
        ...ELEMENTS.map((element) => [element, symbol(element)] as const),
        ["y", divide(symbol("y"), constant(unit))],
        ["outputs", constant(outputs)],
        ["units", constant(units)],
        ["steps", constant(steps)],
        ["dt", constant(dt)],
      ]);
      const reduce = (reduction: ReductionName, operand: Expression, call: string): Expression => {
        const value = builder.reduce(reduction, operand);
        if (value !== undefined) return value;
        const axis = reduction.endsWith("Steps") ? "step" : "output";
        throw new SpikevineError(
          `${at} the argument of "${call}" is the same for every ${axis}; leave ${reduction} out.`,
        );
      };
      return builder.kernel(name, resolve(syntax, meanings, at, { reduce }));
    },
    penalty() {
      if (spec.penalty === undefined) {
        throw new SpikevineError(`losses/${name} is a loss of outputs; it is no penalty of weights.`);
      }
      const weight = symbol("weight");
      const value = resolve(syntax, new Map<string, Expression>([...numbers, ["weight", weight]]), at);
      return { name, value, gradient: derivative(value, weight) };
    },
    describe: () =>
      [
        `### ${name}`,
        summary,
        `\`\`\`\n${spec.loss === undefined ? `penalty = ${spec.penalty}` : `loss = ${spec.loss}`}\n\`\`\``,
        describeParameters(parameters),
        spec.source === undefined ? "" : `Source: ${spec.source}`,
      ]
        .filter((part) => part !== "")
        .join("\n\n"),
  };
}

/** Names and functions in an equation. */
function namesIn(syntax: Syntax, found = new Set<string>()): ReadonlySet<string> {
  if (syntax.kind === "name") found.add(syntax.name);
  if (syntax.kind === "call") {
    found.add(syntax.operator);
    for (const operand of syntax.operands) namesIn(operand, found);
  }
  return found;
}
