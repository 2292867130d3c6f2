import { fields, number, optional, signature } from "../../arguments/index.js";
import {
  constant,
  type Expression,
  type NamedSymbol,
  ONE,
  operation,
  select,
  substitute,
  symbol,
} from "../language/expression.js";
import { add, divide, multiply, subtract } from "../language/formal.js";
import { type Loop, loopVariable } from "./loop.js";
import type { SystemProblem } from "./system.js";

/** A scheme that divides the step of each unit into as many sub-steps as a tolerance needs. */
export interface AdaptiveIntegrator {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** Order of convergence in the length of the sub-steps. */
  readonly order: number;
  readonly tolerance: number;
  /**
   * The sub-steps of one step.
   * @param index Number of the loop among those of the step.
   */
  readonly loop: (problem: SystemProblem, index: number) => Loop;
}

export interface DormandPrinceOptions {
  /**
   * Largest estimated error of a state x in a sub-step: tolerance (1 + |x|), in mV, ms, nS, pA, or as a number without unit.
   * Default: 1e-6.
   */
  readonly tolerance?: number;
}

const check = signature("dormandPrince", {
  options: fields<DormandPrinceOptions>(
    { tolerance: optional(number({ least: 1e-13, below: 1 })) },
    { root: "options" },
  ),
});

/** Slopes at which the rates are evaluated, as multiples of the slopes before. The last is that of the result. */
const STAGES: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];

/** The result of order 5 less that of order 4. */
const ERROR: readonly number[] = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Shortest sub-step, as a fraction of the step. */
const SHORTEST = 1e-6;

/**
 * The scheme of Dormand and Prince of order 5 with an estimate of its error: every unit divides its step into sub-steps whose
 * errors are within the tolerance; a step starts with one sub-step. Spikes remain at the ends of steps, and inputs and other
 * states are constant during a step, while `t` moves. A unit that needs sub-steps shorter than a millionth of the step stops the run.
 * Source: J. Dormand and P. Prince, J. Computational and Applied Mathematics 6 (1980) 19-26; the length of the next sub-step: E. Hairer,
 * S. Norsett and G. Wanner, Solving Ordinary Differential Equations I (1993), sec. II.4.
 */
export function dormandPrince(options: DormandPrinceOptions = {}): AdaptiveIntegrator {
  check([options]);
  const { tolerance = 1e-6 } = options;
  return {
    name: "dormandPrince",
    summary: `sub-steps of order 5 with errors up to ${tolerance} (1 + |x|)`,
    source: "J. Dormand and P. Prince, J. Comput. Appl. Math. 6 (1980) 19-26",
    order: 5,
    tolerance,
    loop: (problem, index) => loop(problem, index, tolerance),
  };
}

function loop({ rates, dt, time }: SystemProblem, index: number, tolerance: number): Loop {
  if (dt.kind !== "constant") throw new Error("sub-steps need the length of the step as a number");
  const states = [...rates.keys()];
  const [elapsed, length] = ["elapsed", "length"].map((name) => symbol(`loop${index}__sub__${name}`)) as [
    NamedSymbol,
    NamedSymbol,
  ];
  const now = new Map<Expression, Expression>(states.map((x) => [x, loopVariable(index, x)]));
  const moved = (by: ReadonlyMap<NamedSymbol, Expression>, share: number): Map<Expression, Expression> =>
    new Map<Expression, Expression>([
      ...states.map((x): [Expression, Expression] => [x, add(now.get(x)!, multiply(length, by.get(x)!))]),
      ...(time === undefined
        ? []
        : [[time, add(time, add(elapsed, multiply(constant(share), length)))] as [Expression, Expression]]),
    ]);
  const slopes: ReadonlyMap<NamedSymbol, Expression>[] = [];
  const weighted = (weights: readonly number[]): Map<NamedSymbol, Expression> =>
    new Map(
      states.map((x) => {
        const terms = weights.flatMap((w, k) => (w === 0 ? [] : [multiply(constant(w), slopes[k]!.get(x)!)]));
        return [x, terms.reduce(add, constant(0))];
      }),
    );
  let result = now;
  for (const weights of STAGES) {
    // The sum of the weights is the share of the sub-step after which this slope is found.
    result = moved(weighted(weights), Number(weights.reduce((sum, w) => sum + w, 0).toPrecision(14)));
    slopes.push(new Map(states.map((x) => [x, substitute(rates.get(x)!, result)])));
  }
  const estimate = weighted(ERROR);
  const abs = (e: Expression): Expression => operation("abs", e);
  const errors = states.map((x) => {
    const size = operation("max", abs(now.get(x)!), abs(result.get(x)!));
    const allowed = multiply(constant(tolerance), add(ONE, size));
    return divide(abs(multiply(length, estimate.get(x)!)), allowed);
  });
  const error = errors.reduce((most, e) => operation("max", most, e));
  const isGood = operation("lessEqual", error, ONE);
  // An error that is not a number is larger than any tolerance.
  const isNumber = operation("lessEqual", error, constant(Number.MAX_VALUE));
  const wanted = multiply(constant(0.9), operation("power", error, constant(-0.2)));
  const factor = select(
    isNumber,
    operation("min", operation("max", wanted, constant(0.2)), constant(5)),
    constant(0.2),
  );
  const proposed = multiply(length, factor);
  const shortest = SHORTEST * dt.value;
  const fails = operation("and", operation("not", isGood), operation("less", proposed, constant(shortest)));
  const after = select(isGood, add(elapsed, length), select(fails, dt, elapsed));
  return {
    start: {
      ...Object.fromEntries(states.map((x) => [loopVariable(index, x).name, x])),
      [elapsed.name]: constant(0),
      [length.name]: dt,
    },
    next: {
      ...Object.fromEntries(
        states.map((x) => [
          loopVariable(index, x).name,
          select(isGood, result.get(x)!, select(fails, constant(Number.NaN), now.get(x)!)),
        ]),
      ),
      [elapsed.name]: after,
      [length.name]: operation("min", proposed, subtract(dt, after)),
    },
    // The sum of the sub-steps may miss the end by a rounding error.
    goesOn: operation("less", elapsed, constant(dt.value * (1 - 1e-12))),
    states: states.map(({ name }) => name),
    shortest,
  };
}
