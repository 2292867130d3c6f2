import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Syntax } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension } from "../language/units.js";

/** The neuron before a synapse, or the one behind it. */
export type Side = "pre" | "post";

/** The variables of the neuron on one side of a synapse. */
export interface NeuronSide {
  /** Named in errors, e.g. `population "cells" (neurons/lif)`. */
  readonly of: string;
  readonly states: ReadonlyMap<string, Dimension>;
  readonly parameters: ReadonlyMap<string, Dimension>;
  /** The input currents. */
  readonly inputs: ReadonlyMap<string, Dimension>;
  /** The subexpressions. */
  readonly derived: ReadonlyMap<string, Dimension>;
}

/** The neurons that a synapse connects. */
export type NeuronSides = Readonly<Record<Side, NeuronSide>>;

/** Reads `v_post` as the variable `v` of the postsynaptic neuron; undefined for any other name. */
export function neuronVariable(name: string): { readonly variable: string; readonly side: Side } | undefined {
  const found = /^(.+)_(pre|post)$/.exec(name);
  return found === null ? undefined : { variable: found[1]!, side: found[2] as Side };
}

/** Names of neurons' variables in an equation: those with the ending `_pre` or `_post` that the synapse itself does not have. */
export function neuronNames(syntax: Syntax, own: { has(name: string): boolean }): string[] {
  if (syntax.kind === "name") return !own.has(syntax.name) && neuronVariable(syntax.name) ? [syntax.name] : [];
  return syntax.kind === "call" ? syntax.operands.flatMap((operand) => neuronNames(operand, own)) : [];
}

/** The number of the neurons that are connected, unless the neuron has a variable of this name: `N_pre`, `N_post`. */
export const SIZE_OF_SIDE = "N";

/** What an equation does with a neuron's variable. */
type Use = "reads" | "writes" | "adds up into";

/**
 * The unit of a neuron's variable, e.g. of `v_post`.
 * @throws SpikevineError if the neuron does not have it, or has it in a form that does not permit the use.
 */
export function neuronDimension(name: string, use: Use, sides: NeuronSides, where: string): Dimension {
  const { variable, side } = neuronVariable(name)!;
  const { of, states, parameters, inputs, derived } = sides[side];
  const state = states.get(variable);
  const parameter = parameters.get(variable);
  if (use === "adds up into") {
    const input = inputs.get(variable);
    if (input !== undefined) return input;
    if (parameter !== undefined) return parameter;
    if (state === undefined)
      throw unknownName(`variable in ${where} of ${of}`, variable, [...inputs.keys(), ...parameters.keys()]);
    const orInput = inputs.size === 0 ? "" : ` or adds to the input ${[...inputs.keys()].join(" or ")}`;
    throw new SpikevineError(
      `${where}: "${name}" is a state of ${of}; a sum replaces a parameter${orInput}, so declare a parameter and read it in the equations there.`,
    );
  }
  if (use === "reads" && parameter !== undefined) return parameter;
  if (state !== undefined) return state;
  if (use === "reads" && derived.has(variable)) return derived.get(variable)!;
  if (use === "reads" && variable === SIZE_OF_SIDE) return DIMENSIONLESS;
  const known = use === "reads" ? [...states.keys(), ...parameters.keys(), ...derived.keys()] : [...states.keys()];
  throw unknownName(
    `variable "${name}" in ${where}: ${use === "writes" ? "state" : "variable"} of ${of}`,
    variable,
    known,
  );
}
