import { constant, type Expression } from "./expression.js";
import { DIMENSIONLESS, parseUnit, type Quantity } from "./units.js";

/**
 * Units that an equation may name, as in `10 * mV`. They have at least two letters: a single letter is a state or a
 * parameter, and a forgotten one must not become a unit.
 */
const UNITS: ReadonlySet<string> = new Set(
  (
    "ms us ns second mV uV kV volt pA nA uA mA amp pS nS uS mS siemens pF nF uF mF farad Hz kHz MHz hertz " +
    "ohm Ohm kohm kOhm Mohm MOhm Gohm GOhm mm um nm cm meter mol mmol kelvin"
  ).split(" "),
);

/** Single letters that are units only directly after a number, as in `5 V`. */
const LETTERS: ReadonlySet<string> = new Set(["s", "V", "A", "S", "F", "K", "m"]);

/** Tells if a name is a unit only directly after a number. */
export const isUnitLetter = (name: string): boolean => LETTERS.has(name);

/** Names of our own for units that the table of units calls otherwise. */
const CALLED: Readonly<Record<string, string>> = { second: "s", amp: "A", Ohm: "ohm" };

const known = new Map<string, Quantity>();

/** One of a unit that stands directly after a number; undefined for other names. */
export const unitAfterNumber = (name: string): Quantity | undefined =>
  UNITS.has(name) || LETTERS.has(name) ? unitOfName(name) : undefined;

function unitOfName(name: string): Quantity {
  let found = known.get(name);
  if (found === undefined) {
    found = parseUnit(Object.hasOwn(CALLED, name) ? CALLED[name]! : name, "unit");
    known.set(name, found);
  }
  return found;
}

/** Meaning of a name that every equation has unless a definition uses it otherwise: `pi` and the units. */
export function namedConstant(name: string): Quantity | undefined {
  if (name === "pi") return { value: Math.PI, dimension: DIMENSIONLESS };
  return UNITS.has(name) ? unitOfName(name) : undefined;
}

/** The same as an expression. */
export function constantNamed(name: string): Expression | undefined {
  const found = namedConstant(name);
  return found && constant(found.value);
}
