import { SpikevineError } from "../../errors.js";
import { type Expression, freeSymbols } from "../language/expression.js";
import { INDEX, SIZE, T } from "./neuron-scope.js";
import type { ParameterSpec, Parameters } from "./parameters.js";
import type { StateSpec } from "./state-spec.js";
import { isShared } from "./white-noise.js";

/** States and parameters of a definition by name. */
interface Variables {
  readonly states?: Readonly<Record<string, StateSpec>>;
  readonly parameters?: Readonly<Record<string, ParameterSpec>> | Parameters;
}

/** Tells if a definition gives a state or a parameter one value for all units. */
export function isSharedVariable({ states = {}, parameters = {} }: Variables, name: string): boolean {
  const found = [states, parameters].find((all) => Object.hasOwn(all, name));
  return found?.[name]?.shared === true;
}

/** Symbols that are the same for all units in every definition. */
const COMMON: ReadonlySet<string> = new Set(["dt", T.name, SIZE.name]);

/** The name in equations of a symbol that differs between units. */
function shownAs(name: string): string {
  if (name === "input") return "the input current";
  if (name === INDEX.name) return '"i"';
  if (name.startsWith("draw__")) return "a draw";
  const [, shown = name] = /^(?:input|timed|now)__(.+?)(?:__i)?$/.exec(name) ?? [];
  return `"${shown}"`;
}

/**
 * Refuses an equation of a shared variable that has another value in every unit.
 * @throws SpikevineError naming a symbol that differs between units.
 */
export function requireSharedEquation(equation: Expression, variable: string, of: Variables, at: string): void {
  const differs = freeSymbols([equation]).find(
    (name) =>
      !COMMON.has(name) && !isShared(name.replace(/^draw__/, "")) && !isSharedVariable(of, name) && !isPresentRow(name),
  );
  if (differs === undefined) return;
  throw new SpikevineError(
    `${at}: "${variable}" is shared, and ${shownAs(differs)} may differ from one to the next; use variables that are shared, t, dt, N and xi_shared.`,
  );
}

/** The present row of a timed array that has one value per row. */
const isPresentRow = (name: string): boolean => name.startsWith("timed__") && !name.endsWith("__i");

/**
 * Refuses a change of a shared variable by an event of one unit.
 * @param by E.g. "the reset".
 */
export function refuseSharedChange(variable: string, of: Variables, by: string, where: string): void {
  if (!isSharedVariable(of, variable)) return;
  throw new SpikevineError(
    `${where}: ${by} changes "${variable}", which is shared by all and belongs to none; let it have an equation, or leave out shared.`,
  );
}
