import type { NeuronKernel } from "../../../../equations/kernels/kernels.js";
import {
  constant,
  type Expression,
  type Formulas,
  freeSymbols,
  schedule,
  substitute,
  symbol,
} from "../../../../equations/language/expression.js";
import { formalSubstitute } from "../../../../equations/language/formal.js";
import type { ParameterBinding } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter, type Symbols } from "./formulas.js";
import { eachGroup, type KernelContext } from "./kernel-context.js";
import { SINGLE } from "./lanes.js";

/** A neuron's formulas with number parameters substituted. */
export interface BoundNeuron {
  readonly initial: Formulas;
  readonly step: Formulas;
  readonly carry: Formulas;
  readonly adjoint: Formulas;
  readonly initialAdjoint: Formulas;
  /** Parameters that are tensors. */
  readonly trained: Readonly<Record<string, string>>;
}

export function bindNeuron(neuron: NeuronKernel, parameters: Readonly<Record<string, ParameterBinding>>): BoundNeuron {
  const numbers = numbersOf(neuron, parameters);
  const trained = Object.fromEntries(
    neuron.parameters.flatMap((name) => {
      const binding = parameters[name]!;
      return typeof binding === "number" ? [] : [[name, binding.tensor]];
    }),
  );
  const bind = (formulas: Formulas): Formulas => replace(formulas, numbers);
  const bindFormally = (formulas: Formulas): Formulas =>
    Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, formalSubstitute(e, numbers)]));
  return {
    initial: bind(neuron.initial),
    step: bind(neuron.step),
    carry: bind(neuron.carry),
    adjoint: bindFormally(neuron.adjoint),
    initialAdjoint: bindFormally(neuron.initialAdjoint),
    trained,
  };
}

/** A set of formulas with number parameters substituted. */
export const bindFormulas = (
  formulas: Formulas,
  neuron: Pick<NeuronKernel, "parameters">,
  parameters: Readonly<Record<string, ParameterBinding>>,
): Formulas => replace(formulas, numbersOf(neuron, parameters));

/** What the symbols of number parameters stand for. */
function numbersOf(
  neuron: Pick<NeuronKernel, "parameters">,
  parameters: Readonly<Record<string, ParameterBinding>>,
): ReadonlyMap<Expression, Expression> {
  return new Map(
    neuron.parameters.flatMap((name): [Expression, Expression][] => {
      const binding = parameters[name]!;
      return typeof binding === "number" ? [[symbol(name), constant(binding)]] : [];
    }),
  );
}

export const replace = (formulas: Formulas, replacements: ReadonlyMap<Expression, Expression>): Formulas =>
  Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, substitute(e, replacements)]));

/** Units that a scan processes together: enough to hide the latency of a step, in registers of 128 or 256 bits. */
const UNITS = { narrow: 16, wide: 32 };

/** Runs the body for groups of units that are scanned together (see `eachGroup`). */
export const eachUnits = (
  f: FunctionBuilder,
  { wide }: KernelContext,
  width: number,
  body: (unit: number, valid: number) => void,
): void => eachGroup(f, width, body, wide ? UNITS.wide : UNITS.narrow);

/** The quads of four units of a group with `valid` units; an even number. */
export const quadsOf = (valid: number): number[] => [...Array(Math.ceil(valid / 8) * 2).keys()];

/**
 * Runs the body for pairs of quads. If both load, then compute, then store side by side, the engine can merge two
 * instructions into one of 256 bits.
 */
export function inPairs<T>(quads: readonly T[], body: (pair: readonly T[], first: number) => void): void {
  for (let first = 0; first < quads.length; first += 2) body(quads.slice(first, first + 2), first);
}

/**
 * Runs the body for two neighbors in memory, the higher address first. In the other order V8 also keeps the lower
 * store, since the higher one might be out of bounds.
 */
export function upperFirst<T>(pair: readonly T[], body: (item: T, index: number) => void): void {
  for (let i = pair.length - 1; i >= 0; i--) body(pair[i]!, i);
}

/** Loads the trained parameters of four units: quad `quad` of the group with byte offset `unit` in a row of numbers. */
export function loadParameters(
  f: FunctionBuilder,
  context: KernelContext,
  bound: BoundNeuron,
  unit: number,
  quad: number,
): ReadonlyMap<string, Code> {
  return new Map(
    Object.entries(bound.trained).map(([name, tensor]) => {
      const { address, columns } = context.tensor(tensor);
      const value = columns === 1 ? v128.load32Splat(address, i32.const(0)) : v128.load(address + 16 * quad, get(unit));
      return [name, get(f.let(TYPE.v128, value))];
    }),
  );
}

/**
 * Loads constants of formulas into registers before a loop, for all quads of a group: an engine merges two
 * instructions into one of 256 bits only if both read a constant from the same register.
 */
export function keepConstants(
  f: FunctionBuilder,
  context: KernelContext,
  formulas: readonly Expression[],
  lanes = SINGLE,
): FormulaEmitter {
  const emitter = new FormulaEmitter(f, lookUp(), context.host, lanes);
  for (const e of schedule(formulas)) if (e.kind === "constant") emitter.keepConstant(e);
  return emitter;
}

/** Computes, before a loop, all terms of the formulas that depend on the parameters alone. */
export function hoist(
  f: FunctionBuilder,
  context: KernelContext,
  parameters: ReadonlyMap<string, Code>,
  formulas: readonly Expression[],
  constants: FormulaEmitter = keepConstants(f, context, formulas),
): FormulaEmitter {
  const emitter = new FormulaEmitter(f, lookUp(parameters), context.host, constants.lanes);
  emitter.adopt(constants);
  const fixed = new Set<Expression>();
  for (const e of schedule(formulas)) {
    const isFixed =
      e.kind === "operation"
        ? e.operands.every((o) => fixed.has(o))
        : freeSymbols([e]).every((name) => parameters.has(name));
    if (!isFixed) continue;
    fixed.add(e);
    emitter.value(e);
  }
  return emitter;
}

/** Looks symbols up in tables; a missing name is an error in the formulas. */
export function lookUp(...tables: readonly ReadonlyMap<string, Code>[]): Symbols {
  return (name) => {
    for (const table of tables) {
      const code = table.get(name);
      if (code !== undefined) return code;
    }
    throw new Error(`no value for symbol "${name}" in a neuron's formulas`);
  };
}
