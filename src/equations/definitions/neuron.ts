import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import { instabilities } from "../analysis/stability.js";
import {
  eulerMaruyama,
  exponentialEuler,
  isAdditive,
  milstein,
  needsNumbers,
  readScheme,
  type Scheme,
} from "../integrators/index.js";
import { makeNeighborKernel } from "../kernels/neighbor-kernel.js";
import { makeNeuronKernel } from "../kernels/neuron-kernel.js";
import { constant, symbol } from "../language/expression.js";
import { stepAtStart, timeConstants, withNumbers } from "../language/numbers.js";
import { describeDimension, isDimensionless, quantity } from "../language/units.js";
import { definition as definitionKind, definitionName } from "./argument-kinds.js";
import { describeNeuron } from "./describe-neuron.js";
import { checkChanges, checkKernel, checkSpec } from "./neuron-arguments.js";
import type { KernelOptions, NeuronDefinition } from "./neuron-definition.js";
import { type NeuronEquations, readNeuronEquations, simulatedOnly } from "./neuron-equations.js";
import type { InputSpec, NeuronSpec } from "./neuron-spec.js";
import { withTables } from "./own-functions.js";
import { type Parameters, readParameters, valuesOf, withValues } from "./parameters.js";
import { checkPeriod, REFRACTORY_LEFT, REFRACTORY_STATE } from "./refractory.js";
import { requireSharedEquation } from "./shared-variables.js";
import type { SurrogateDefinition } from "./surrogate.js";

export type { KernelOptions, NeuronChanges, NeuronDefinition, StabilityOptions } from "./neuron-definition.js";
export type { NeuronSpec } from "./neuron-spec.js";
export type { StateSpec, SubexpressionSpec } from "./state-spec.js";

/** A neuron as an argument. */
export const NEURON = definitionKind("a neuron, e.g. snu()", ["with", "kernel", "timeConstants"]);

/**
 * Defines a neuron. Its equations and units are checked.
 * @throws SpikevineError naming `neurons/<name>`, the equation and
 * the fault: unknown names (with the nearest known
 * one), units that do not fit, values outside their range, reserved names, missing or contradictory equations.
 */
export function defineNeuron(spec: NeuronSpec): NeuronDefinition {
  checkSpec([spec], definitionName("neurons", spec));
  const where = `neurons/${spec.name}`;
  const parameters = readParameters(spec.parameters ?? {}, where, [spec.input?.symbol ?? "I"]);
  const equations = readNeuronEquations(spec, parameters, where);
  const definition = makeNeuron(spec, equations, parameters, spec.surrogate, defaultIntegrator(equations));
  // An integrator that does not support an equation is refused here, not when a network is built.
  definition.kernel({ dt: 1 });
  return definition;
}

