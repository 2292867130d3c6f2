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
export const withHeldEvents = (state: string, slope: Expression): Expression =>
  add(symbol(state), multiply(slope, symbol(heldEvents(state))));

/**
 * The share of an event that the reset of the same step leaves, over the output `y` of that step and the parameters; undefined
 * if it is 1.
 * @throws SpikevineError if the reset is not linear in the state, or if the reset of another state or an event of the neuron's
 * own reads or changes it.
 */
export function slopeOfReset(
  neuron: NeuronDefinition,
  state: string,
  dt: number,
  where: string,
): Expression | undefined {
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
