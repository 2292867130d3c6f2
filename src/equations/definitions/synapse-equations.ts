import { unknownName } from "../../errors.js";
import { type NameDimensions, requireUnit } from "../language/check-units.js";
import { type Expression, type Formulas, symbol } from "../language/expression.js";
import { asSymbols, type Names, resolve } from "../language/parse.js";
import { parseSyntax } from "../language/syntax.js";
import { type Dimension, divideDimensions } from "../language/units.js";
import { readInitial, TIME, unitNamed } from "./neuron-equations.js";
import { checkName, type Parameters } from "./parameters.js";
import type { SynapseSpec } from "./synapse-spec.js";

/** A synapse's equations in the algebra, units checked; parameters are still symbols. */
export interface SynapseEquations {
  readonly states: readonly string[];
  /** Over parameters. */
  readonly initial: Formulas;
  /** Rates of states and `weight`, over `weight`, states, `signal`. */
  readonly rates: Formulas;
  /** Changes at a spike, over the values before it. */
  readonly onPre: Formulas;
  readonly onPost: Formulas;
  readonly derived: Formulas;
}

/**
 * Reads and checks the equations of a synapse.
 * @throws SpikevineError naming the synapse, the equation and the term or name that is wrong.
 */
export function readSynapseEquations(spec: SynapseSpec, parameters: Parameters, where: string): SynapseEquations {
  const parameterNames = Object.keys(parameters);
  const specs = spec.states ?? {};
  const states = Object.keys(specs);
  const derivedSpecs = Object.entries(spec.derived ?? {});
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
  const read = (text: string, scope: Names, scopeUnits: NameDimensions, unit: Dimension, at: string): Expression => {
    const syntax = parseSyntax(text, at);
    const expression = resolve(syntax, scope, at);
    requireUnit(syntax, unit, scopeUnits, at);
    return expression;
  };

  const derived: Record<string, Expression> = {};
  for (const [name, { equation, unit }] of derivedSpecs) {
    units.set(name, unitNamed(unit, `${where}: ${name}`));
    derived[name] = read(equation, names, units, units.get(name)!, `${where}: in ${name}`);
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
  for (const [name, text] of Object.entries(spec.dynamics ?? {})) {
    requireState(name, "dynamics");
    const unit = divideDimensions(units.get(name)!, TIME);
    rates[name] = read(text, rateNames, rateUnits, unit, `${where}: in d${name}/dt`);
  }
  const readEvent = (field: "onPre" | "onPost"): Formulas => {
    const newest = new Map(names);
    const after: Record<string, Expression> = {};
    for (const [name, text] of Object.entries(spec[field] ?? {})) {
      requireState(name, field);
      after[name] = read(text, newest, units, units.get(name)!, `${where}: in ${field} of ${name}`);
      newest.set(name, after[name]);
    }
    return after;
  };
  const initial: Record<string, Expression> = {};
  for (const state of states) {
    const at = `${where}: initial value of ${state}`;
    initial[state] = readInitial(specs[state]!, units.get(state)!, parameters, parameterUnits, at);
  }
  return { states, initial, rates, onPre: readEvent("onPre"), onPost: readEvent("onPost"), derived };
}