function makeNeuron(
  spec: NeuronSpec,
  equations: NeuronEquations,
  parameters: Parameters,
  surrogate: SurrogateDefinition | undefined,
  present: Scheme,
): NeuronDefinition {
  const { name, summary = "", source = "" } = spec;
  const where = `neurons/${name}`;
  checkPeriod(equations.period, valuesOf(parameters), where);
  const moving = Object.keys(spec.dynamics ?? {});
  const integrator = spec.integrator === undefined ? present : readScheme(spec.integrator, moving, present, where);
  const readKernel = (given: KernelOptions) => {
    checkKernel([given], where);
    const { dt } = given;
    const numbers = needsNumbers(integrator) || given.numbers === true;
    const { trained = numbers ? [] : Object.keys(parameters), varied = [] } = given;
    const step = typeof dt === "number" ? dt : quantity(`${where}: dt`, dt, "ms");
    if (!(step > 0 && Number.isFinite(step))) {
      throw new SpikevineError(`${where}: dt is ${dt}; give a time above 0 ms.`);
    }
    const unknown = trained.find((p) => !Object.hasOwn(parameters, p));
    if (unknown !== undefined) throw unknownName(`parameter of ${where}`, unknown, Object.keys(parameters));
    if (numbers && trained.length > 0) {
      throw new SpikevineError(
        `${where}: "${trained[0]}" cannot be trained if the kernel contains its value; train no parameter${needsNumbers(integrator) ? `, or use another integrator than ${integrator.name}` : ""}.`,
      );
    }
    const fixed = Object.fromEntries(Object.entries(valuesOf(parameters)).filter(([p]) => !varied.includes(p)));
    const source = numbers
      ? { equations: withNumbers(equations, fixed), parameters: varied }
      : { equations, parameters: Object.keys(parameters) };
    return { kernelSource: { name, ...source, integrator, surrogate, where }, dt: constant(step), trained };
  };
  const definition: NeuronDefinition = {
    name,
    summary,
    source,
    output: equations.output.kind,
    input: { symbol: "I", ...spec.input },
    events: equations.events.map((event) => event.name),
    derived: Object.fromEntries(
      Object.entries(equations.derived).map(([d, { unit }]) => [
        d,
        isDimensionless(unit) ? {} : { unit: describeDimension(unit) },
      ]),
    ),
    inputs: { [spec.input?.symbol ?? "I"]: unitOnly(spec.input), ...spec.inputs },
    integrator,
    get schemes() {
      return definition.kernel({ dt: 1, numbers: true }).schemes;
    },
    states: { ...spec.states, ...(spec.refractory === undefined ? {} : { [REFRACTORY_LEFT]: REFRACTORY_STATE }) },
    parameters,
    surrogate,
    get simulatedOnly() {
      const { loops } = definition.kernel({ dt: 1, numbers: true });
      return simulatedOnly(equations) ?? (loops && `the integrator ${integrator.name}`);
    },
    spec,
    with(changes) {
      checkChanges([changes], where);
      const values = withValues(parameters, changes.parameters ?? {}, where);
      const { refractory, functions } = changes;
      const changed = {
        ...spec,
        integrator: changes.integrator ?? integrator,
        ...(refractory === undefined ? {} : { refractory }),
        ...(functions === undefined ? {} : { functions: withTables(spec.functions ?? {}, functions, where) }),
      };
      const isSame = refractory === undefined && functions === undefined;
      const reread = isSame ? equations : readNeuronEquations(changed, values, where);
      const definition = makeNeuron(changed, reread, values, changes.surrogate ?? surrogate, integrator);
      if (changes.integrator !== undefined) definition.kernel({ dt: 1 });
      return definition;
    },
    timeConstants: () => timeConstants(equations, parameters),
    instabilities: ({ dt, ...start }) => {
      const { rates, at } = stepAtStart(equations, parameters, start);
      const { noises: names, calculus } = equations;
      const noise = names.length === 0 ? {} : { noise: { names, calculus } };
      return instabilities({ rates, integrator, where, ...noise }, dt, at);
    },
    kernel(given) {
      const { kernelSource, dt, trained } = readKernel(given);
      const kernel = makeNeuronKernel(kernelSource, { dt, smooth: given.smooth ?? false, trained });
      for (const state of Object.keys(spec.states ?? {}).filter((s) => spec.states![s]!.shared === true)) {
        // A scheme whose sub-steps depend on other states would give every unit a value of its own.
        const at = `${where}: the scheme ${kernel.schemes[state] ?? ""} of ${state}`;
        requireSharedEquation(kernel.step[`now__${state}`]!, state, { states: spec.states!, parameters }, at);
      }
      return kernel;
    },
    neighborKernel(given, factor) {
      const { kernelSource, dt, trained } = readKernel(given);
      return makeNeighborKernel(kernelSource, { dt, trained }, factor);
    },
    describe: () => describeNeuron(spec, parameters, surrogate, definition),
  };
  return definition;
}

const unitOnly = ({ unit }: InputSpec = {}): InputSpec => (unit === undefined ? {} : { unit });

/** The scheme of a neuron whose specification has none. */
function defaultIntegrator(equations: NeuronEquations): Scheme {
  const { motion, noises, calculus, states } = equations;
  if (noises.length === 0) return exponentialEuler;
  const moving = states.filter((state) => motion[state]!.kind === "dynamics");
  const rates = new Map(moving.map((state) => [symbol(state), motion[state]!.expression]));
  return isAdditive(rates, { names: noises, calculus }) ? eulerMaruyama : milstein;
}
