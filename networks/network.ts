import {
  fields,
  made,
  optional,
  quantity as quantityKind,
  type RequiredKind,
  signature,
  whole,
} from "../src/arguments/index.js";
import { ENCODER, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterInfo } from "../src/equations/definitions/parameters.js";
import { quantity } from "../src/equations/language/units.js";
import { nearestName, SpikevineError } from "../src/errors.js";
import { SEED } from "../src/random/seed.js";
import { checkSteps } from "./check-steps.js";
import { type DenseLayer, LAYERS } from "./dense.js";
import { type WeightDistribution, weightDistributions } from "./initial-weights.js";
import { drawWeights, type Initializer } from "./initializer.js";
import { READOUT, type Readout, spikeCount } from "./readout.js";

/** A trained array of a network: weights `[inputs, units]`, recurrent `[units, units]`, the rest `[1, units]` or `[1, 1]`. */
export interface Parameter {
  readonly rows: number;
  readonly columns: number;
  /** Row-major values; training writes them back here. */
  readonly data: Float32Array;
  /**
   * For weight matrices: the unit in which an optimizer measures the weights where its learning rate is the default; a power of
   * 2. Left out: 1.
   */
  readonly scale?: number;
  /** Range of the value, if it is a parameter of a neuron. */
  readonly range?: readonly [min: number, max: number];
}

/** A layer of a network with the distributions of its initial weights. */
export interface ConnectedLayer extends DenseLayer {
  readonly initializer: Initializer;
  readonly initializeRecurrent: Initializer;
}

/** A feed-forward chain of layers after an encoder; each layer may have recurrent weights of its own. */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly encoder: EncoderDefinition;
  /** Time steps of one presentation in training. */
  readonly steps: number;
  /** Length of a step, ms. */
  readonly dt: number;
  readonly layers: readonly ConnectedLayer[];
  /** `layer1`, `layer2`, ...: the prefix of each layer's parameters, e.g. `layer1.weights`. */
  readonly layerNames: readonly string[];
  readonly readout: Readout;
  readonly seed: number;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

export interface NetworkOptions {
  /** Input values per sample. */
  inputs: number;
  encoder: EncoderDefinition;
  /** Time steps of one presentation. Ordinary (stateless) networks use 1. */
  steps: number;
  /** Length of a step. Default: "1 ms". */
  dt?: string;
  layers: readonly DenseLayer[];
  /** Default: `spikeCount()`, whose cross-entropy can reach 0. For a squared error against 0 and 1, give `spikeRate()`. */
  readout?: Readout;
  /** Seed of the initial weights. Default: 1. */
  seed?: number;
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

const check = signature("network", {
  options: fields<NetworkOptions>(
    {
      inputs: whole(1),
      encoder: ENCODER,
      steps: whole(1),
      dt: optional(quantityKind),
      layers: LAYERS,
      readout: optional(READOUT),
      seed: optional(SEED),
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
  const last = options.layers.at(-1);
  if (last === undefined)
    throw new SpikevineError("network: layers is empty; give at least one, e.g. dense(10, snu()).");
  const readout = options.readout ?? spikeCount();
  if (readout.name === "lastState" && !Object.hasOwn(last.neuron.states, readout.state ?? "")) {
    const known = Object.keys(last.neuron.states);
    const near = nearestName(readout.state ?? "", known);
    throw new SpikevineError(
      `network: the read-out needs the state "${readout.state}", but ${last.neuron.name} has ${known.length ? known.join(", ") : "no state"}${near ? `; did you mean "${near}"?` : ""}.`,
    );
  }
  const seed = options.seed ?? 1;
  const layerNames = options.layers.map((_, i) => `layer${i + 1}`);
  checkSize(options);
  const dt = quantity("network: dt", options.dt ?? "1 ms", "ms");
  if (!(dt > 0)) throw new SpikevineError(`network: dt is ${options.dt}; give a time above 0, e.g. "1 ms".`);
  const distributions = weightDistributions({ ...options, dt });
  const layers = options.layers.map((layer, i) => ({
    ...layer,
    initializer: distributions[i]!.halfWidth,
    initializeRecurrent: distributions[i]!.recurrent,
  }));
  const parameters = new Map<string, Parameter>();
  let fanIn = options.inputs;
  options.layers.forEach((layer, i) => {
    addParameters(parameters, layer, distributions[i]!, layerNames[i]!, fanIn, seed, i);
    fanIn = layer.units;
  });
  checkSteps({ layers, layerNames, dt, parameters });
  return {
    inputs: options.inputs,
    outputs: last.units,
    encoder: options.encoder,
    steps: options.steps,
    dt,
    layers,
    layerNames,
    readout,
    seed,
    parameters,
  };
}

/** Largest number of trained values of a network: 4 GiB of them, the limit of the devices' memory. */
const MOST_VALUES = 2 ** 30;

/** Refuses sizes that no device can hold, before memory is allocated for them. */
function checkSize({ inputs, layers }: NetworkOptions): void {
  let values = 0;
  let fanIn = inputs;
  for (const { units, recurrent } of layers) {
    values += fanIn * units + (recurrent ? units * units : 0);
    fanIn = units;
  }
  if (values <= MOST_VALUES) return;
  const sizes = [inputs, ...layers.map(({ units }) => units)].join("-");
  throw new SpikevineError(
    `network: ${sizes.length > 80 ? `${sizes.slice(0, 77)}...` : sizes} has ${values.toLocaleString("en")} weights; give smaller layers, with at most ${MOST_VALUES.toLocaleString("en")} together.`,
  );
}

function addParameters(
  parameters: Map<string, Parameter>,
  layer: DenseLayer,
  distribution: WeightDistribution,
  name: string,
  fanIn: number,
  seed: number,
  index: number,
): void {
  const { units } = layer;
  const put = (
    key: string,
    rows: number,
    columns: number,
    data: Float32Array,
    more: Pick<Parameter, "scale" | "range"> = {},
  ): void => {
    parameters.set(`${name}.${key}`, { rows, columns, data, ...more });
  };
  const scale = distribution.scale === 1 ? {} : { scale: distribution.scale };
  put("weights", fanIn, units, drawWeights(distribution.halfWidth, fanIn, units, seed, 2 * index, distribution), scale);
  if (layer.recurrent) {
    put("recurrent", units, units, drawWeights(distribution.recurrent, units, units, seed, 2 * index + 1), scale);
  }
  if (layer.bias) put("bias", 1, units, new Float32Array(units));
  for (const [parameter, how] of Object.entries(layer.trainable)) {
    if (how === "fixed") continue;
    const { value } = layer.neuron.parameters[parameter]!;
    const columns = how === "unit" ? units : 1;
    const range = closedRange(layer.neuron.parameters[parameter]!);
    put(parameter, 1, columns, new Float32Array(columns).fill(value), { range });
  }
}

/** An inclusive range: an exclusive bound (e.g. of a time constant above 0) is moved inwards by a thousandth. */
function closedRange({ value, min, max, exclusiveMin, exclusiveMax }: ParameterInfo): readonly [number, number] {
  const inset = 1e-3 * Math.max(Math.abs(value), Number.MIN_VALUE);
  return [exclusiveMin ? min + inset : min, exclusiveMax ? max - inset : max];
}
