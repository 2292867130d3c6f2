import type { ConformanceCase } from "./case.js";
import {
  adaptive,
  bernoulli,
  constantCurrent,
  descent,
  handIntegrator,
  handRelu,
  handSnu,
  latency,
  noisyCurrent,
} from "./kernels.js";
import { type LayerSpec, type NetworkSpec, networkCase } from "./network-case.js";

/** Spiking units; threshold 0.5, decay 0.8. */
export const snu = (units: number, more: Partial<LayerSpec> = {}): LayerSpec => ({
  units,
  neuron: handSnu(),
  parameters: { b: [-0.5, "unit"], l: [0.8, "fixed"] },
  gain: 2,
  ...more,
});

/** Spiking units that pass errors near the threshold only. */
const windowed = (units: number, more: Partial<LayerSpec> = {}): LayerSpec =>
  snu(units, { neuron: handSnu(false, "window"), ...more });

export const integrator = (units: number, more: Partial<LayerSpec> = {}): LayerSpec => ({
  units,
  neuron: handIntegrator(),
  parameters: { decay: [0.8, "layer"] },
  ...more,
});

export const relu = (units: number, more: Partial<LayerSpec> = {}): LayerSpec => ({
  units,
  neuron: handRelu(),
  parameters: { gain: [1, "fixed"] },
  ...more,
});

const USUAL: Omit<NetworkSpec, "layers"> = {
  seed: 5,
  inputs: 33,
  encoder: bernoulli(0.5),
  batch: 5,
  samples: 4,
  steps: 6,
  readout: "sum",
  loss: "mean-squared-error",
  reduction: "mean",
  updates: 3,
  rule: descent(),
  scalars: { rate: 0.2, keep: 0.9 },
  visible: false,
};

const NETWORKS: Readonly<Record<string, Partial<NetworkSpec> & Pick<NetworkSpec, "layers">>> = {
  "one spiking unit": { inputs: 1, batch: 1, samples: 1, layers: [snu(1)] },
  "two spiking layers": { layers: [snu(33, { bias: true }), snu(10)] },
  "a full batch of one step": { samples: 5, steps: 1, layers: [snu(8), snu(3)] },
  "silent layers": { layers: [snu(9, { parameters: { b: [-50, "fixed"], l: [0.8, "fixed"] } }), snu(5)] },
  "layers that always fire": { layers: [snu(9, { parameters: { b: [50, "fixed"], l: [0.8, "fixed"] } }), snu(5)] },
  "recurrent spiking layers": { layers: [snu(17, { recurrent: true, bias: true }), snu(10, { recurrent: true })] },
  "importance factors": {
    rule: adaptive(),
    scalars: { rate: 0.01, keep: 0.9 },
    layers: [snu(12, { factor: true, recurrent: true }), snu(7, { factor: true, bias: true })],
  },
  "truncated in time": { steps: 12, truncate: 4, layers: [snu(12, { recurrent: true }), snu(7)] },
  "static input, dropout, graded units": {
    encoder: constantCurrent(),
    loss: "cross-entropy",
    reduction: "batch",
    layers: [relu(20, { keep: 0.8, bias: true }), relu(9, { keep: 0.5 }), relu(4)],
  },
  "spiking layers with dropout": {
    layers: [snu(33, { keep: 0.6 }), snu(40, { keep: 0.8, recurrent: true }), windowed(37, { keep: 0.7 }), snu(10)],
  },
  "graded recurrent units with dropout": {
    encoder: noisyCurrent(),
    loss: "cross-entropy",
    readout: "last",
    layers: [integrator(20, { keep: 0.8, recurrent: true }), integrator(3, { bias: true })],
  },
  "spikes into an integrator read at the end": {
    encoder: latency(6),
    loss: "cross-entropy",
    reduction: "sum",
    readout: "lastState",
    layers: [snu(21), integrator(10)],
  },
  "a surrogate of bounded support, bright input": {
    inputs: 70,
    encoder: bernoulli(0.85),
    steps: 9,
    layers: [windowed(40), windowed(132), snu(36), snu(10)],
  },
  "a surrogate of bounded support, odd widths": {
    inputs: 70,
    encoder: bernoulli(0.7),
    steps: 7,
    layers: [windowed(42), windowed(137), windowed(35), snu(10)],
  },
  "a surrogate of bounded support, many steps": {
    encoder: bernoulli(0.3),
    steps: 75,
    layers: [windowed(36), windowed(140), snu(40), snu(10)],
  },
  "recurrent, hearing what mostly fires": {
    encoder: bernoulli(0.9),
    steps: 8,
    layers: [snu(20, { parameters: { b: [0.5, "unit"], l: [0.8, "fixed"] } }), snu(36, { recurrent: true }), snu(10)],
  },
  "ten updates of a wide network": {
    inputs: 784,
    encoder: bernoulli(0.3),
    batch: 8,
    samples: 7,
    steps: 8,
    updates: 10,
    layers: [snu(65), snu(33), snu(10)],
  },
};

/** Whole training procedures, each once with every signal readable and once with the signals that training needs. */
export const networkCases = (): ConformanceCase[] =>
  Object.entries(NETWORKS).flatMap(([name, network]) =>
    [true, false].map((visible) =>
      networkCase(`${name}${visible ? ", every signal read" : ""}`, { ...USUAL, ...network, visible }),
    ),
  );
