import { type ClosedForm, closedForm, ELAPSED } from "../../../equations/analysis/closed-form.js";
import { tablesIn } from "../../../equations/kernels/emit-javascript.js";
import {
  type Expression,
  type Formulas,
  freeSymbols,
  mapFormulas,
  operation,
  substitute,
  symbol,
} from "../../../equations/language/expression.js";
import { multiply } from "../../../equations/language/formal.js";
import type { PlasticModel } from "../../model.js";
import { changingOf, formulasOf } from "../plastic/synapse-loops.js";

/** A variable has one value per presynaptic neuron, per postsynaptic neuron, or per synapse. */
export type Owner = "pre" | "post" | "synapse";
export const OWNERS = ["pre", "post", "synapse"] as const;

/** How a plastic projection runs from event to event. */
export interface EventPlan {
  /** Of `weight` and each state. */
  readonly owners: ReadonlyMap<string, Owner>;
  /**
   * The variables of an owner that change between events, and those that they depend on. They were all computed at the
   * same step, which is kept for each of the owner's elements.
   */
  readonly groups: Readonly<Record<Owner, readonly string[]>>;
  /** Powers with the same growth in all synapses at all times, exp(growth * steps), by the symbol in `ClosedForm`. */
  readonly powers: Readonly<Record<string, number>>;
  /** Present values, over `rawSymbol`, `powerSymbol`, `elapsedSymbol`, parameters, the signal and variables at rest. */
  readonly now: ReadonlyMap<Expression, Expression>;
  /** True if present values depend on the signal. */
  readonly usesSignal: boolean;
}

/** Symbol of a variable as it was when its owner was last advanced. */
export const rawSymbol = (variable: string): string => `raw__${variable}`;
/** Symbols of the steps since an owner was last advanced, and of a power over them. */
export const elapsedSymbol = (owner: Owner): string => `${owner}__elapsed`;
export const powerSymbol = (owner: Owner, power: string): string => `${owner}__${power}`;

/** Steps that a row of a signal must hold, so that advancing all synapses at its end is cheaper than at every step. */
const LEAST_HELD = 16;

/** Most lists of synapses by neuron and delay. */
const MOST_LISTS = 2 ** 25;

/**
 * Derives from the equations how synapses advance from event to event. Undefined if they must be computed at every step:
 * with noise, sums, variables of neurons between events, the time, indices, tables, schemes whose stability depends on the state, and equations that
 * have no closed form; and if synapses are at an end, or the synapses are an end themselves.
 */
export function eventPlan(model: PlasticModel): EventPlan | undefined {
  const { kernel, neurons, sums, signal, rowStart } = model;
  if (model.stepwise || model.end !== undefined || neurons.some((value) => "plastic" in value)) return undefined;
  const shown = Object.values(kernel.derived);
  const ofNeurons = neurons.map(({ symbol }) => symbol);
  const between = freeSymbols([...Object.values(kernel.step), ...shown]);
  if (kernel.noise.length > 0 || sums.length > 0 || between.some((name) => ofNeurons.includes(name))) return undefined;
  if (kernel.given.length > 0 || Object.keys(tablesIn(formulasOf(kernel))).length > 0) return undefined;
  const isStable = (e: Expression): boolean => e.kind === "constant" && e.value < 1;
  if (!Object.values(kernel.stiffness).every(isStable)) return undefined;
  const isManyLists = model.pathways.some(
    ({ delays }) => typeof delays !== "number" && new Set(delays).size * rowStart.length > MOST_LISTS,
  );
  if (isManyLists) return undefined;
  const form = closedForm(kernel.step, kernel.growths);
  if (form === undefined) return undefined;
  const usesSignal = freeSymbols([...Object.values(form.values), ...Object.values(form.powers)]).includes("signal");
  if (usesSignal && signal.values.length > 1 && signal.stepsPerRow < LEAST_HELD) return undefined;
  const owners = ownersOf(model, form);
  const powers = Object.fromEntries(
    Object.entries(form.powers).flatMap(([name, e]) => (e.kind === "constant" ? [[name, e.value]] : [])),
  );
  const now = new Map<Expression, Expression>();
  for (const name of Object.keys(form.values)) now.set(symbol(name), presentValue(name, form, owners.get(name)!));
  const group = (owner: Owner): string[] => {
    const moving = Object.keys(form.values).filter((name) => owners.get(name) === owner);
    const needed = moving.flatMap((name) => dependencies(name, form, changingOf(kernel)));
    return [...new Set([...moving, ...needed])];
  };
  const groups = { pre: group("pre"), post: group("post"), synapse: group("synapse") };
  return { owners, groups, powers, now, usesSignal };
}

