import { type Expression, isCondition, substitute, symbol } from "../../../../equations/language/expression.js";
import type { Scan } from "../../../contract.js";
import type { BoundNeuron } from "../codegen/unit-groups.js";
import { inputIndependentTerms } from "./input-independent-terms.js";

/** Something that a step starts from: what it is of states and y before the step, and after it. */
export interface Carried {
  readonly before: Expression;
  readonly after: Expression;
  /** Whether it is carried as a lane mask. */
  readonly isMask: boolean;
}

/** What a forward scan computes in a step. */
export interface ScanFormulas {
  /** States and y as the next step starts from them, written with the fresh values in the layout of the stored ones. */
  readonly next: readonly Expression[];
  /** The states, then y; or, without recurrent connections, what is made of them alone (see `inputIndependentTerms`). */
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
  // Units with recurrent connections rest in memory between steps, under their names.
  const independent = recurrent === undefined ? inputIndependentTerms(formulas, names) : [];
  const carried = (independent.length > 0 ? independent : states).map((before): Carried => {
    const after = substitute(before, afterStates);
    // A state may start from any number, a condition and y only from 0 and 1.
    const isMask = isCondition(after) && (before === states.at(-1) || isCondition(before));
    return { before, after: after, isMask };
  });
  return { next, carried, computed: [...formulas, ...carried.map((each) => each.after)] };
}
