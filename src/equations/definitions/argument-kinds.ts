import {
  choice,
  either,
  fields,
  flag,
  kind,
  made,
  named,
  number,
  optional,
  quantity,
  type RequiredKind,
  text,
} from "../../arguments/index.js";
import { isTable } from "./own-functions.js";
import type { ParameterSpec } from "./parameters.js";
import type { StateSpec, SubexpressionSpec } from "./state-spec.js";

/** Kinds of arguments that definitions share. */

/** Fields of every definition. Only the name is required. */
export const ABOUT = {
  name: text("its name"),
  summary: optional(text("a sentence")),
  source: optional(text("where it comes from")),
} as const;

/** Equations by the name of their variable. */
export const EQUATIONS = named(text("an equation"));

/** A function that is a table. */
export const TABLE = kind("the result of timedArray() or functionTable()", isTable);

/** Functions by name: tables. */
export const TABLES = named(TABLE, "an object from names to results of timedArray() and functionTable()");

/** Functions by name: equations by their heads, or tables. */
export const FUNCTIONS = named(
  kind(
    "an equation, or the result of timedArray() or functionTable()",
    (value) => typeof value === "string" || isTable(value),
  ),
);

/** Subexpressions by name: an equation, or an equation and its unit. */
export const SUBEXPRESSIONS = named(
  either(
    text("an equation"),
    fields<Exclude<SubexpressionSpec, string>>({
      equation: text("an equation"),
      unit: optional(text('a unit, e.g. "mV"')),
      summary: optional(text("a sentence")),
    }),
  ),
  'an object from names to equations, e.g. { Isyn: "g * (E - v)" }',
);

export const PARAMETERS = named(
  fields<ParameterSpec>({
    value: quantity,
    unit: optional(text('a unit, e.g. "ms"')),
    min: optional(number()),
    max: optional(number()),
    exclusiveMin: optional(flag),
    exclusiveMax: optional(flag),
    train: optional(choice(["unit", "layer"])),
    shared: optional(flag),
    summary: optional(text("a sentence")),
  }),
  'an object from names to parameters, e.g. { tau: { value: "20 ms", summary: "time constant" } }',
);

export const STATES = named(
  fields<StateSpec>({
    unit: optional(text('a unit, e.g. "mV"')),
    initial: optional(quantity),
    shared: optional(flag),
    summary: optional(text("a sentence")),
  }),
  'an object from names to states, e.g. { v: { unit: "mV", summary: "membrane potential" } }',
);

/** A scheme for one equation. */
export const EQUATION_SCHEME = made("an integrator, e.g. exponentialEuler", "name", "step");

/** A scheme for one equation, for all equations together, or one that chooses. */
export const SCHEME = either(
  EQUATION_SCHEME,
  made("a system integrator, e.g. rk4", "name", "system"),
  made("dormandPrince()", "name", "loop"),
  made("automatic", "name", "parts"),
);

/** A scheme for all states, or one for each of some states. */
export const SCHEMES = either(SCHEME, named(SCHEME, "an object from states to integrators, e.g. { v: rk4 }"));

/** Length of a step. */
export const STEP = quantity;

/** New values of parameters by name; the definition checks the names. */
export const PARAMETER_VALUES = named(optional(quantity), 'an object from parameters to values, e.g. { tau: "20 ms" }');

/** A definition as an argument: an object with these methods. */
export const definition = (expects: string, methods: readonly string[], lacks: readonly string[] = []): RequiredKind =>
  kind(
    expects,
    (value) =>
      typeof value === "object" &&
      value !== null &&
      methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === "function") &&
      !lacks.some((member) => member in value),
  );

/** Prefix of the messages about a definition: its folder and, if it has one, its name. */
export const definitionName = (folder: string, spec: { readonly name?: unknown } | null | undefined): string =>
  typeof spec?.name === "string" ? `${folder}/${spec.name}` : folder;
