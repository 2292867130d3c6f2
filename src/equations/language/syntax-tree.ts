import type { Expression } from "./expression.js";
import type { Dimension } from "./units.js";

/**
 * The grammar of an equation as a tree. Names are not resolved yet, so the same tree is used for the computed expression and
 * for the check of its units. `text` is a node in the notation of an author, for errors.
 */
export type Syntax = NumberSyntax | NameSyntax | CallSyntax;

interface NumberSyntax {
  readonly kind: "number";
  /** In internal units. */
  readonly value: number;
  /** Of a number with a unit, as `10 mV`. */
  readonly dimension?: Dimension;
  readonly text: () => string;
}

interface NameSyntax {
  readonly kind: "name";
  readonly name: string;
  readonly text: () => string;
}

interface CallSyntax {
  readonly kind: "call";
  /** An operator of the algebra, or the name of a function. */
  readonly operator: string;
  readonly operands: readonly Syntax[];
  /** The table, if the function is one; `operator` is its name. */
  readonly table?: TableFunction;
  readonly text: () => string;
}

/** A function that is given as a table instead of an equation. */
export interface TableFunction {
  /** Units of the inputs and of the value. */
  readonly inputs: readonly Dimension[];
  readonly dimension: Dimension;
  /** The value for inputs in internal units. The symbol `dt` is the length of a step. */
  readonly value: (...inputs: readonly Expression[]) => Expression;
}

/** Functions by name, with their number of arguments, or with several. */
export type Functions = ReadonlyMap<string, number | readonly number[]>;
