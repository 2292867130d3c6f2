import { type Expression, isCondition, substitute, symbol } from "../../../../equations/language/expression.js";
import type { Scan } from "../../../contract.js";
import type { BoundNeuron } from "../codegen/unit-groups.js";
import { inputIndependentTerms } from "./input-independent-terms.js";

/** A value that is carried from step to step, as a formula of states and y before the step, and after it. */
export interface Carried {
  readonly before: Expression;
  readonly after: Expression;
  /** True if it is carried as a lane mask. */
  readonly isMask: boolean;
}

/** Formulas of one step of a forward scan. */
export interface ScanFormulas {
  /** States and y as the next step starts from them, as formulas of the new values instead of the stored ones. */
  readonly next: readonly Expression[];
  /** The states, then y; or, without recurrent connections, terms of them alone (see `inputIndependentTerms`). */
  readonly carried: readonly Carried[];
  /** All formulas. */
  readonly computed: readonly Expression[];
}

export function scanFormulas({ neuron, store, recurrent }: Scan, { step, carry }: BoundNeuron): ScanFormulas {
  const names = [...neuron.states, "y"];
  const fresh = new Map<Expression, Expression>(
    neuron.states.map((state) => [symbol(`now__${state}`), step[`now__${state}`]!]),
  );
  const next = names.map((name) => substitute(carry[name]!, fresh));
  const stored = Object.keys(store).filter((value) => value !== "input");
  const formulas = [...[...stored, "y__now"].map((name) => step[name]!), ...next];
  const states = names.map((name): Expression => symbol(name));
  const afterStates = new Map(states.map((state, i) => [state, next[i]!]));
  // With recurrent connections the states are in memory between steps, under their names.
  const independent = recurrent === undefined ? inputIndependentTerms(formulas, names) : [];
  const carried = (independent.length > 0 ? independent : states).map((before): Carried => {
    const after = substitute(before, afterStates);
    // A state may start from any number; a condition and y start only from 0 and 1.
    const isMask = isCondition(after) && (before === states.at(-1) || isCondition(before));
    return { before, after: after, isMask };
  });
  return { next, carried, computed: [...formulas, ...carried.map((each) => each.after)] };
}
