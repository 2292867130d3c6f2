import { SpikevineError, unknownName } from "../errors.js";
import { constant } from "./expression.js";
import { exponentialEuler } from "./integrators/index.js";
import type { NeuronKernel } from "./kernels.js";
import { type NeuronEquations, readNeuronEquations } from "./neuron-equations.js";
import { makeNeuronKernel } from "./neuron-kernel.js";
import type { NeuronSpec, StateSpec } from "./neuron-spec.js";
import { describeParameters, type Parameters, type ParameterValues, readParameters, withValues } from "./parameters.js";
import type { SurrogateDefinition } from "./surrogate.js";
import { quantity } from "./units.js";

export type { NeuronSpec, StateSpec } from "./neuron-spec.js";

export interface KernelOptions {
  /** Length of a step: text with a unit, or a number of ms. */
  readonly dt: number | string;
  /** Fires by the surrogate's smooth primitive, so that finite differences can check the adjoint. Default: false. */
  readonly smooth?: boolean;
  /**
   * Parameters that are trained. `adjointNeeds` lists what their derivatives and those of input, states and output
   * need; fewer names may mean less to store. Default: all.
   */
  readonly trained?: readonly string[];
}

export interface NeuronDefinition {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly output: "spikes" | "values";
  readonly states: Readonly<Record<string, StateSpec>>;
  /** Values and ranges in internal units (ms, mV, pA). */
  readonly parameters: Parameters;
  readonly surrogate: SurrogateDefinition | undefined;
  /**
   * A copy with other parameter values or another surrogate.
   * @throws SpikevineError for an unknown parameter, a wrong unit, or a value outside its range.
   */
  with(changes: { readonly parameters?: ParameterValues; readonly surrogate?: SurrogateDefinition }): NeuronDefinition;
  /** @throws SpikevineError if `dt` is not a time above 0, or an unknown parameter is to be trained. */
  kernel(options: KernelOptions): NeuronKernel;
  /** Markdown: equations, parameters with units, source. */
  describe(): string;
}

/**
 * Checks a neuron's equations and units and makes it a definition.
 * @throws SpikevineError naming `neurons/<name>`, the equation and what is wrong: unknown names (with the nearest known
 * one), units that do not fit, values outside their range, reserved names, missing or contradictory equations.
 */
export function defineNeuron(spec: NeuronSpec): NeuronDefinition {
  const where = `neurons/${spec.name}`;
  const parameters = readParameters(spec.parameters ?? {}, where, [spec.input?.symbol ?? "I"]);
  const equations = readNeuronEquations(spec, parameters, where);
  const definition = makeNeuron(spec, equations, parameters, spec.surrogate);
  // An integrator that cannot take an equation says so now, not when a network is built.
  definition.kernel({ dt: 1 });
  return definition;
}

function makeNeuron(
  spec: NeuronSpec,
  equations: NeuronEquations,
  parameters: Parameters,
  surrogate: SurrogateDefinition | undefined,
): NeuronDefinition {
  const { name, summary, source, integrator = exponentialEuler } = spec;
  const where = `neurons/${name}`;
  return {
    name,
    summary,
    source,
    output: equations.output.kind,
    states: spec.states ?? {},
    parameters,
    surrogate,
    with: (changes) =>
      makeNeuron(
        spec,
        equations,
        withValues(parameters, changes.parameters ?? {}, where),
        changes.surrogate ?? surrogate,
      ),
    kernel({ dt, smooth = false, trained = Object.keys(parameters) }) {
      const step = typeof dt === "number" ? dt : quantity(`${where}: dt`, dt, "ms");
      if (!(step > 0 && Number.isFinite(step))) {
        throw new SpikevineError(`${where}: dt is ${dt}; give a time above 0 ms.`);
      }
      const unknown = trained.find((p) => !Object.hasOwn(parameters, p));
      if (unknown !== undefined) throw unknownName(`parameter of ${where}`, unknown, Object.keys(parameters));
      return makeNeuronKernel(
        { name, equations, parameters: Object.keys(parameters), integrator, surrogate, where },
        { dt: constant(step), smooth, trained },
      );
    },
    describe: () => describe(spec, parameters, surrogate),
  };
}

function describe(spec: NeuronSpec, parameters: Parameters, surrogate: SurrogateDefinition | undefined): string {
  const input = spec.input?.symbol ?? "I";
  const equations = [
    ...Object.entries(spec.update ?? {}).map(([state, text]) => `${state} = ${text}`),
    ...Object.entries(spec.dynamics ?? {}).map(([state, text]) => `d${state}/dt = ${text}`),
    spec.spike === undefined ? `y = ${spec.output}` : `y = 1 where ${spec.spike} > 0, else 0`,
    ...Object.entries(spec.reset ?? {}).map(([state, text]) => `after the step: ${state} = ${text}`),
  ];
  const states = Object.entries(spec.states ?? {}).map(
    ([state, { unit, initial = 0, summary }]) =>
      `- \`${state}\` (${unit === undefined ? "" : `in ${unit}, `}from ${initial}): ${summary}`,
  );
  const { integrator = exponentialEuler } = spec;
  return [
    `### ${spec.name}`,
    spec.summary,
    ["```", ...equations, "```"].join("\n"),
    [
      ...states,
      `- \`${input}\` (${spec.input?.unit === undefined ? "no unit" : `in ${spec.input.unit}`}): input current`,
    ].join("\n"),
    spec.dynamics === undefined ? "" : `Integrator: ${integrator.name}, ${integrator.summary}.`,
    surrogate === undefined ? "" : `Surrogate: ${surrogate.name}.`,
    describeParameters(parameters),
    `Source: ${spec.source}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
