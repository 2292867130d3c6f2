import type { Device, Operation, Plan, SignalSpec } from "#spikevine/src/device/contract";
import type { NeuronKernel } from "#spikevine/src/equations/kernels";
import { type ConformanceCase, identities, numbers } from "./case.js";
import { compareArrays, type Tolerance } from "./compare.js";
import { bernoulli, descent, handIntegrator, handRelu, handSnu, noisyCurrent } from "./kernels.js";
import { networkCase } from "./network-case.js";
import { integrator } from "./network-cases.js";
import { observe, type Values } from "./observe.js";

/**
 * What must not change a device's own numbers: cutting a presentation into several runs, the batch that a sample is in,
 * and running the same thing again. Sums are in the same order on both sides, so rounding is all that may differ, and
 * where nothing is summed differently, not even that.
 */
const CLOSE: Tolerance = { relative: 1e-6, absolute: 1e-7 };

const SAMPLES = 3;
const INPUTS = 19;
const UNITS = 13;
const SEED = 23;

interface Forward {
  readonly neuron: NeuronKernel;
  readonly parameters: Readonly<Record<string, number>>;
  readonly masked: boolean;
}

const FORWARDS: readonly Forward[] = [
  { neuron: handSnu(), parameters: { b: -0.5, l: 0.8 }, masked: false },
  { neuron: handIntegrator(), parameters: { decay: 0.8 }, masked: true },
  { neuron: handRelu(), parameters: { gain: 1 }, masked: false },
];

/** A recurrent forward pass as one procedure, with a carry if it is to be continued. */
function forwardProcedure({ neuron, parameters, masked }: Forward, steps: number, isStream: boolean) {
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
  const operations: Operation[] = [
    { op: "encode", encoder: bernoulli(0.4), stream: 2, from: "pixels", to: "input" },
    { op: "current", from: "input", weights: "weights", to: "current" },
    ...(masked ? [{ op: "mask", keep: 0.7, layer: 2, to: "mask" } as const] : []),
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
const TENSORS = {
  weights: numbers(INPUTS * UNITS, SEED, "weights", -0.4, 0.5),
  recurrent: numbers(UNITS * UNITS, SEED, "recurrent", -0.2, 0.2),
};
const PLAN_TENSORS: Plan["tensors"] = {
  weights: { rows: INPUTS, columns: UNITS },
  recurrent: { rows: UNITS, columns: UNITS },
};

const run = (procedure: string, first: number, count: number, firstStep = 0): ConformanceCase["runs"][number] => ({
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

/** Rows of several parts of a signal, put together for every sample: parts are [samples, steps, width] each. */
function join(parts: readonly Values[], samples: number): Float32Array {
  const rows: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (const part of parts) {
      const length = part.length / samples;
      rows.push(...part.subarray(sample * length, (sample + 1) * length));
    }
  }
  return Float32Array.from(rows);
}

/** Twelve steps at once, then as three runs of four with a carry, then again from the start. */
export async function streaming(device: Device): Promise<string[]> {
  const differences: string[] = [];
  for (const forward of FORWARDS) {
    const { arrays } = await observe(device, {
      name: "streaming",
      plan: {
        tensors: PLAN_TENSORS,
        procedures: { long: forwardProcedure(forward, 12, false), part: forwardProcedure(forward, 4, true) },
      },
      tensors: TENSORS,
      runs: [run("long", 0, SAMPLES), ...[0, 4, 8, 0, 4, 8].map((step) => run("part", 0, SAMPLES, step))],
      compareTensors: [],
      compareSignals: true,
    });
    const at = (index: number, name: string): Values => arrays.get(`run ${index}: ${name}`)!;
    for (const first of [1, 4]) {
      for (const name of ["input", "output"]) {
        const parts = join([at(first, name), at(first + 1, name), at(first + 2, name)], SAMPLES);
        differences.push(...difference(`${forward.neuron.name} ${name}`, at(0, name), parts, CLOSE));
      }
      differences.push(...difference(`${forward.neuron.name} total`, at(0, "total"), at(first + 2, "total"), CLOSE));
    }
  }
  return differences;
}

/** All samples in one run, and each alone: the same spikes bit for bit, the same numbers but for rounding. */
export async function batching(device: Device): Promise<string[]> {
  const differences: string[] = [];
  for (const forward of FORWARDS) {
    const { arrays } = await observe(device, {
      name: "batching",
      plan: { tensors: PLAN_TENSORS, procedures: { all: forwardProcedure(forward, 5, false) } },
      tensors: TENSORS,
      runs: [run("all", 0, SAMPLES), ...Array.from({ length: SAMPLES }, (_, sample) => run("all", sample, 1))],
      compareTensors: [],
      compareSignals: true,
    });
    for (const name of ["input", "output", "total"]) {
      const together = arrays.get(`run 0: ${name}`)!;
      const alone = Array.from({ length: SAMPLES }, (_, sample) => arrays.get(`run ${sample + 1}: ${name}`)!);
      const joined = Float32Array.from(alone.flatMap((values) => [...values]));
      const exact = name !== "input" ? CLOSE : { relative: 0, absolute: 0 };
      differences.push(...difference(`${forward.neuron.name} ${name}`, together, joined, exact));
    }
  }
  return differences;
}

/** The same case twice gives the same bits. */
export async function repeating(device: Device, what: ConformanceCase): Promise<string[]> {
  const first = await observe(device, what);
  const second = await observe(device, what);
  return [...first.arrays].flatMap(([key, values]) =>
    difference(key, values, second.arrays.get(key)!, { relative: 0, absolute: 0 }),
  );
}

/** Losses of a graded network one of whose weights is NaN: none may be finite, or a diverged run would go unseen. */
export async function divergence(device: Device): Promise<Values> {
  const broken = networkCase("divergence", {
    seed: SEED,
    inputs: 5,
    encoder: noisyCurrent(),
    layers: [integrator(4), integrator(3)],
    batch: 2,
    samples: 2,
    steps: 3,
    readout: "sum",
    loss: "cross-entropy",
    reduction: "mean",
    updates: 1,
    rule: descent(),
    scalars: { rate: 0.1 },
    visible: false,
  });
  const weights = broken.tensors["l0.weights"]!.slice();
  weights[6] = Number.NaN;
  const { arrays } = await observe(device, { ...broken, tensors: { ...broken.tensors, "l0.weights": weights } });
  return arrays.get("run 0: loss")!;
}

function difference(what: string, wanted: Values, got: Values, tolerance: Tolerance): string[] {
  const found = compareArrays(wanted, got, tolerance);
  return found === undefined ? [] : [`${what} ${found}`];
}
