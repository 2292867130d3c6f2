import { describe, expect, test } from "vitest";
import { crossEntropy, defineLoss, type LossTerm, losses, lossTerm, meanSquaredError } from "#spikevine/losses/index";
import { numbers } from "../device/conformance/case.js";
import { lossRunner, runLoss } from "./run-loss.js";

const [OUTPUTS, STEPS] = [4, 3];

/** Terms that are smooth almost everywhere, with the rows that they read. */
const smooth: readonly (readonly [string, LossTerm, "sample" | "steps"])[] = Object.entries(losses)
  .map(([name, make]) => [name, make()] as const)
  .filter(([name, { loss }]) => loss.spec.loss !== undefined && name !== "first-spike")
  .flatMap(([name, term]) =>
    (term.loss.usesSteps ? (["steps"] as const) : (["sample", "steps"] as const)).map(
      (rows) => [name, term, rows] as const,
    ),
  );

const OWN = {
  "a product of sums": "sum(y) * sum(y * target) / (1 + mean(y^2))",
  "a softmax of a softmax": "sum(target * exp(logSoftmax(logSoftmax(y) + y * n)))",
  "reductions over both axes": "largestOverSteps(mean(y^2)) + meanOverSteps(sum(y * t)) * sum(sumOverSteps(y))",
  "a value per output and step": "(y - meanOverSteps(y))^2 + (y - mean(y))^2 * target",
} as const;
const own = Object.entries(OWN).map(([name, loss]): readonly [string, LossTerm, "sample" | "steps"] => {
  const definition = defineLoss({ name: "own", summary: "A test.", source: "none", loss });
  return [name, lossTerm(definition), definition.usesSteps ? "steps" : "sample"];
});

const SAMPLES = 20;

