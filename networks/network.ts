import {
  either,
  fields,
  made,
  optional,
  quantity as quantityKind,
  type RequiredKind,
  show,
  signature,
  tuple,
  whole,
} from "../src/arguments/index.js";
import { DATASET, type Dataset } from "../src/data/dataset.js";
import type { ImageShape } from "../src/device/contract.js";
import { ENCODER, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { quantity } from "../src/equations/language/units.js";
import { SpikevineError } from "../src/errors.js";
import { nearestName } from "../src/nearest-name.js";
import { SEED } from "../src/random/seed.js";
import { asLayer } from "./as-layer.js";
import { checkSteps } from "./check-steps.js";
import { type GraphNode, mapsOf, neuronsOf, sizeOf } from "./graph.js";
import { initialParameters, type Parameter } from "./initial-parameters.js";
import { initialDistributions } from "./initial-weights.js";
import { LAYERS } from "./layer-kind.js";
import { type Layer, layersAsGraph } from "./layers.js";
import { checkPopulation, outputsOf } from "./population.js";
import { READOUT, type Readout, spikeCount } from "./readout.js";
import { spikeFactors } from "./spike-dropout.js";
import { shapeText } from "./windows.js";

export type { Parameter } from "./initial-parameters.js";

/** Layers after an encoder; each layer of neurons may have recurrent weights of its own. */
export interface Network {
  /** Values of one sample. */
  readonly inputs: number;
  /** Shape of a sample; a row of n values has n channels and one pixel. */
  readonly inputShape: ImageShape;
  /** Values of the read-out: one per unit of the output layer, or per class of a population code. */
  readonly outputs: number;
  readonly encoder: EncoderDefinition;
  /** Time steps of one presentation in training. */
  readonly steps: number;
  /** Length of a step, ms. */
  readonly dt: number;
  readonly layers: readonly Layer[];
  /** `layer1`, `layer2`, ...: the prefix of each layer's parameters, e.g. `layer1.weights`. */
  readonly layerNames: readonly string[];
  /** The layers as the operations that run, in order, with the distributions of their initial weights. */
  readonly nodes: readonly GraphNode[];
  readonly readout: Readout;
  readonly seed: number;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

export interface NetworkOptions {
  /** Input values per sample: their number, or the shape `[channels, height, width]` of an image. */
  inputs: number | readonly [channels: number, height: number, width: number];
  encoder: EncoderDefinition;
  /** Time steps of one presentation. Ordinary (stateless) networks use 1. */
  steps: number;
  /** Length of a step. Default: "1 ms". */
  dt?: string;
  /**
   * Layers from input to output; a neuron by itself is a layer of such neurons. If the last layer has no neurons, its values
   * are the output of every step.
   */
  layers: readonly (Layer | NeuronDefinition)[];
  /**
   * Default: `spikeCount()`, whose cross-entropy can reach 0. For a squared error against 0 and 1, give `spikeRate()`. Several
   * output units per class: `spikeCount({ classes: 10 })`.
   */
  readout?: Readout;
  /** Seed of the initial weights. Default: 1. */
  seed?: number;
  /**
   * Samples that the initial weights are scaled for, e.g. the training data: layers without an initializer start at the point
   * where they fire for such input. Default: images of strokes on a dark background. Sparse spike trains need it.
   */
  data?: Dataset;
}

/** A network as an argument. */
export const NETWORK: RequiredKind = made(
  "a network, e.g. network({ inputs: 784, encoder: rate(), steps: 20, layers: [dense(10, snu())] })",
  "inputs",
  "outputs",
  "layers",
  "layerNames",
  "parameters",
);

const SIZES = either(whole(1), tuple(whole(1), whole(1), whole(1)));

/** The input of a network as an argument; the error completes an image without channels. */
const INPUTS: RequiredKind = {
  ...SIZES,
  fault: (value, path) =>
    Array.isArray(value) && value.length === 2
      ? `${path} is ${show(value)}; give [channels, height, width], e.g. ${show([1, ...value])}.`
      : SIZES.fault(value, path),
};

const check = signature("network", {
  options: fields<NetworkOptions>(
    {
      inputs: INPUTS,
      encoder: ENCODER,
      steps: whole(1),
      dt: optional(quantityKind),
      layers: LAYERS,
      readout: optional(READOUT),
      seed: optional(SEED),
      data: optional(DATASET),
    },
    { root: "options" },
  ),
});

/**
 * Creates a network from layers and draws its initial weights.
 * @throws SpikevineError naming the invalid field.
 */
export function network(options: NetworkOptions): Network {
  check([options]);
  const { encoder, steps } = options;
  if (options.layers.length === 0)
    throw new SpikevineError("network: layers is empty; give at least one, e.g. dense(10, snu()).");
  const [channels, height, width] = typeof options.inputs === "number" ? [options.inputs, 1, 1] : options.inputs;
  const inputShape = { channels, height, width };
  const layerNames = options.layers.map((_, i) => `layer${i + 1}`);
  const layers = options.layers.map(asLayer);
  const graph = layersAsGraph(inputShape, layers, layerNames);
  const output = neuronsOf({ nodes: graph }).at(-1)!;
  spikeFactors(graph);
  const readout = options.readout ?? spikeCount();
  checkReadout(readout, output.neuron);
  checkPopulation({ nodes: graph }, readout);
  const seed = options.seed ?? 1;
  checkSize(inputShape, graph);
  if (options.data !== undefined && options.data.pixels !== sizeOf(inputShape)) {
    throw new SpikevineError(
      `network: data has ${options.data.pixels} values per sample, but there are ${sizeOf(inputShape)} inputs; make them equal.`,
    );
  }
  const dt = quantity("network: dt", options.dt ?? "1 ms", "ms");
  if (!(dt > 0)) throw new SpikevineError(`network: dt is ${options.dt}; give a time above 0, e.g. "1 ms".`);
  const distributions = initialDistributions({ nodes: graph, encoder, steps, dt, data: options.data });
  const { nodes, parameters } = initialParameters(graph, distributions, seed);
  checkSteps({ nodes, dt, parameters });
  return {
    inputs: sizeOf(inputShape),
    inputShape,
    outputs: outputsOf({ nodes }, readout),
    encoder,
    steps,
    dt,
    layers,
    layerNames,
    nodes,
    readout,
    seed,
    parameters,
  };
}

function checkReadout({ name, state = "" }: Readout, { name: neuron, states }: NeuronDefinition): void {
  if (name !== "lastState" || Object.hasOwn(states, state)) return;
  const known = Object.keys(states);
  const near = nearestName(state, known);
  throw new SpikevineError(
    `network: the read-out needs the state "${state}", but ${neuron} has ${known.length ? known.join(", ") : "no state"}${near ? `; did you mean "${near}"?` : "."}`,
  );
}

/** Largest number of trained values of a network: 4 GiB of them, the limit of the devices' memory. */
const MOST_VALUES = 2 ** 30;

/** Refuses sizes that no device can hold, before memory is allocated for them. */
function checkSize(inputs: ImageShape, nodes: readonly GraphNode[]): void {
  const maps = mapsOf({ nodes });
  const recurrent = neuronsOf({ nodes }).filter((node) => node.recurrent);
  const values =
    maps.reduce((sum, { rows, columns }) => sum + rows * columns, 0) +
    recurrent.reduce((sum, { shape }) => sum + sizeOf(shape) ** 2, 0);
  if (values <= MOST_VALUES) return;
  const sizes = [inputs, ...maps.map(({ shape }) => shape)].map(shapeText).join("-");
  throw new SpikevineError(
    `network: ${sizes.length > 80 ? `${sizes.slice(0, 77)}...` : sizes} has ${values.toLocaleString("en")} weights; give smaller layers, with at most ${MOST_VALUES.toLocaleString("en")} together.`,
  );
}
