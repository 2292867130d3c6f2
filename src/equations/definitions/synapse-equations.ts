import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Calculus } from "../integrators/index.js";
import { type NameDimensions, requireUnit } from "../language/check-units.js";
import { type Expression, type Formulas, type NamedSymbol, symbol } from "../language/expression.js";
import { asSymbols, type Names, resolve } from "../language/parse.js";
import { DIMENSIONLESS, type Dimension, divideDimensions, quantity } from "../language/units.js";
import { readInitial, unitNamed } from "./neuron-equations.js";
import { INDEX, T, TIME } from "./neuron-scope.js";
import { type NeuronSides, neuronDimension, neuronNames, neuronVariable, type Side } from "./neuron-variables.js";
import { checkFunctions, parseWith, readFunctions } from "./own-functions.js";
import { checkName, type Parameters } from "./parameters.js";
import { refuseSharedChange, requireSharedEquation } from "./shared-variables.js";
import type { Changes, DerivedSpec, PathwaySpec, SynapseSpec } from "./synapse-spec.js";
import { NOISE_UNIT, noiseNames } from "./white-noise.js";

/** Changes at the spikes of one side, over the values before them. */
export interface PathwayEquations {
  readonly name: string;
  readonly side: Side;
  /** In ms; undefined if the projection decides. */
  readonly delay: number | undefined;
  /** New values of states, of `weight`, and of neurons' states such as `g_post`. */
  readonly changes: Formulas;
}

/** A synapse's equations in the algebra, units checked; parameters and neurons' variables are still symbols. */
export interface SynapseEquations {
  readonly states: readonly string[];
  /** Over parameters. */
  readonly initial: Formulas;
  /** Rates of states and `weight`, over `weight`, states, `signal` and `noise`. */
  readonly rates: Formulas;
  /** Names of the white noises of the rates. */
  readonly noise: readonly string[];
  readonly calculus: Calculus;
  /** In the order in which they act. */
  readonly pathways: readonly PathwayEquations[];
  readonly derived: Formulas;
  /** Terms that are added up, by the neuron's variable, e.g. `gap_post`. */
  readonly summed: Formulas;
}

const J = symbol("j__index");

/** Symbols of the numbers of synapses of the same projection that end at the postsynaptic neuron or begin at the presynaptic one. */
export const COUNTS = { N_incoming: "n__incoming", N_outgoing: "n__outgoing" } as const;

/**
 * Names that every synapse has: the time, the length of a step, the indices of its neurons, and the numbers of their
 * synapses.
 */
const GIVEN: ReadonlyMap<string, { readonly meaning: NamedSymbol; readonly unit: Dimension }> = new Map([
  ["t", { meaning: T, unit: TIME }],
  ["dt", { meaning: symbol("dt"), unit: TIME }],
  ["i", { meaning: INDEX, unit: DIMENSIONLESS }],
  ["j", { meaning: J, unit: DIMENSIONLESS }],
  ...Object.entries(COUNTS).map(([name, count]) => [name, { meaning: symbol(count), unit: DIMENSIONLESS }] as const),
]);

/** Symbols of the time, and of the indices on either side. */
export const TIME_AND_INDICES = { time: T.name, pre: INDEX.name, post: J.name } as const;

/** The equation, the names that it may use and their units, and the unit of its value; without the latter it may have any. */
interface Reading {
  readonly names: Names;
  readonly units: NameDimensions;
  readonly unit: Dimension | undefined;
  readonly at: string;
}

/** The derived quantities of a synapse, those that are only an equation included. */
export const derivedOf = ({ derived = {} }: SynapseSpec): Record<string, DerivedSpec> =>
  Object.fromEntries(
    Object.entries(derived).map(([name, given]) => [name, typeof given === "string" ? { equation: given } : given]),
  );

/**
 * Reads and checks the equations of a synapse.
 * @param sides The neurons that it connects. Without them, equations with neurons' variables are not checked for units.
 * @throws SpikevineError naming the synapse, the equation and the term or name that is wrong.
 */
