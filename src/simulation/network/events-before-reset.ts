import { derivative } from "../../equations/analysis/differentiate.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { now, readNeuronEquations, Y_NOW, Y_NOW_DETACHED } from "../../equations/definitions/neuron-equations.js";
import {
  constant,
  type Expression,
  freeSymbols,
  ONE,
  schedule,
  substitute,
  symbol,
  ZERO,
} from "../../equations/language/expression.js";
import { add, multiply } from "../../equations/language/formal.js";
import { SpikevineError } from "../../errors.js";

/**
 * Name of the state that holds the events of a step for a state whose reset they come before. They count at the beginning of the next
 * step, where the reset of the step before is known: with a reset that is linear in the state, events before it are events
 * after it times the slope of the reset.
 */
export const heldEvents = (state: string): string => `events__${state}`;

/** Operations whose derivative is 0 although they are not constant. */
const STEPWISE: ReadonlySet<string> = new Set(["floor", "step", "sign", "spike", "lookup"]);

/** The state with its held events, at the beginning of a step. `y` is the output of the step before. */
const withHeldEvents = (state: string, slope: Expression): Expression =>
  add(symbol(state), multiply(slope, symbol(heldEvents(state))));

/**
 * The share of an event that the reset of the same step leaves, over the output `y` of that step and the parameters; undefined
 * if it is 1.
 * @throws SpikevineError if the reset is not linear in the state, or if the reset of another state or an event of the neuron's
 * own reads or changes it.
 */
function slopeOfReset(neuron: NeuronDefinition, state: string, dt: number, where: string): Expression | undefined {
  const { spec, parameters, name } = neuron;
  const { reset, events } = readNeuronEquations(spec, parameters, `neurons/${name}`);
  const target = symbol(now(state));
  const refuse = (reason: string): SpikevineError =>
    new SpikevineError(
      `${where}: events on "${state}" cannot come before the reset of neurons/${name}, as ${reason}; leave out when, or give another target.`,
    );
  const reader = Object.entries(reset).find(([other, e]) => other !== state && derivative(e, target) !== ZERO);
  if (reader !== undefined) throw refuse(`the reset of "${reader[0]}" depends on it`);
  for (const { name: event, changes } of events) {
    const involved = Object.entries(changes).some(([to, e]) => to === state || freeSymbols([e]).includes(target.name));
    if (involved) throw refuse(`the event ${event} changes or reads it`);
  }
  const own = Object.hasOwn(reset, state) ? derivative(reset[state]!, target) : ONE;
  const y = symbol("y");
  const slope = substitute(
    own,
    new Map<Expression, Expression>([
      [Y_NOW, y],
      [Y_NOW_DETACHED, y],
      [symbol("dt"), constant(dt)],
    ]),
  );
  const allowed = ["y", ...Object.keys(parameters)];
  const isLinear = schedule(Object.hasOwn(reset, state) ? [reset[state]!] : []).every(
    (e) => e.kind !== "operation" || !STEPWISE.has(e.operator) || !freeSymbols([e]).includes(target.name),
  );
  if (!isLinear || !freeSymbols([slope]).every((used) => allowed.includes(used)))
    throw refuse("its own reset is not linear in it");
  return slope === ONE ? undefined : slope;
}

/** The states of a population that take events before the reset of their step. */
export class HeldEvents {
  /** The share of an event that the reset leaves, by state. */
  readonly #slopes = new Map<string, Expression>();
  /** States that synapses and linked parameters read. */
  readonly #read = new Set<string>();
  readonly #population: string;

  constructor(population: string) {
    this.#population = population;
  }

  /** Names of the states. */
  get names(): readonly string[] {
    return [...this.#slopes.keys()];
  }

  /**
   * Index of the state that takes events on a state.
   * @throws SpikevineError if a reset or an event of the neuron's own prevents it, or if synapses or other neurons read the state.
   */
  take(neuron: NeuronDefinition, state: string, dt: number, where: string): number {
    const { states, events } = neuron;
    const slope = this.#slopes.get(state) ?? slopeOfReset(neuron, state, dt, where);
    if (slope === undefined) return Object.keys(states).indexOf(state);
    if (this.#read.has(state)) throw this.#isRead(state);
    this.#slopes.set(state, slope);
    return Object.keys(states).length + events.length + this.names.indexOf(state);
  }

  /** Lets synapses or other neurons read a state. */
  read(state: string): void {
    if (this.#slopes.has(state)) throw this.#isRead(state);
    this.#read.add(state);
  }

  /** The variable that a recorder of a state reads: with the events, if there are any. */
  shown({ states }: NeuronDefinition, state: number): { readonly state: number } | { readonly output: string } {
    const name = Object.keys(states)[state];
    return name !== undefined && this.#slopes.has(name) ? { output: heldEvents(name) } : { state };
  }

  /**
   * Each of the states with its events, at the beginning of a step.
   * @param varied Parameters that are not numbers in the formulas.
   * @param meanings Of symbols such as these parameters.
   */
  states(
    { parameters }: NeuronDefinition,
    varied: readonly string[],
    meanings: ReadonlyMap<Expression, Expression>,
  ): (readonly [state: string, value: Expression])[] {
    const numbers = new Map<Expression, Expression>(
      Object.entries(parameters).flatMap(([name, { value }]) =>
        varied.includes(name) ? [] : [[symbol(name), constant(value)]],
      ),
    );
    return [...this.#slopes].map(([state, slope]) => {
      const value = substitute(withHeldEvents(state, substitute(slope, numbers)), new Map(meanings));
      return [state, value] as const;
    });
  }

  #isRead(state: string): SpikevineError {
    return new SpikevineError(
      `population "${this.#population}": "${state}" has events before its reset, so that synapses and other neurons cannot read it; leave out when: "before reset", or read a state that follows it.`,
    );
  }
}
