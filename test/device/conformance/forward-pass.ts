import type { Operation, Plan, Procedure, SignalSpec } from "#spikevine/src/device/contract";
import type { NeuronKernel } from "#spikevine/src/equations/kernels/kernels";
import { type ConformanceCase, identities, numbers } from "./case.js";
import { bernoulli, handIntegrator, handRelu, handSnu } from "./kernels.js";

export const SAMPLES = 3;
export const INPUTS = 19;
export const UNITS = 13;
export const SEED = 23;

export interface Forward {
  readonly neuron: NeuronKernel;
  readonly parameters: Readonly<Record<string, number>>;
  readonly masked: boolean;
}

export const FORWARDS: readonly Forward[] = [
  { neuron: handSnu(), parameters: { b: -0.5, l: 0.8 }, masked: false },
  { neuron: handSnu(), parameters: { b: -0.4, l: 0.8 }, masked: true },
  { neuron: handIntegrator(), parameters: { decay: 0.8 }, masked: true },
  { neuron: handRelu(), parameters: { gain: 1 }, masked: false },
];

/** A recurrent forward pass as one procedure, with a carry if it is to be continued. */
export function forwardProcedure({ neuron, parameters, masked }: Forward, steps: number, isStream: boolean): Procedure {
  const signal = (width: number, rows: SignalSpec["rows"], more: Partial<SignalSpec> = {}): SignalSpec => ({
    kind: "values",
    width,
    rows,
    role: "scratch",
    ...more,
  });
  const carryWidth = (neuron.states.length + 1) * UNITS;
  const signals: Record<string, SignalSpec> = {
    pixels: signal(INPUTS, "sample", { role: "input" }),
    input: signal(INPUTS, "steps", { kind: "spikes", role: "result" }),
    current: signal(UNITS, "steps"),
    output: signal(UNITS, "steps", { kind: neuron.output, role: "result" }),
    total: signal(UNITS, "sample", { role: isStream ? "kept" : "result" }),
    ...(masked ? { mask: signal(UNITS, "sample") } : {}),
    ...(isStream ? { carry: signal(carryWidth, "sample", { role: "kept" }) } : {}),
  };
  const value = neuron.output === "spikes" ? { value: 1 } : {};
  const operations: Operation[] = [
    { op: "encode", encoder: bernoulli(0.4), stream: 2, from: "pixels", to: "input" },
    { op: "current", from: "input", weights: "weights", to: "current" },
    ...(masked ? [{ op: "dropoutMask", keep: 0.7, ...value, layer: 2, to: "mask" } as const] : []),
    {
      op: "scan",
      neuron,
      parameters,
      current: "current",
      recurrent: "recurrent",
      to: "output",
      store: {},
      ...(masked ? { mask: "mask" } : {}),
      ...(isStream ? { carry: "carry" } : {}),
    },
    { op: "readout", kind: "sum", scale: 0.5, from: "output", to: "total" },
  ];
  return { batch: SAMPLES + 1, steps, signals, operations };
}

const PIXELS = numbers(SAMPLES * INPUTS, SEED, "pixels", 0, 1);
export const TENSORS = {
  weights: numbers(INPUTS * UNITS, SEED, "weights", -0.4, 0.5),
  recurrent: numbers(UNITS * UNITS, SEED, "recurrent", -0.2, 0.2),
};
export const PLAN_TENSORS: Plan["tensors"] = {
  weights: { rows: INPUTS, columns: UNITS },
  recurrent: { rows: UNITS, columns: UNITS },
};

/** A run of some samples, starting at a given one. */
export const run = (
  procedure: string,
  first: number,
  count: number,
  firstStep = 0,
): ConformanceCase["runs"][number] => ({
  procedure,
  inputs: {
    samples: count,
    signals: { pixels: PIXELS.slice(first * INPUTS, (first + count) * INPUTS) },
    sampleIds: identities(SAMPLES, SEED).slice(first, first + count),
    seed: SEED,
    epoch: 1,
    firstStep,
  },
});
