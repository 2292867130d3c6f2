import { SpikevineError } from "../../errors.js";
import { type Expression, isCondition } from "../language/expression.js";
import type { Dimension } from "../language/units.js";
import type { EquationReader, Scope } from "./neuron-scope.js";
import type { EventSpec } from "./neuron-spec.js";

/** An event of a neuron's own as equations. */
export interface EventEquations {
  readonly name: string;
  /** A condition over `now__v` and `input`. */
  readonly when: Expression;
  /** New values of states, over the values before the event as `now__v`, and `y__now`. */
  readonly changes: Readonly<Record<string, Expression>>;
}

interface Scopes {
  readonly when: Scope;
  readonly changes: Scope;
  readonly units: ReadonlyMap<string, Dimension>;
}

/**
 * Reads the field `events`.
 * @param scopes Names of the conditions and of the changes, and the units of the states.
 * @throws SpikevineError for a `when` that is no condition, a state that does not exist, and a wrong unit.
 */
export function readEvents(
  specs: Readonly<Record<string, EventSpec>>,
  reader: EquationReader,
  scopes: Scopes,
  where: string,
): readonly EventEquations[] {
  return Object.entries(specs).map(([name, { when, changes = {} }]) => {
    const { expression } = reader.readAny(when, scopes.when, `${where}: in when of ${name}`);
    if (!isCondition(expression)) {
      throw new SpikevineError(
        `${where}: when of the event ${name} is "${when}", which is not a condition; give e.g. "v > -40 mV".`,
      );
    }
    const after = Object.entries(changes).map(([state, text]): [string, Expression] => {
      const unit = scopes.units.get(state);
      if (unit !== undefined)
        return [state, reader.read(text, scopes.changes, unit, `${where}: in ${name} of ${state}`)];
      throw new SpikevineError(
        `${where}: the event ${name} changes "${state}", which is not in states (${[...scopes.units.keys()].join(", ") || "none"}).`,
      );
    });
    return { name, when: expression, changes: Object.fromEntries(after) };
  });
}
