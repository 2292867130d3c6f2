import { fields, list, named, number, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { type CompiledOptimizer, compileOptimizer, SYNAPSE } from "../kernels/optimizer-kernel.js";
import {
  constant,
  type Expression,
  type Formulas,
  freeSymbols,
  mapFormulas,
  multiply,
  substitute,
  symbol,
} from "../language/expression.js";
import { asSymbols, type Names, parseEquation } from "../language/parse.js";
import { ABOUT, definition, definitionName, EQUATION_SCHEME, EQUATIONS, PARAMETERS } from "./argument-kinds.js";
import type { OptimizerDynamics, OptimizerSpec, OptimizerState } from "./optimizer-spec.js";
import {
  checkName,
  describeParameters,
  type Parameters,
  type ParameterValues,
  readParameters,
  withValues,
} from "./parameters.js";

export type { CompiledOptimizer } from "../kernels/optimizer-kernel.js";
export type {
  OptimizerDynamics as RuleDynamics,
  OptimizerSpec,
  OptimizerState as RuleState,
} from "./optimizer-spec.js";

export interface OptimizerDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  readonly states: Readonly<Record<string, OptimizerState>>;
  readonly parameters: Parameters;
  /** The equations as written, in order. */
  readonly equations: readonly string[];
  /** The update over `weight`, `gradient`, `factor`, states, parameters, `k` and `extras`, before hoisting. */
  readonly formulas: Formulas;
  /** Values of parameters for trained values that are not synapses: biases, thresholds. */
  readonly offSynapses: Readonly<Record<string, number>>;
  /** True if there is a learning rate and it is the default of the definition, because none was given. */
  readonly hasDefaultRate: boolean;
  /** Names that `chainGradient` added; the host passes their values with every update. */
  readonly extras: readonly string[];
  /**
   * A copy with other parameter values.
   * @throws SpikevineError for an unknown name or a value outside its range.
   */
  with(values: ParameterValues): OptimizerDefinition;
  compile(): CompiledOptimizer;
  /** Markdown: equations, parameters, source. */
  describe(): string;
}

/** A rule as an argument. */
export const RULE = definition("an optimizer, e.g. sgd()", ["with", "compile"]);

const check = signature("plasticity", {
  spec: fields<OptimizerSpec>(
    {
      ...ABOUT,
      states: optional(
        named(
          fields<OptimizerState>({
            initial: number(),
            summary: text("a sentence"),
            limit: optional(
              fields<NonNullable<OptimizerState["limit"]>>({ parameter: text("a name"), advice: text("a sentence") }),
            ),
          }),
        ),
      ),
      parameters: PARAMETERS,
      update: optional(EQUATIONS),
      dynamics: optional(
        fields<OptimizerDynamics>({
          rates: EQUATIONS,
          integrator: EQUATION_SCHEME,
          interval: text("the name of a parameter"),
        }),
      ),
      weight: text("an equation"),
      offSynapses: optional(named(number())),
    },
    { root: "spec" },
  ),
});
const checkCompose = signature("chainGradient", {
  rule: RULE,
  gradient: text("an equation"),
  extras: optional(list(text("a name"))),
});

/**
 * Defines an optimizer. Its equations are checked.
 * @throws SpikevineError naming `plasticity/<name>` and the invalid field.
 */
export function defineOptimizer(spec: OptimizerSpec): OptimizerDefinition {
  check([spec], definitionName("plasticity", spec));
  const where = `plasticity/${spec.name}`;
  const reserved = [...SYNAPSE, "k"];
  const parameters = readParameters(spec.parameters, where, reserved);
  for (const [name, { unit }] of Object.entries(parameters)) {
    if (unit !== "")
      throw new SpikevineError(`${where}: "${name}" has the unit ${unit}; a rule's parameters are plain numbers.`);
  }
  const states = spec.states ?? {};
  const update = spec.update ?? {};
  const rates = spec.dynamics?.rates ?? {};
  for (const [name, { initial }] of Object.entries(states)) {
    checkName(name, where, [...reserved, ...Object.keys(parameters)]);
    if (!Number.isFinite(initial)) throw new SpikevineError(`${where}: "${name}" starts at ${initial}; give a number.`);
    if (Object.hasOwn(update, name) === Object.hasOwn(rates, name)) {
      throw new SpikevineError(`${where}: state "${name}" needs one equation, in update or in dynamics.`);
    }
  }
  const names = new Map(asSymbols([...reserved, ...Object.keys(parameters), ...Object.keys(states)]));
  const formulas: Record<string, Expression> = integrate(spec, states, parameters, names, where);
  for (const [name, next] of Object.entries(formulas)) names.set(name, next);
  for (const [name, text] of Object.entries(update)) {
    if (!Object.hasOwn(states, name))
      throw new SpikevineError(`${where}: update of "${name}", which is not in states.`);
    formulas[name] = parseEquation(text, names, `${where}: update of ${name}`);
    names.set(name, formulas[name]);
  }
  formulas.weight = parseEquation(spec.weight, names, `${where}: weight`);
  const { name, summary = "", source = "" } = spec;
  const equations = [
    ...Object.entries(rates).map(([state, rate]) => `d${state}/dt = ${rate}`),
    ...[...Object.entries(update), ["weight", spec.weight]].map(([left, right]) => `${left} = ${right}`),
  ];
  const { offSynapses = {} } = spec;
  return makeRule({
    name,
    summary,
    source,
    equations,
    states,
    parameters,
    formulas,
    offSynapses,
    hasDefaultRate: Object.hasOwn(parameters, "learningRate"),
    extras: [],
  });
}

