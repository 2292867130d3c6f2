import {
  choice,
  either,
  fields,
  list,
  named,
  optional,
  quantity as quantityKind,
  signature,
  text,
} from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Instability } from "../analysis/stability.js";
import {
  exponentialEuler,
  forwardEuler,
  isAdditive,
  isScheme,
  milstein,
  needsNumbers,
  readScheme,
  type Scheme,
  type Schemes,
} from "../integrators/index.js";
import type { SynapseKernel } from "../kernels/kernels.js";
import { makeSynapseKernel, synapseInstabilities } from "../kernels/synapse-kernel.js";
import { symbol } from "../language/expression.js";
import { quantity } from "../language/units.js";
import {
  ABOUT,
  definition,
  definitionName,
  EQUATIONS,
  FUNCTIONS,
  PARAMETER_VALUES,
  PARAMETERS,
  SCHEME,
  SCHEMES,
  STATES,
  STEP,
  TABLES,
} from "./argument-kinds.js";
import { describeScheme } from "./describe-scheme.js";
import type { FunctionTable } from "./function-table.js";
import type { NeuronSides } from "./neuron-variables.js";
import { describeFunction, withTables } from "./own-functions.js";
import {
  describeParameters,
  type Parameters,
  type ParameterValues,
  readParameters,
  valuesOf,
  withValues,
} from "./parameters.js";
import type { StateSpec } from "./state-spec.js";
import { derivedOf, readSynapseEquations, type SynapseEquations } from "./synapse-equations.js";
import type { Changes, DerivedSpec, PathwaySpec, SynapseSpec } from "./synapse-spec.js";
import type { TimedArray } from "./timed-array.js";

export type { Changes, DerivedSpec, PathwaySpec, SynapseSpec } from "./synapse-spec.js";

export interface SynapseDefinition {
  readonly name: string;
  /** Empty if the specification has none, like `source`. */
  readonly summary: string;
  readonly source: string;
  /** The specification, as it was given. */
  readonly spec: SynapseSpec;
  /** Unit of the weight; empty for a plain number. */
  readonly weightUnit: string;
  readonly states: Readonly<Record<string, StateSpec>>;
  readonly derived: Readonly<Record<string, DerivedSpec>>;
  /** Equations that are added up, by the neuron's variable, e.g. `gap_post`. */
  readonly summed: Readonly<Record<string, string>>;
  /** External input of the synapse, if it has one. */
  readonly signal?: NonNullable<SynapseSpec["signal"]>;
  /** Values and ranges in internal units (ms, mV, pA). */
  readonly parameters: Parameters;
  readonly integrator: Scheme;
  /** Name of the scheme of every variable with a differential equation: with `automatic`, the one that it chose. */
  readonly schemes: Readonly<Record<string, string>>;
  /**
   * A copy with other parameter values, another scheme for its states, or other timed arrays and tables.
   * @throws SpikevineError for an unknown parameter or table, a wrong unit, a value outside its range, or a scheme that does not support
   * an equation.
   */
  with(changes: SynapseChanges): SynapseDefinition;
  /**
   * @throws SpikevineError if `dt` is not a time above 0, for an unknown parameter, or for a scheme that needs the value of
   * a parameter that differs between synapses.
   */
  kernel(options: SynapseKernelOptions): SynapseKernel;
  /**
   * Checks the equations with the neurons that the synapse connects.
   * @throws SpikevineError for a variable that a neuron does not have, and for a term whose unit does not fit.
   */
  checkNeurons(sides: NeuronSides): void;
  /**
   * Instabilities of the schemes with a step of `dt` (ms) at the synapse's initial state without a signal, certain limits
   * first. Empty if they are stable or have no limit.
   */
  instabilities(options: { readonly dt: number }): readonly Instability[];
  /** Markdown: equations, states, parameters with units, source. */
  describe(): string;
}

export interface SynapseKernelOptions {
  /** Length of a step, text with a unit or a number of ms. */
  readonly dt: number | string;
  /** Parameters that differ between synapses. Default: none. */
  readonly perSynapse?: readonly string[];
}

export interface SynapseChanges {
  readonly parameters?: ParameterValues;
  /** Of the states: one for all, or by state; states that are not named keep theirs. */
  readonly integrator?: Schemes;
  /** Replaces functions that are timed arrays or tables. */
  readonly functions?: Readonly<Record<string, TimedArray | FunctionTable>>;
}