describe.each([...smooth, ...own])("loss %s", (name, term, rows) => {
  test(`its gradient is the derivative of its value, of every ${rows}`, () => {
    const length = OUTPUTS * (rows === "steps" ? STEPS : 1);
    const run = lossRunner(term, { outputs: OUTPUTS, steps: STEPS, rows });
    let smoothPoints = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const y = [...numbers(length, sample, `${name} y`, -3, 3)];
      const target = [...numbers(OUTPUTS, sample, `${name} target`, -1, 2)];
      const { value, gradient } = run(y, target);
      for (let i = 0; i < length; i++) {
        const at = (shift: number): number => run(y.with(i, y[i]! + shift), target).value;
        const slope = (h: number): number => (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const tolerance = 1e-7 * Math.max(1, Math.abs(value));
        // At a corner, the slopes of two widths differ.
        if (Math.abs(slope(1e-3) - slope(3e-4)) > tolerance) continue;
        smoothPoints++;
        expect(Math.abs(slope(1e-3) - gradient[i]!)).toBeLessThan(10 * tolerance);
      }
    }
    expect(smoothPoints).toBeGreaterThan(0.9 * SAMPLES * length);
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "an output of %s makes the value not finite",
  (bad) => {
    for (const term of [crossEntropy(), meanSquaredError()]) {
      for (const at of [0, 1, 2]) {
        const y = [0.5, 0.25, -1];
        y[at] = bad;
        expect(runLoss(term, { outputs: 3, steps: 1 }, y, [0, 1, 0]).value).not.toSatisfy(Number.isFinite);
      }
    }
  },
);

test("mean-squared-error has no factor one half", () => {
  expect(runLoss(meanSquaredError(), { outputs: 2, steps: 1 }, [3, 1], [1, 2])).toEqual({
    value: 2.5,
    gradient: [2, -1],
  });
});

test("cross-entropy of equal outputs is the logarithm of their number", () => {
  const { value, gradient } = runLoss(crossEntropy(), { outputs: 4, steps: 1 }, [7, 7, 7, 7], [0, 0, 1, 0]);
  expect(value).toBeCloseTo(Math.log(4), 14);
  expect(gradient).toEqual([0.25, 0.25, -0.75, 0.25]);
});

test("cross-entropy stays finite for outputs whose exponentials overflow", () => {
  expect(runLoss(crossEntropy(), { outputs: 2, steps: 1 }, [2000, -2000], [0, 1])).toEqual({
    value: 4000,
    gradient: [1, -1],
  });
});

test("the weight of a term multiplies its value and its gradient", () => {
  const term = meanSquaredError({ weight: 0.5 });
  expect(runLoss(term, { outputs: 2, steps: 1 }, [3, 1], [1, 2])).toEqual({ value: 1.25, gradient: [1, -0.5] });
});

test("equal largest values pass their error to the first", () => {
  const loss = lossTerm(defineLoss({ name: "own", summary: "A test.", source: "none", loss: "largest(y)" }));
  expect(runLoss(loss, { outputs: 3, steps: 1 }, [1, 4, 4], [0, 0, 0])).toEqual({ value: 4, gradient: [0, 1, 0] });
});

describe("a definition is refused", () => {
  const spec = { name: "own", summary: "A test.", source: "none" };
  test.each([
    [{}, "losses/own has neither loss nor penalty; give one."],
    [{ loss: "y", penalty: "weight" }, "losses/own has both loss and penalty; give one."],
    [{ loss: "sum(y) + weigth" }, 'unknown name "weigth"'],
    [{ loss: "summ(y)" }, "calls an unknown function"],
    [{ loss: "sum(3)" }, 'the argument of "sum(3)" is the same for every output; leave sum out.'],
    [{ loss: "sumOverSteps(target)" }, 'the argument of "sumOverSteps(target)" is the same for every step'],
    [{ loss: "y - target", unit: "mV" }, 'the term "y" is in mV; every term must be without a unit.'],
    [{ loss: "exp(y)", unit: "mV" }, '"y", the argument of exp, is in mV; divide it by a quantity in that unit.'],
    [{ loss: "y", parameters: { sum: { value: 1, summary: "a number" } } }, 'the name "sum" is reserved'],
    [{ penalty: "sum(weight)" }, "calls an unknown function"],
    [{ penalty: "weight^2", unit: "mV" }, "weights have none; leave out unit."],
  ])("%o", (change, message) => {
    expect(() => defineLoss({ ...spec, ...change })).toThrow(message);
  });

  test("with values in a unit, the equation divides by a parameter in it", () => {
    const loss = defineLoss({
      ...spec,
      unit: "mV",
      parameters: { width: { value: "2 mV", summary: "a difference that counts as 1" } },
      loss: "((y - target) / width)^2",
    });
    expect(runLoss(lossTerm(loss), { outputs: 1, steps: 1 }, [-60], [-64])).toEqual({ value: 4, gradient: [2] });
    expect(loss.with({ width: "4 mV" }).parameters.width!.value).toBe(4);
    expect(() => loss.with({ width: "4 ms" })).toThrow("ms");
  });

  test("an equation of every step needs the values of every step", () => {
    const loss = defineLoss({ ...spec, loss: "largestOverSteps(y)" });
    expect(() => loss.kernel({ outputs: 1, steps: 2 })).toThrow("losses/own needs a value of every step");
    expect(() => loss.penalty()).toThrow("is no penalty of weights");
  });
});

test("a parameter outside its range is refused", () => {
  expect(() => crossEntropy({ scale: 0 })).toThrow('losses/cross-entropy: "scale" is 0; give a number above 0.');
  expect(() => meanSquaredError({ weight: -1 })).toThrow("weight is -1");
});

test("every loss is described with its equation and its source", () => {
  for (const make of Object.values(losses)) {
    const { loss } = make();
    expect(loss.describe()).toContain(loss.spec.loss ?? loss.spec.penalty);
    expect(loss.describe()).toContain(loss.source);
  }
});