/** Variables whose values the closed form of a variable reads, itself included. */
function dependencies(name: string, { values, powers }: ClosedForm, variables: readonly string[]): string[] {
  const direct = freeSymbols([values[name]!]);
  const growths = direct.flatMap((s) => (Object.hasOwn(powers, s) ? [powers[s]!] : []));
  return [...new Set([...direct, ...freeSymbols(growths)])].filter((s) => variables.includes(s));
}

/**
 * The owner of each variable. A state belongs to the neurons of one side if its values are the same in all synapses of a
 * neuron: it starts with one value, and depends only on such states and on spikes of that side, with one delay.
 */
function ownersOf(model: PlasticModel, form: ClosedForm): Map<string, Owner> {
  const { kernel, pathways, initial, parameters, distinct } = model;
  const shared = { pre: sharedBy("pre"), post: sharedBy("post") };
  return new Map(
    changingOf(kernel).map((name): [string, Owner] => [
      name,
      shared.pre.has(name) ? "pre" : shared.post.has(name) ? "post" : "synapse",
    ]),
  );

  function sharedBy(side: "pre" | "post"): Set<string> {
    const own = new Set(
      kernel.states.filter((name) => {
        const differs = Object.hasOwn(initial, name) || distinct.includes(name);
        return !differs && freeSymbols([kernel.initial[name]!]).every((s) => !Object.hasOwn(parameters, s));
      }),
    );
    const readsOwn = (e: Expression): boolean => freeSymbols([e]).every((s) => own.has(s) || s === "signal");
    const fits = (name: string): boolean => {
      const step = kernel.step[name];
      if (step !== undefined && !readsOwn(step)) return false;
      // A state that others integrate is advanced together with them.
      const readers = Object.keys(form.values).filter((x) => dependencies(x, form, kernel.states).includes(name));
      if (!readers.every((x) => own.has(x))) return false;
      return pathways.every(({ side: of, delays, changes }) => {
        const change = changes[name];
        return change === undefined || (of === side && typeof delays === "number" && readsOwn(change));
      });
    };
    // The largest set of states that depend on each other only.
    for (let before = -1; before !== own.size; ) {
      before = own.size;
      for (const name of own) if (!fits(name)) own.delete(name);
    }
    return own;
  }
}

/** The closed form with the symbols of an owner. */
function presentValue(name: string, { values, powers }: ClosedForm, owner: Owner): Expression {
  const elapsed = symbol(elapsedSymbol(owner));
  const own = new Map<Expression, Expression>([[symbol(ELAPSED), elapsed]]);
  for (const moving of Object.keys(values)) own.set(symbol(moving), symbol(rawSymbol(moving)));
  const growthOf = (e: Expression): Expression => substitute(e, own);
  for (const [power, growth] of Object.entries(powers)) {
    const grown = operation("exp", multiply(growthOf(growth), elapsed));
    own.set(symbol(power), growth.kind === "constant" ? symbol(powerSymbol(owner, power)) : grown);
  }
  return substitute(values[name]!, own);
}

/** Formulas over the variables as formulas over what is kept. */
export const atPresent = ({ now }: EventPlan, formulas: Formulas): Formulas =>
  mapFormulas(formulas, (e) => substitute(e, now));

/** exp(growth * steps). */
export const powerAfter = (growth: number, steps: number): number => Math.exp(growth * steps);