/** A synapse as an argument. */
export const SYNAPSE = definition(
  "a synapse, e.g. stdp()",
  ["with", "kernel", "describe"],
  ["timeConstants", "output"],
);

const CHANGES = either(
  list(fields<PathwaySpec>({ name: text("a name"), delay: optional(quantityKind), changes: EQUATIONS }), 1),
  EQUATIONS,
);
const check = signature("plasticity", {
  spec: fields<SynapseSpec>(
    {
      ...ABOUT,
      weight: optional(
        fields<NonNullable<SynapseSpec["weight"]>>({
          unit: optional(text("a unit")),
          integrator: optional(SCHEME),
        }),
      ),
      signal: optional(
        fields<NonNullable<SynapseSpec["signal"]>>({
          symbol: text("a name"),
          unit: optional(text("a unit")),
          summary: text("a sentence"),
        }),
      ),
      states: optional(STATES),
      derived: optional(
        named(
          either(
            text("an equation"),
            fields<DerivedSpec>({
              equation: text("an equation"),
              unit: optional(text("a unit")),
              summary: optional(text("a sentence")),
            }),
          ),
        ),
      ),
      functions: optional(FUNCTIONS),
      parameters: optional(PARAMETERS),
      dynamics: optional(EQUATIONS),
      integrator: optional(SCHEMES),
      calculus: optional(choice(["ito", "stratonovich"])),
      onPre: optional(CHANGES),
      onPost: optional(CHANGES),
      summed: optional(EQUATIONS),
    },
    { root: "spec" },
  ),
});
const checkChanges = signature("plasticity", {
  changes: fields<SynapseChanges>(
    { parameters: optional(PARAMETER_VALUES), integrator: optional(SCHEMES), functions: optional(TABLES) },
    { root: "changes" },
  ),
});
const checkKernel = signature("plasticity", {
  options: fields<SynapseKernelOptions>({ dt: STEP, perSynapse: optional(list(text())) }, { root: "options" }),
});

/**
 * Defines a synapse. Its equations and units are checked.
 * @throws SpikevineError naming `plasticity/<name>`, the equation
 * and the fault: unknown names (with the nearest
 * known one), units that do not fit, values outside their range, reserved names, a scheme that does not support an equation.
 */
export function defineSynapse(spec: SynapseSpec): SynapseDefinition {
  check([spec], definitionName("plasticity", spec));
  const where = `plasticity/${spec.name}`;
  const parameters = readParameters(spec.parameters ?? {}, where, ["weight", "signal"]);
  const equations = readSynapseEquations(spec, parameters, where);
  const present = defaultScheme(equations, (name) => name !== "weight", exponentialEuler);
  return makeSynapse(spec, equations, parameters, spec.integrator ?? present, present);
}

