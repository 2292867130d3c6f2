import { describe, expect, test } from "vitest";
import { snu } from "#spikevine/neurons/index";
import type { Procedure } from "#spikevine/src/device/contract";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { inputIndependentTerms } from "#spikevine/src/device/simd/kernels/scan/input-independent-terms";
import type { NeuronKernel } from "#spikevine/src/equations/kernels/kernels";
import {
  add,
  type Expression,
  multiply,
  operation,
  subtract,
  symbol,
} from "#spikevine/src/equations/language/expression";
import { forwardProcedure, PLAN_TENSORS, run, SAMPLES, TENSORS } from "../conformance/forward-pass.js";
import { handSnu } from "../conformance/kernels.js";

const [s, y, input, decay, one] = [
  symbol("s"),
  symbol("y"),
  symbol("input"),
  symbol("decay"),
  operation("add", symbol("y"), symbol("decay")),
];

describe("input-independent terms of a step", () => {
  const left = multiply(decay, multiply(s, subtract(one, y)));
  const step = operation("relu", add(input, left));

  test("are the largest terms without the input, if they are fewer than states and y", () => {
    expect(inputIndependentTerms([step, operation("spike", step)], ["s", "y"])).toEqual([left]);
  });

  test("are empty if the states are as few", () => {
    expect(inputIndependentTerms([add(input, multiply(decay, s))], ["s", "y"])).toEqual([]);
    expect(inputIndependentTerms([add(input, left), multiply(s, input)], ["s", "y"])).toEqual([]);
  });

  test("exclude terms that depend on parameters alone", () => {
    const parts: readonly Expression[] = inputIndependentTerms(
      [multiply(multiply(decay, decay), add(input, left))],
      ["s", "y"],
    );
    expect(parts).toEqual([left]);
  });
});

/** A forward pass without recurrent connections. */
function feedForward(
  neuron: NeuronKernel,
  parameters: Record<string, number>,
  steps: number,
  isStream: boolean,
): Procedure {
  const procedure = forwardProcedure({ neuron, parameters, masked: false }, steps, isStream);
  const operations = procedure.operations.map((each) => {
    if (each.op !== "scan") return each;
    const { recurrent: _, ...scan } = each;
    return scan;
  });
  return { ...procedure, operations };
}

// The number of runs determines the baseline and so the order of sums; the weights are chosen so that no sum is rounded.
const WEIGHTS = TENSORS.weights.map((weight) => Math.round(weight * 64) / 64);

describe("a presentation in several runs has the same spikes as in one", () => {
  const kernels: readonly [string, NeuronKernel, Record<string, number>][] = [
    ["snu", snu().kernel({ dt: 1 }), { decay: 0.8, threshold: 0.5 }],
    ["snu, subtract", snu({ reset: "subtract" }).kernel({ dt: 1 }), { decay: 0.8, threshold: 0.5 }],
    ["snu, proportional", snu({ reset: "proportional" }).kernel({ dt: 1 }), { decay: 0.8, threshold: 0.5 }],
    ["by hand", handSnu(), { b: -0.5, l: 0.8 }],
  ];
  test.each(kernels)("%s", async (_, neuron, values) => {
    const parameters = Object.fromEntries(neuron.parameters.map((name) => [name, values[name]!]));
    const device = await simdDevice({ threads: 1 });
    const program = await device.compile({
      tensors: PLAN_TENSORS,
      procedures: {
        long: feedForward(neuron, parameters, 12, false),
        part: feedForward(neuron, parameters, 4, true),
        step: feedForward(neuron, parameters, 1, true),
      },
    });
    await program.writeTensor("weights", Float32Array.from(WEIGHTS));
    const totals: Float32Array[] = [];
    for (const [procedure, steps] of [
      ["long", 12],
      ["part", 4],
      ["step", 1],
    ] as const) {
      for (let first = 0; first < 12; first += steps) {
        const { inputs } = run(procedure, 0, SAMPLES, first);
        await program.run(procedure, inputs);
      }
      totals.push(await program.readSignal(procedure, "total"));
    }
    expect(totals[0]!.some((total) => total !== 0)).toBe(true);
    expect(totals[1]).toEqual(totals[0]);
    expect(totals[2]).toEqual(totals[0]);
    await device.dispose();
  });
});
