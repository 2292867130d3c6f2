import { callback, fields, flag, optional, signature, whole } from "../src/arguments/index.js";
import type { Pair } from "../src/device/contract.js";
import { NEURON, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
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
import { pairOf, type Size, sizeKind, windowsIn } from "./windows.js";

/** A convolution (cross-correlation, as in PyTorch) of an image, with or without neurons. */
export interface ConvolutionLayer {
  readonly kind: "convolution";
  readonly channels: number;
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly bias: boolean;
  /** Undefined: the current is the output. */
  readonly neuron: NeuronDefinition | undefined;
  readonly dropout: number;
  readonly initializer: Initializer | undefined;
  readonly trainable: Readonly<Record<string, Trainability>>;
}

export interface ConvolutionOptions extends NeuronOptions {
  /** Distance of two windows. Default: 1. */
  stride?: Size;
  /** Pixels of value 0 around the image. Default: 0. */
  padding?: Size;
  /** Distance of two inputs of a window. Default: 1. */
  dilation?: Size;
  /** Groups of channels that are convolved separately. Default: 1. */
  groups?: number;
  /** A trained constant current into every channel. Default: false. */
  bias?: boolean;
  /** Distribution of the initial weights. Default: as for `dense`. */
  initializer?: Initializer;
}

const check = signature("convolution", {
  channels: whole(1),
  size: sizeKind(1),
  neuron: optional(NEURON),
  options: fields<ConvolutionOptions>(
    {
      ...NEURON_OPTIONS,
      stride: optional(sizeKind(1)),
      padding: optional(sizeKind(0)),
      dilation: optional(sizeKind(1)),
      groups: optional(whole(1)),
      bias: optional(flag),
      initializer: optional(callback("an initializer, e.g. heUniform")),
    },
    { root: "options" },
  ),
});

/**
 * A convolution with windows of `size` pixels, to `channels` channels; without a neuron, a linear map. Its weights are an
 * array `[height * width * input channels / groups, channels]` of the window, rows first and channels innermost.
 * @throws SpikevineError if a size, a probability or a parameter's name is invalid.
 */
export function convolution(
  channels: number,
  size: Size,
  neuron: NeuronDefinition,
  options?: ConvolutionOptions,
): ConvolutionLayer;
export function convolution(channels: number, size: Size, options?: ConvolutionOptions): ConvolutionLayer;
export function convolution(
  channels: number,
  size: Size,
  third?: NeuronDefinition | ConvolutionOptions,
  fourth?: ConvolutionOptions,
): ConvolutionLayer {
  const [neuron, options] = neuronAndOptions(third, fourth);
  refuseRecurrence(options);
  check([channels, size, neuron, options]);
  const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = false, initializer } = options;
  const map = {
    kind: "convolution",
    channels,
    size: pairOf(size),
    stride: pairOf(stride),
    padding: pairOf(padding),
    dilation: pairOf(dilation),
    groups,
    bias,
    initializer,
  } as const;
  if (neuron === undefined) {
    refuseNeuronOptions("convolution", options, ["dropout", "trainable"]);
    return { ...map, neuron, dropout: 0, trainable: {} };
  }
  return { ...map, ...neuronsWith("convolution", neuron, options, "channel") };
}

/** An option that users of other tools expect; they have recurrent kernels. */
function refuseRecurrence(options: object | null): void {
  if ((options as { recurrent?: unknown } | null)?.recurrent === undefined) return;
  throw new SpikevineError(
    "convolution: recurrent weights connect all units of a row, and recurrent kernels are not supported; leave recurrent out, or give a row: convolution(3, 5), flatten(), neuronLayer(lif(), { recurrent: true }).",
  );
}

/** Adds a convolution to a graph. */
export function connectConvolution(
  layer: ConvolutionLayer,
  below: Place,
  graph: GraphBuilder,
  name: string,
  index: number,
): Place {
  const { channels, size, stride, padding, dilation, groups, bias, initializer } = layer;
  const { channels: inputs } = below.shape;
  if (inputs % groups !== 0 || channels % groups !== 0) {
    graph.refuse(
      name,
      `${groups} groups do not divide ${inputs} input and ${channels} output channels; give a number that divides both`,
    );
  }
  const windows = windowsIn(below.shape, channels, { size, stride, padding, dilation }, (problem) =>
    graph.refuse(name, problem),
  );
  const rows = (size[0] * size[1] * inputs) / groups;
  const shape = windows.output;
  const map = graph.add({
    kind: "map",
    name,
    index,
    from: below.node,
    shape,
    rows,
    columns: channels,
    convolution: { ...windows, groups },
    bias,
    initializer,
  });
  const { neuron, dropout, trainable } = layer;
  if (neuron === undefined) return map;
  const neurons = { kind: "neurons", neuron, trainable, recurrent: false, initializer: undefined, dropout } as const;
  return connectNeurons(neurons, map, graph, name, index);
}
