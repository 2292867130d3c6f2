import { constantCurrent, type EncoderDefinition, latency, rate } from "#spikevine/encoders/index";
import {
  dense,
  lastOutput,
  lastState,
  type Network,
  network,
  type Readout,
  spikeCount,
  spikeRate,
} from "#spikevine/networks/index";
import { type Dataset, dataset } from "#spikevine/src/data/dataset";
import type { Variant } from "./neurons.js";
import type { SurrogateName } from "./surrogates.js";

export interface LayerChoice {
  readonly variant: Variant;
  readonly units: number;
  readonly surrogate: SurrogateName;
  readonly recurrent: boolean;
  readonly bias: boolean;
  readonly dropout: boolean;
  readonly train: "unit" | "layer" | "fixed";
}

export interface NetworkChoice {
  readonly layers: readonly LayerChoice[];
  readonly inputs: number;
  readonly samples: number;
  readonly steps: number;
  readonly encoder: "rate" | "latency" | "constantCurrent";
  readonly readout: "rate" | "count" | "lastOutput" | "lastState";
  readonly loss: "cross-entropy" | "mean-squared-error";
  readonly reduction: "mean" | "batch" | "sum";
  readonly truncate: number | undefined;
  readonly seed: number;
}

const ENCODERS: Readonly<Record<NetworkChoice["encoder"], () => EncoderDefinition>> = {
  rate: () => rate({ maxRate: 0.7 }),
  latency: () => latency(),
  constantCurrent: () => constantCurrent(),
};

/** A state can be read out only if the neuron has one. */
export function readoutOf({ readout, layers }: NetworkChoice): Readout {
  const { state } = layers.at(-1)!.variant;
  if (readout === "lastState" && state !== undefined) return lastState(state);
  return { rate: spikeRate, count: spikeCount, lastOutput, lastState: lastOutput }[readout]();
}

/** Numbers in [0, 1) that depend only on the seed (mulberry32). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes the chosen network and data for it. Every array is filled with new values, including biases. */
export function makeNetwork(choice: NetworkChoice, seed: number): { net: Network; data: Dataset } {
  const uniform = uniforms(seed);
  const { inputs, steps, samples } = choice;
  const net = network({
    inputs,
    steps,
    seed: seed % 1000,
    encoder: ENCODERS[choice.encoder](),
    readout: readoutOf(choice),
    layers: choice.layers.map(({ variant, units, surrogate, recurrent, bias, dropout, train }, index) => {
      const neuron = variant.make(surrogate);
      const names = Object.keys(neuron.parameters).filter((name) => name !== "refractory");
      return dense(units, neuron, {
        recurrent,
        bias,
        dropout: dropout && !(variant.isSpiking && index === choice.layers.length - 1) ? 0.3 : 0,
        trainable: Object.fromEntries(names.map((name) => [name, train])),
      });
    }),
  });
  for (const [name, { data, rows }] of net.parameters) {
    const [layer, array] = name.split(".") as [string, string];
    const { variant } = choice.layers[net.layerNames.indexOf(layer)]!;
    const current = variant.current ?? 1;
    for (let i = 0; i < data.length; i++) {
      if (array === "weights") data[i] = (current * 2.5 * (uniform() - 0.3)) / Math.sqrt(rows);
      else if (array === "recurrent") data[i] = (current * (uniform() - 0.6)) / Math.sqrt(rows);
      else if (array === "bias") data[i] = current * 0.4 * (uniform() - 0.5);
      else data[i] = data[i]! * (0.95 + 0.1 * uniform());
    }
  }
  // Some pixels are 0, so that some steps have no input.
  const images = Float32Array.from({ length: samples * inputs }, () => Math.max(0, 1.3 * uniform() - 0.3));
  const classes = choice.layers.at(-1)!.units;
  const labels = Uint8Array.from({ length: samples }, () => Math.floor(uniform() * classes));
  return { net, data: dataset({ images, labels, classes }) };
}