export function readSynapseEquations(
  spec: SynapseSpec,
  parameters: Parameters,
  where: string,
  sides?: NeuronSides,
): SynapseEquations {
  const parameterNames = Object.keys(parameters);
  const specs = spec.states ?? {};
  const states = Object.keys(specs);
  const derivedSpecs = Object.entries(derivedOf(spec));
  const taken = ["weight", "signal", ...parameterNames];
  for (const name of [...states, ...derivedSpecs.map(([derived]) => derived)]) {
    checkName(name, where, taken);
    taken.push(name);
  }
  const signal = spec.signal?.symbol;
  if (signal !== undefined && signal !== "signal") checkName(signal, where, taken);

  const parameterUnits = Object.entries(parameters).map(([p, { dimension }]): [string, Dimension] => [p, dimension]);
  const units = new Map<string, Dimension>([
    ...parameterUnits,
    ...states.map((s): [string, Dimension] => [s, unitNamed(specs[s]!.unit, `${where}: state "${s}"`)]),
    ["weight", unitNamed(spec.weight?.unit, `${where}: weight`)],
  ]);
  const names = new Map(asSymbols([...parameterNames, ...states, "weight"]));
  // A name of the definition goes before these.
  for (const [name, { meaning, unit }] of GIVEN) {
    if (taken.includes(name) || name === signal) continue;
    names.set(name, meaning);
    units.set(name, unit);
  }
  const functions = readFunctions(spec.functions ?? {}, where);
  const read = (text: string, { names, units, unit, at }: Reading): Expression => {
    const syntax = parseWith(functions, text, at);
    const ofNeurons = neuronNames(syntax, names);
    const expression = resolve(syntax, new Map([...names, ...asSymbols(ofNeurons)]), at);
    if (unit === undefined || (sides === undefined && neuronNames(syntax, units).length > 0)) return expression;
    const dimensions = ofNeurons.map((n): [string, Dimension] => [n, neuronDimension(n, "reads", sides!, at)]);
    requireUnit(syntax, unit, new Map([...units, ...dimensions]), at);
    return expression;
  };

  const derived: Record<string, Expression> = {};
  for (const [name, { equation, unit }] of derivedSpecs) {
    units.set(name, unitNamed(unit, `${where}: ${name}`));
    derived[name] = read(equation, { names, units, unit: units.get(name)!, at: `${where}: in ${name}` });
    names.set(name, derived[name]);
  }
  const changing = [...states, "weight"];
  const requireState = (name: string, field: string): void => {
    if (!changing.includes(name)) throw unknownName(`state in ${field} of ${where}`, name, changing);
  };

  const rateNames = new Map(names);
  const rateUnits = new Map(units);
  if (signal !== undefined) {
    rateNames.set(signal, symbol("signal"));
    rateUnits.set(signal, unitNamed(spec.signal?.unit, `${where}: signal`));
  }
  const rates: Record<string, Expression> = {};
  const noise = new Set<string>();
  for (const [name, text] of Object.entries(spec.dynamics ?? {})) {
    requireState(name, "dynamics");
    for (const xi of noiseNames(parseWith(functions, text, `${where}: in d${name}/dt`), names)) {
      noise.add(xi);
      rateNames.set(xi, symbol(xi));
      rateUnits.set(xi, NOISE_UNIT);
    }
    const unit = divideDimensions(units.get(name)!, TIME);
    const at = `${where}: in d${name}/dt`;
    rates[name] = read(text, { names: rateNames, units: rateUnits, unit, at });
    if (specs[name]?.shared === true) requireSharedEquation(rates[name], name, { states: specs, parameters }, at);
  }
  /** The unit of a variable on the left of a statement; undefined for a neuron's while the neuron is unknown. */
  const written = (name: string, field: string): Dimension | undefined => {
    if (names.has(name) || neuronVariable(name) === undefined) {
      requireState(name, field);
      return units.get(name)!;
    }
    return sides && neuronDimension(name, "writes", sides, `${where}: ${field}`);
  };
  const readChanges = (changes: Changes, field: string): Formulas => {
    const newest = new Map(names);
    const writtenUnits = new Map(units);
    const after: Record<string, Expression> = {};
    for (const [name, text] of Object.entries(changes)) {
      const unit = written(name, field);
      refuseSharedChange(name, { states: specs }, field, where);
      after[name] = read(text, { names: newest, units: writtenUnits, unit, at: `${where}: in ${field} of ${name}` });
      newest.set(name, after[name]);
      if (unit !== undefined) writtenUnits.set(name, unit);
    }
    return after;
  };
  const pathways = pathwaysOf(spec, where).map(({ name, side, delay, changes, field }) => {
    return { name, side, delay, changes: readChanges(changes, field) };
  });
  const summed: Record<string, Expression> = {};
  for (const [name, text] of Object.entries(spec.summed ?? {})) {
    const at = `${where}: in summed ${name}`;
    if (names.has(name) || neuronVariable(name) === undefined) {
      throw new SpikevineError(
        `${where}: summed has "${name}"; name a variable of the neuron, with the ending _post or _pre.`,
      );
    }
    const unit = sides && neuronDimension(name, "adds up into", sides, at);
    summed[name] = read(text, { names, units, unit, at });
  }
  const initial: Record<string, Expression> = {};
  for (const state of states) {
    const at = `${where}: initial value of ${state}`;
    initial[state] = readInitial(specs[state]!, units.get(state)!, parameters, parameterUnits, at);
    if (specs[state]!.shared === true) {
      requireSharedEquation(initial[state], state, { states: specs, parameters }, at);
    }
  }
  checkFunctions(functions, [...rateNames.keys()], () => rateUnits, where);
  const { calculus = "stratonovich" } = spec;
  return { states, initial, rates, noise: [...noise], calculus, pathways, derived, summed };
}

/** The pathways of both sides in the order in which they act; `field` names their changes in errors. */
function pathwaysOf(spec: SynapseSpec, where: string) {
  const list = (["pre", "post"] as const).flatMap((side) => {
    const field = side === "pre" ? "onPre" : "onPost";
    const given = spec[field] ?? {};
    const pathways: readonly PathwaySpec[] = isList(given) ? given : [{ name: side, changes: given }];
    return pathways.map(({ name, delay, changes }) => ({
      name,
      side,
      delay: delay === undefined ? undefined : readDelay(delay, `${where}: delay of pathway "${name}"`),
      changes,
      field: isList(given) ? `${field} (${name})` : field,
    }));
  });
  const twice = list.find(({ name }, k) => list.findIndex((other) => other.name === name) < k);
  if (twice === undefined) return list;
  throw new SpikevineError(`${where}: two pathways have the name "${twice.name}"; give every pathway its own.`);
}

const isList = (given: Changes | readonly PathwaySpec[]): given is readonly PathwaySpec[] => Array.isArray(given);

function readDelay(given: number | string, where: string): number {
  const delay = typeof given === "number" ? given : quantity(where, given, "ms");
  if (delay >= 0 && Number.isFinite(delay)) return delay;
  throw new SpikevineError(`${where} is ${given}; give a time of at least 0 ms.`);
}
