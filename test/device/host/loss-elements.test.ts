import { expect, it } from "vitest";
import { losses } from "#spikevine/losses/index";
import { compileLoss } from "#spikevine/src/device/host/loss";
import { generateElements, interpretElements } from "#spikevine/src/device/host/loss-elements";
import { numbers } from "../conformance/case.js";

const sizes = { outputs: 5, steps: 4 };

it.each(Object.entries(losses).filter(([, make]) => make().loss.spec.loss !== undefined))(
  "the formulas of %s give the same bits generated and interpreted",
  (_, make) => {
    const { loss } = make();
    for (const rows of loss.usesSteps ? (["steps"] as const) : (["sample", "steps"] as const)) {
      const kernel = loss.kernel({ ...sizes, rows });
      const formulas = [
        ...[...kernel.reductions, ...kernel.gradientReductions].map(({ formula, axes }) => ({ formula, axes })),
        kernel.value,
        { formula: kernel.gradient, axes: rows === "steps" ? (["steps", "outputs"] as const) : (["outputs"] as const) },
      ];
      const y = { data: numbers(23, 1, `${loss.name} y`, 0, 3), start: 3, stride: rows === "steps" ? 5 : 0 };
      const target = { data: numbers(5, 1, `${loss.name} target`, 0, 1), start: 0, stride: 0 };
      // Results of reductions of every shape.
      const values = new Map(
        [...kernel.reductions, ...kernel.gradientReductions].map(({ name, axes, over }) => {
          const left = axes.filter((axis) => !over.includes(axis));
          const outputs = left.includes("outputs") ? 1 : 0;
          const strides = { outputs, steps: left.includes("steps") ? (outputs === 1 ? 5 : 1) : 0 };
          return [name, { numbers: Float64Array.from(numbers(20, 1, name, 1, 2)), strides }];
        }),
      );
      for (const { formula, axes } of formulas) {
        const steps = (axes as readonly string[]).includes("steps") ? 4 : 1;
        const outputs = (axes as readonly string[]).includes("outputs") ? 5 : 1;
        const [one, other] = [generateElements, interpretElements].map((compile) => {
          const elements = new Float64Array(steps * outputs).fill(Number.NaN);
          compile(formula, { elements, steps, outputs }, { sizes, values })({ y, target });
          return elements;
        });
        expect(one).toEqual(other);
        expect(one!.every(Number.isFinite)).toBe(true);
      }
    }
  },
);

it("a loss is computed where code generation is forbidden", () => {
  const kernel = losses["cross-entropy"]!().loss.kernel({ outputs: 3, steps: 1 });
  const rows = (data: readonly number[]) => ({ data: Float64Array.from(data), start: 0, stride: 0 });
  const run = (): number[] => {
    const gradient = rows([0, 0, 0]);
    const value = compileLoss(kernel, { outputs: 3, steps: 1 })({
      y: rows([1, 2, 3]),
      target: rows([0, 1, 0]),
      gradient,
    });
    return [value, ...gradient.data];
  };
  const expected = run();
  const { Function: generator } = globalThis;
  try {
    globalThis.Function = function forbidden() {
      throw new EvalError("code generation is forbidden");
    } as unknown as FunctionConstructor;
    expect(run()).toEqual(expected);
  } finally {
    globalThis.Function = generator;
  }
});