function makeSynapse(
  spec: SynapseSpec,
  equations: SynapseEquations,
  parameters: Parameters,
  wanted: Schemes,
  present: Scheme,
): SynapseDefinition {
  const { name, summary = "", source = "" } = spec;
  const where = `plasticity/${name}`;
  const moving = Object.keys(spec.dynamics ?? {}).filter((variable) => variable !== "weight");
  if (!isScheme(wanted) && Object.hasOwn(wanted, "weight")) {
    throw new SpikevineError(`${where}: integrator has "weight"; give its scheme as weight: { integrator }.`);
  }
  const integrator = readScheme(wanted, moving, present, where);
  const weightIntegrator =
    spec.weight?.integrator ?? defaultScheme(equations, (variable) => variable === "weight", forwardEuler);
  const kernelSource = { name, equations, integrator, weightIntegrator, where };
  // An integrator that does not support an equation is refused here, not when a simulation is built.
  const { schemes } = makeSynapseKernel({ ...kernelSource, parameters: valuesOf(parameters) }, 1);
  return {
    name,
    summary,
    source,
    spec,
    weightUnit: spec.weight?.unit ?? "",
    states: spec.states ?? {},
    derived: derivedOf(spec),
    summed: spec.summed ?? {},
    ...(spec.signal === undefined ? {} : { signal: spec.signal }),
    parameters,
    integrator,
    schemes,
    with(changes) {
      checkChanges([changes], where);
      const values = withValues(parameters, changes.parameters ?? {}, where);
      const wanted = changes.integrator ?? integrator;
      if (changes.functions === undefined) return makeSynapse(spec, equations, values, wanted, integrator);
      const changed = { ...spec, functions: withTables(spec.functions ?? {}, changes.functions, where) };
      return makeSynapse(changed, readSynapseEquations(changed, values, where), values, wanted, integrator);
    },
    kernel(options) {
      checkKernel([options], where);
      const { dt, perSynapse = [] } = options;
      const step = typeof dt === "number" ? dt : quantity(`${where}: dt`, dt, "ms");
      if (!(step > 0 && Number.isFinite(step))) {
        throw new SpikevineError(`${where}: dt is ${dt}; give a time above 0 ms.`);
      }
      for (const given of perSynapse) {
        if (!Object.hasOwn(parameters, given)) {
          throw unknownName(`parameter of ${where}`, given, Object.keys(parameters));
        }
      }
      if (perSynapse.length > 0 && [integrator, weightIntegrator].some(needsNumbers)) {
        throw new SpikevineError(
          `${where}: "${perSynapse[0]}" differs between synapses, and ${[integrator, weightIntegrator].find(needsNumbers)!.name} needs one value for all; use the integrator exponentialEuler or rk4.`,
        );
      }
      return makeSynapseKernel({ ...kernelSource, parameters: valuesOf(parameters) }, step, perSynapse);
    },
    checkNeurons(sides) {
      readSynapseEquations(spec, parameters, where, sides);
    },
    instabilities: ({ dt }) => synapseInstabilities({ ...kernelSource, parameters: valuesOf(parameters) }, dt),
    describe: () => describe(spec, parameters, integrator, schemes),
  };
}

/** The scheme of variables whose specification has none: Milstein for multiplicative noise, else `usual`. */
function defaultScheme(
  { rates, noise, calculus }: SynapseEquations,
  isOwn: (name: string) => boolean,
  usual: Scheme,
): Scheme {
  const own = new Map(Object.entries(rates).flatMap(([name, rate]) => (isOwn(name) ? [[symbol(name), rate]] : [])));
  return isAdditive(own, { names: noise, calculus }) ? usual : milstein;
}

function describe(
  spec: SynapseSpec,
  parameters: Parameters,
  integrator: Scheme,
  schemes: SynapseDefinition["schemes"],
): string {
  const events = (field: "onPre" | "onPost", when: string): string[] => {
    const given = spec[field] ?? {};
    const lines = (changes: Changes, name: string): string[] =>
      Object.entries(changes).map(([state, text]) => `at a ${when} spike${name}: ${state} = ${text}`);
    if (!Array.isArray(given)) return lines(given as Changes, "");
    return (given as readonly PathwaySpec[]).flatMap(({ name, changes }) => lines(changes, ` (${name})`));
  };
  const equations = [
    ...Object.entries(spec.functions ?? {}).map(([head, given]) => describeFunction(head, given)),
    ...Object.entries(derivedOf(spec)).map(([name, { equation }]) => `${name} = ${equation}`),
    ...Object.entries(spec.dynamics ?? {}).map(([state, text]) => `d${state}/dt = ${text}`),
    ...events("onPre", "presynaptic"),
    ...events("onPost", "postsynaptic"),
    ...Object.entries(spec.summed ?? {}).map(([name, text]) => `${name} = sum over synapses of ${text}`),
  ];
  const states = Object.entries(spec.states ?? {}).map(
    ([state, { unit, initial = 0, summary }]) =>
      `- \`${state}\` (${unit === undefined ? "" : `in ${unit}, `}from ${initial})${summary === undefined ? "" : `: ${summary}`}`,
  );
  const { signal } = spec;
  return [
    `### ${spec.name}`,
    spec.summary ?? "",
    ["```", ...equations, "```"].join("\n"),
    [...states, ...(signal === undefined ? [] : [`- \`${signal.symbol}\` (signal): ${signal.summary}`])].join("\n"),
    spec.dynamics === undefined ? "" : describeScheme(integrator, schemes),
    describeParameters(parameters),
    spec.source === undefined ? "" : `Source: ${spec.source}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
