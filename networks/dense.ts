import { callback, fields, flag, optional, signature, whole } from "../src/arguments/index.js";
import { NEURON, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { sizeOf } from "./graph.js";
import type { GraphBuilder, Place } from "./graph-builder.js";
import type { Initializer } from "./initializer.js";
import { connectNeurons } from "./neuron-layer.js";
import {
  NEURON_OPTIONS,
  type NeuronOptions,
  neuronAndOptions,
  neuronsWith,
  refuseNeuronOptions,
} from "./neuron-options.js";
import type { Trainability } from "./trainable.js";

/** A fully connected layer: current = x W (+ bias) (+ y[t-1] H), with or without neurons. */
export interface DenseLayer {
  readonly kind: "dense";
  readonly units: number;
  /** Undefined: the current is the output. */
  readonly neuron: NeuronDefinition | undefined;
  readonly bias: boolean;
  readonly recurrent: boolean;
  /** Probability of dropping a unit's output in training; the others are scaled by 1 / (1 - dropout). */
  readonly dropout: number;
  /** Distribution of the initial weights; undefined: the network chooses one that makes the layer fire. */
  readonly initializer: Initializer | undefined;
  readonly trainable: Readonly<Record<string, Trainability>>;
}

export interface DenseOptions extends NeuronOptions {
  /** A trained constant current into every unit. Default: false (a spiking unit has its threshold). */
  bias?: boolean;
  /** Trained weights from the layer's own outputs one step earlier. Default: false. */
  recurrent?: boolean;
  /**
   * Distribution of the initial weights. Default: one that makes the layer fire, derived from the neuron's equations when the
   * network is built (see docs/defaults.md); for neurons without memory, `glorotUniform`.
   */
  initializer?: Initializer;
}

const check = signature("dense", {
  units: whole(1),
  neuron: optional(NEURON),
  options: fields<DenseOptions>(
    {
      ...NEURON_OPTIONS,
      bias: optional(flag),
      recurrent: optional(flag),
      initializer: optional(callback("an initializer, e.g. glorotUniform")),
    },
    { root: "options" },
  ),
});

/**
 * A dense layer of `units` neurons; without a neuron, a linear map: `dense(10)` or `dense(10, { bias: true })`. It reads all
 * values of its input, of an image too.
 * @throws SpikevineError if a size, a probability or a parameter's name is invalid.
 */
export function dense(units: number, neuron: NeuronDefinition, options?: DenseOptions): DenseLayer;
export function dense(units: number, options?: DenseOptions): DenseLayer;
export function dense(units: number, second?: NeuronDefinition | DenseOptions, third?: DenseOptions): DenseLayer {
  const [neuron, options] = neuronAndOptions(second, third);
  check([units, neuron, options]);
  const { bias = false, recurrent = false, initializer } = options;
  const map = { kind: "dense", units, bias, recurrent, initializer } as const;
  if (neuron === undefined) {
    refuseNeuronOptions("dense", options, ["recurrent", "dropout", "trainable"]);
    return { ...map, neuron, dropout: 0, trainable: {} };
  }
  return { ...map, ...neuronsWith("dense", neuron, options, "unit") };
}

/** Adds a dense layer to a graph. */
export function connectDense(layer: DenseLayer, below: Place, graph: GraphBuilder, name: string, index: number): Place {
  const { units, bias, initializer } = layer;
  const shape = { channels: units, height: 1, width: 1 };
  const rows = sizeOf(below.shape);
  const map = graph.add({ kind: "map", name, index, from: below.node, shape, rows, columns: units, bias, initializer });
  const { neuron, dropout, trainable, recurrent } = layer;
  if (neuron === undefined) return map;
  return connectNeurons(
    { kind: "neurons", neuron, trainable, recurrent, initializer, dropout },
    map,
    graph,
    name,
    index,
  );
}
