import { symbol } from "../../../equations/language/expression.js";
import { amplifies } from "../../checks/amplification.js";
import type { PopulationModel, SimulationModel } from "../../model.js";
import { type Accumulation, accumulation, isExactInSingle } from "./accumulation.js";
import { DOUBLE, type Real, SINGLE } from "./real.js";

/** Precision in which a population computes its step and keeps each of its states. */
export interface Storage {
  /** Precision of the formulas. */
  readonly formulas: Real;
  /** In the order of the model's states. */
  readonly states: readonly KeptState[];
}

export interface KeptState {
  readonly real: Real;
  /** True if the state is in double precision and the formulas are not. */
  readonly accumulation?: Accumulation;
}

/**
 * Chooses the storage of each population. In `single`, a population is computed in single precision only within a
 * network that amplifies any difference anyway, and only if each of its states either loses nothing there or can be
 * accumulated in double precision. Everything else is in double precision, so that it is the same in both.
 */
export function chooseStorage(model: SimulationModel, precision: "single" | "double"): Storage[] {
  const mayDiffer = precision === "single" ? amplifies(model) : [];
  return model.populations.map((population, p) => (mayDiffer[p] && mixed(population)) || allDouble(population));
}

const allDouble = ({ states }: PopulationModel): Storage => ({
  formulas: DOUBLE,
  states: states.map(() => ({ real: DOUBLE })),
});

function mixed({ states, next, loops, time }: PopulationModel): Storage | undefined {
  // The tolerance of sub-steps may be below single precision.
  if (loops !== undefined) return undefined;
  // Single precision does not tell the steps of a long run apart.
  if (time !== undefined) return undefined;
  const kept: KeptState[] = [];
  for (const name of states) {
    const formula = next[name]!;
    if (isExactInSingle(formula, symbol(name))) {
      kept.push({ real: SINGLE });
      continue;
    }
    const increments = accumulation(formula, symbol(name));
    if (increments === undefined) return undefined;
    kept.push({ real: DOUBLE, accumulation: increments });
  }
  return { formulas: SINGLE, states: kept };
}

/** Precision for a report: one precision for all states, or the number of states in double precision. */
export function describeStorage(storage: readonly Storage[]): string {
  const states = storage.flatMap((population) => population.states);
  const double = states.filter(({ real }) => real === DOUBLE).length;
  if (storage.every(({ formulas }) => formulas === DOUBLE)) return "double precision";
  return double === 0 ? "single precision" : `single precision, ${double} of ${states.length} states in double`;
}
