import { type Expression, type Formulas, mapFormulas, type NamedSymbol, symbol } from "../language/expression.js";

/** Formulas that are repeated within a step, for each unit as often as it needs; other symbols keep their values. */
export interface Loop {
  /** Values of the loop's variables before the first round, over the symbols of the step. */
  readonly start: Formulas;
  /** Values of the variables after a round, over the variables and the symbols of the step. */
  readonly next: Formulas;
  /** A round follows while this condition holds; over the same symbols. */
  readonly goesOn: Expression;
  /** States that the loop computes and the shortest sub-step (ms), for the message if a unit needs shorter ones. */
  readonly states: readonly string[];
  readonly shortest: number;
}

/** The variable of a loop that has the value of a state; the state's value at the end of the step when the loop has ended. */
export const loopVariable = (loop: number, { name }: NamedSymbol): NamedSymbol => symbol(`loop${loop}__${name}`);

/** A loop with every formula changed. */
export function mapLoop(loop: Loop, change: (e: Expression) => Expression): Loop {
  const { start, next, goesOn } = loop;
  return { ...loop, start: mapFormulas(start, change), next: mapFormulas(next, change), goesOn: change(goesOn) };
}

/** Every formula of a loop. */
export const formulasOf = ({ start, next, goesOn }: Loop): Expression[] => [
  ...Object.values(start),
  ...Object.values(next),
  goesOn,
];
