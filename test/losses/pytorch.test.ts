import { expect, test } from "vitest";
import {
  crossEntropy,
  firstSpike,
  type LossTerm,
  largestPotential,
  meanSquaredCount,
  meanSquaredError,
  rateBounds,
  rateRegularization,
} from "#spikevine/losses/index";
import { FIGURES, LABELS, POTENTIALS, SPIKES, STEPS, TARGETS } from "./pytorch-figures.js";
import { runLoss } from "./run-loss.js";

const OUTPUTS = 3;

const oneHot = LABELS.flatMap((label) => Array.from({ length: OUTPUTS }, (_, n) => (n === label ? 1 : 0)));
/** Sums over steps, [samples, outputs]. */
const counts = LABELS.flatMap((_, b) =>
  Array.from({ length: OUTPUTS }, (_, n) =>
    Array.from({ length: STEPS }, (_, t) => SPIKES[(b * STEPS + t) * OUTPUTS + n]!).reduce((a, c) => a + c, 0),
  ),
);
const rates = counts.map((count) => count / STEPS);

interface Case {
  readonly term: LossTerm;
  readonly y: readonly number[];
  readonly target?: readonly number[];
  /** Derivative of y by a spike. */
  readonly slope?: number;
}

const cases: Readonly<Record<keyof typeof FIGURES, Case>> = {
  "cross-entropy of counts": { term: crossEntropy(), y: counts },
  "cross-entropy of rates": { term: crossEntropy({ scale: 5 }), y: rates, slope: 1 / STEPS },
  "cross-entropy of potentials": { term: crossEntropy(), y: POTENTIALS },
  "largest potential": { term: largestPotential(), y: POTENTIALS },
  "squared error of counts": { term: meanSquaredCount({ correct: 0.8, incorrect: 0.3 }), y: counts },
  "squared error of potentials": { term: meanSquaredError(), y: POTENTIALS },
  "squared error of potentials, targets of every step": { term: meanSquaredError(), y: POTENTIALS, target: TARGETS },
  "first spike": { term: firstSpike(), y: SPIKES },
  "rates, L2": { term: rateRegularization({ rate: 0.25 }), y: rates, slope: 1 / STEPS },
  "rates, L1": { term: rateRegularization({ rate: 0.2, power: 1 }), y: rates, slope: 1 / STEPS },
  "bounds of rates": { term: rateBounds({ lower: 0.4, upper: 0.3 }), y: rates, slope: 1 / STEPS },
};

test.each(Object.entries(cases))(
  "%s has PyTorch's value and gradient",
  (name, { term, y, target = oneHot, slope = 1 }) => {
    const figures = FIGURES[name as keyof typeof FIGURES];
    const options = {
      outputs: OUTPUTS,
      steps: STEPS,
      rows: y.length === POTENTIALS.length ? "steps" : "sample",
      target: target.length === POTENTIALS.length ? "steps" : "sample",
    } as const;
    const { value, gradient } = runLoss(term, options, y, target);
    expect(value).toBeCloseTo(figures.value, 12);
    expect(gradient).toHaveLength(figures.gradient.length);
    gradient.forEach((found, i) => {
      expect(found * slope).toBeCloseTo(figures.gradient[i]!, 11);
    });
  },
);