/** The states that have dynamics, after one update. */
function integrate(
  { dynamics }: OptimizerSpec,
  states: Readonly<Record<string, OptimizerState>>,
  parameters: Parameters,
  names: Names,
  where: string,
): Record<string, Expression> {
  if (dynamics === undefined) return {};
  const { rates, integrator, interval } = dynamics;
  const dt = parseEquation(interval, asSymbols(Object.keys(parameters)), `${where}: interval`);
  const isConstant = (e: Expression): boolean => freeSymbols([e]).every((name) => Object.hasOwn(parameters, name));
  const after: Record<string, Expression> = {};
  for (const [state, text] of Object.entries(rates)) {
    const at = `${where}: d${state}/dt`;
    if (!Object.hasOwn(states, state)) throw new SpikevineError(`${at}: "${state}" is not in states.`);
    const rate = parseEquation(text, names, at);
    after[state] = integrator.step({ rate, variable: symbol(state), dt, isConstant, where: at });
  }
  return after;
}

/**
 * The optimizer with its gradient replaced by an equation in `gradient`, `weight`, `factor` and `extras`: weight decay, a
 * clipping scale, a local factor. The host passes the extras' values with every update (`CompiledOptimizer.uniforms`).
 *
 *     chainGradient(sgd(), "scale * gradient + decay * weight", ["scale", "decay"])
 *
 * A later transform acts first: its equation replaces `gradient` in the earlier one.
 * @throws SpikevineError for other names in the equation, or an extra whose name the optimizer already uses.
 */
export function chainGradient(
  rule: OptimizerDefinition,
  gradient: string,
  extras: readonly string[] = [],
): OptimizerDefinition {
  checkCompose([rule, gradient, extras]);
  const where = `plasticity/${rule.name}: gradient`;
  const taken = [...SYNAPSE, "k", ...Object.keys(rule.parameters), ...Object.keys(rule.states), ...rule.extras];
  for (const name of extras) checkName(name, where, taken);
  const expression = parseEquation(gradient, asSymbols([...SYNAPSE, ...extras]), where);
  const replacement = new Map<Expression, Expression>([[symbol("gradient"), expression]]);
  return makeRule({
    ...rule,
    equations: [`gradient = ${gradient}`, ...rule.equations],
    formulas: mapFormulas(rule.formulas, (e) => substitute(e, replacement)),
    extras: [...rule.extras, ...extras],
  });
}

/**
 * The optimizer for weights that are measured in units of `scale`: it receives weight / scale and the gradient with respect
 * to that, and the resulting weight is multiplied by `scale` again. A step of sgd becomes scale^2 times as large, that of
 * an optimizer that divides by the size of the gradient `scale` times. Exact where `scale` is a power of 2.
 */
export function inUnitsOf(scale: number, rule: OptimizerDefinition): OptimizerDefinition {
  const unit = constant(scale);
  const replacement = new Map<Expression, Expression>([
    [symbol("weight"), multiply(symbol("weight"), constant(1 / scale))],
    [symbol("gradient"), multiply(symbol("gradient"), unit)],
  ]);
  const { weight, ...states } = mapFormulas(rule.formulas, (e) => substitute(e, replacement));
  return makeRule({ ...rule, formulas: { ...states, weight: multiply(weight!, unit) } });
}

type RuleData = Omit<OptimizerDefinition, "with" | "compile" | "describe">;

function makeRule(data: RuleData): OptimizerDefinition {
  return {
    ...data,
    with: (values) =>
      makeRule({
        ...data,
        parameters: withValues(data.parameters, values, `plasticity/${data.name}`),
        hasDefaultRate: data.hasDefaultRate && values.learningRate === undefined,
      }),
    compile: () => compileOptimizer(data),
    describe: () => describe(data),
  };
}

function describe(rule: RuleData): string {
  const states = Object.entries(rule.states).map(
    ([name, { initial, summary }]) => `- \`${name}\` (from ${initial}): ${summary}`,
  );
  return [
    `### ${rule.name}`,
    rule.summary,
    ["```", ...rule.equations, "```"].join("\n"),
    states.join("\n"),
    describeParameters(rule.parameters),
    rule.source === "" ? "" : `Source: ${rule.source}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
