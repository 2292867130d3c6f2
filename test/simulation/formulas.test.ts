import { describe, expect, it } from "vitest";
import { defineNeuron, tanhDerivative } from "#spikevine/neurons/index";
import { simulation } from "#spikevine/src/simulation/index";

/** One state per operation; after a step it is the operation applied to the input. */
const EQUATIONS = {
  exponential: "exp(I)",
  logarithm: "log(abs(I) + 1e-3)",
  root: "sqrt(abs(I))",
  sine: "sin(I)",
  cosine: "cos(I)",
  hyperbolic: "tanh(I)",
  arc: "atan(I)",
  logistic: "sigmoid(I)",
  rectified: "relu(I)",
  positive: "step(I)",
  size: "abs(I)",
  side: "sign(I)",
  whole: "floor(I)",
  least: "min(I, 2 * I)",
  most: "max(I, 0.5)",
  powered: "(abs(I) + 0.1)^1.7",
  cubed: "I^3",
  chosen: "I > 1 and I < 5 or not (I >= -3) ? I / 3 : -I",
  same: "I == 2 ? 1 : 0",
  growing: "I * (exp(I / 100) - 1)",
} as const;

const calculator = defineNeuron({
  name: "calculator",
  summary: "Applies every operation to its input.",
  source: "none",
  states: Object.fromEntries(Object.keys(EQUATIONS).map((name) => [name, { summary: name }])),
  update: EQUATIONS,
  spike: "exponential - 1e300",
  surrogate: tanhDerivative(),
});

const inputs = [
  ...Array.from({ length: 401 }, (_, k) => (k - 200) / 10),
  ...[-700, -104, -1e-3, -1e-8, 0, 1e-8, 1e-3, 2, 80, 700],
];

async function results(
  options: { precision?: "single" | "double"; executor?: "javascript" },
  given: readonly number[],
) {
  const sim = simulation(options);
  const cells = sim.population("cells", given.length, calculator);
  sim.input(cells, { current: given });
  await sim.run("0.1 ms");
  return Object.fromEntries(Object.keys(EQUATIONS).map((name) => [name, sim.state(cells, name)]));
}

describe.each([
  ["double", 4e-15],
  ["single", 1e-6],
] as const)("formulas in %s precision", (precision, tolerance) => {
  it.each(Object.keys(EQUATIONS))("%s", async (name) => {
    // exp(700) is beyond single precision, and its sine differs.
    const given = precision === "double" ? inputs : inputs.filter((x) => Math.abs(x) <= 80).map(Math.fround);
    const found = (await results({ precision }, given))[name]!;
    const expected = (await results({ executor: "javascript" }, given))[name]!;
    found.forEach((value, k) => {
      const scale = Math.max(Math.abs(expected[k]!), precision === "double" ? 1e-300 : 1);
      expect(Math.abs(value - expected[k]!) / scale, `of ${given[k]}`).toBeLessThan(
        tolerance * Math.max(1, Math.abs(given[k]!)),
      );
    });
  });
});
