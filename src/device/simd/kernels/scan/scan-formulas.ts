import { type Expression, isCondition, substitute, symbol } from "../../../../equations/language/expression.js";
import type { Scan } from "../../../contract.js";
import type { BoundNeuron } from "../codegen/unit-groups.js";
import { computableAhead } from "./input-independent-terms.js";

/** Something that a step starts from: what it is of states and y before the step, and after it. */
export interface Carried {
  readonly before: Expression;
  readonly after: Expression;
  /** Whether it is carried as a lane mask. */
  readonly isMask: boolean;
}

/** What a forward scan computes in a step. */
export interface ScanFormulas {
  /** States and y as the next step starts from them, written with the fresh values in the place of the stored ones. */
  readonly next: readonly Expression[];
  /** The states, then y; or, without recurrent connections, what is made of them alone (see `computableAhead`). */
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
  const after = new Map(states.map((state, i) => [state, next[i]!]));
  // Units with recurrent connections rest in memory between steps, under their names.
  const ahead = recurrent === undefined ? computableAhead(formulas, names) : [];
  const carried = (ahead.length > 0 ? ahead : states).map((before): Carried => {
    const handed = substitute(before, after);
    // A state may start from any number, a condition and y only from 0 and 1.
    const isMask = isCondition(handed) && (before === states.at(-1) || isCondition(before));
    return { before, after: handed, isMask };
  });
  return { next, carried, computed: [...formulas, ...carried.map((each) => each.after)] };
}
