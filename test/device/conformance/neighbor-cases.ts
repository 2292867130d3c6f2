import { lif, snu } from "#spikevine/neurons/index";
import { arctan } from "#spikevine/neurons/surrogates/index";
import { defineNeuron, type NeuronDefinition } from "#spikevine/src/equations/definitions/neuron";
import { constant, operation, symbol } from "#spikevine/src/equations/language/expression";
import type { ConformanceCase } from "./case.js";
import { constantCurrent, noisyCurrent } from "./kernels.js";
import { Sketch } from "./sketch.js";

/** A current, a membrane, and a trace of the spikes that the threshold does not read. */
const traced = (): NeuronDefinition =>
  defineNeuron({
    name: "traced",
    summary: "test",
    source: "test",
    states: { i: { summary: "current" }, v: { summary: "potential" }, a: { summary: "trace" } },
    parameters: { theta: { value: 0.6, summary: "threshold" } },
    update: { i: "0.5 * i + I", v: "0.8 * v + 0.5 * i + I", a: "0.5 * a + y / 2" },
    spike: "v - theta",
    reset: { v: "v * (1 - y)" },
    surrogate: arctan(),
  });

interface Variant {
  readonly neuron: NeuronDefinition;
  readonly units: number;
  readonly columns: number;
  readonly smoothing: number;
  readonly trace?: string;
}

const VARIANTS: readonly Variant[] = [
  { neuron: snu(), units: 5, columns: 1, smoothing: 0 },
  { neuron: snu(), units: 33, columns: 33, smoothing: 0.5 },
  { neuron: lif(), units: 12, columns: 3, smoothing: 0 },
  { neuron: traced(), units: 9, columns: 9, smoothing: 0.5, trace: "now__a" },
  { neuron: traced(), units: 16, columns: 1, smoothing: 0, trace: "now__a" },
];

function neighborCase({ neuron, units, columns, smoothing, trace }: Variant, isStatic: boolean): ConformanceCase {
  const kernel = neuron.neighborKernel({ dt: 1 }, { power: 1, largest: 4 });
  const sketch = new Sketch(3, 2, 6);
  const scale = neuron.name === "lif" ? 60 : 1;
  const current = sketch.encoded("current", units, isStatic ? constantCurrent() : noisyCurrent(), 0, scale);
  const parameters = Object.fromEntries(
    kernel.parameters.map((name) => {
      const { value } = neuron.parameters[name]!;
      const [low, high] = [value * 0.9, value * 1.1];
      const tensor = sketch.tensor(name, 1, columns, Math.min(low, high), Math.max(low, high));
      return [name, { tensor }];
    }),
  );
  const names = kernel.states.map((state) => `now__${state}`);
  const stored = Object.fromEntries([...names, "input"].map((name) => [name, sketch.values(`s.${name}`, units)]));
  const error = sketch.encoded("error", units, noisyCurrent(), -1, 1);
  const steady = sketch.encoded("steady", units, constantCurrent(), -1, 1);
  const mask = columns > 1 ? { mask: sketch.values("mask", units, "sample") } : {};
  if (mask.mask !== undefined) sketch.add({ op: "dropoutMask", keep: 0.7, value: 1, layer: 1, to: mask.mask });
  sketch
    .add({
      op: "scan",
      neuron: kernel,
      parameters,
      current,
      to: sketch.spikes("output", units),
      store: stored,
      ...mask,
    })
    .add({
      op: "neighbors",
      neuron: kernel,
      parameters,
      current,
      stored: Object.fromEntries(names.map((name) => [name, stored[name]!])),
      errors: [
        { signal: error, at: "every", of: "output", scale: 1 },
        { signal: steady, at: "last", of: "output", scale: 0.5 },
        ...(trace === undefined ? [] : [{ signal: steady, at: "every", of: trace, scale: -0.7 } as const]),
      ],
      smoothing,
      ...mask,
      to: sketch.values("effect", units),
    })
    .add({
      op: "adjointScan",
      neuron: kernel,
      parameters,
      stored: Object.fromEntries(kernel.adjointNeeds.map((name) => [name, stored[name]!])),
      errors: [{ signal: "effect", at: "every", of: "output", scale: 1 }],
      to: sketch.values("raw", units),
      parameterErrors: Object.fromEntries(
        kernel.parameters.map((name) => [name, sketch.values(`d.${name}`, units, "sample")]),
      ),
    });
  const kind = isStatic ? "still" : "changing";
  return sketch.case(`neighbors of ${neuron.name}, ${units} units, ${columns} columns, ${kind} current`);
}

function rescaleCase(width: number, isStatic: boolean): ConformanceCase {
  const sketch = new Sketch(4, 3, 3);
  const from = sketch.encoded("from", width, isStatic ? constantCurrent() : noisyCurrent(), -1, 1);
  const rows = isStatic ? "sample" : "steps";
  const formula = operation(
    "log",
    operation("add", operation("divide", symbol("reference"), symbol("mean")), constant(1.02)),
  );
  sketch
    .add({
      op: "rescale",
      from,
      formula: operation("multiply", symbol("mean"), constant(-3)),
      size: sketch.tensor("first", 1, 1),
      to: sketch.values("scaled", width, rows),
    })
    .add({
      op: "rescale",
      from,
      formula,
      reference: "first",
      size: sketch.tensor("second", 1, 1),
      to: sketch.values("to", width, rows),
    });
  return sketch.case(`rescale ${width} units of ${rows === "steps" ? "every step" : "one row"}`);
}

/** Neighborhood aggregation: effects of single spikes, and errors scaled by their size. */
export const neighborCases = (): ConformanceCase[] => [
  ...VARIANTS.flatMap((variant) => [neighborCase(variant, false), neighborCase(variant, true)]),
  ...[1, 5, 33].flatMap((width) => [rescaleCase(width, false), rescaleCase(width, true)]),
];
