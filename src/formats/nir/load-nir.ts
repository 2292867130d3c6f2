import { direct } from "../../../encoders/index.js";
import { type MapNode, mapsOf, type NeuronNode, neuronsOf, sizeOf } from "../../../networks/graph.js";
import { lastOutput, type Network, network, spikeCount } from "../../../networks/index.js";
import { bytes, fields, optional, quantity as quantityKind, signature, text, whole } from "../../arguments/index.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { mapWeights, orderOf, recurrentWeights, unitValues } from "../state-dict/arrays.js";
import { chainOf, type Link } from "./chain.js";
import { CONVENTION_KINDS, conventionsOf, type NirConventions, type NirPreset, PRESET_KIND } from "./conventions.js";
import { layerOf } from "./layer-of.js";
import { layersOf } from "./layers-of.js";
import { numbersOf } from "./numbers-of.js";
import { fault, readNir } from "./read-graph.js";

export interface NirOptions extends Partial<NirConventions> {
  /** Length of a step, e.g. "0.1 ms". */
  readonly dt: string;
  /**
   * Unit of the times in the file: time constants, and the time in which a current of 1 raises an IF or I by r. Default: "1 s", as
   * NIR defines it. Files whose unit is the step, e.g. of Sinabs, have the length of a step here, e.g. "1 ms".
   */
  readonly timeUnit?: string;
  /** Steps of one presentation. */
  readonly steps: number;
  /** Conventions of a simulator; those that are given by name take their place. */
  readonly preset?: NirPreset;
  /** Name of the file, for messages. Default: "model.nir". */
  readonly name?: string;
}

const check = signature("loadNir", {
  file: bytes,
  options: fields<NirOptions>(
    {
      dt: quantityKind,
      timeUnit: optional(quantityKind),
      steps: whole(1),
      preset: PRESET_KIND,
      name: optional(text()),
      ...CONVENTION_KINDS,
    },
    { root: "options" },
  ),
});

/**
 * Makes a network from the bytes of a NIR file, in Node and in browsers: chains of Affine, Linear, Conv2d, SumPool2d, AvgPool2d,
 * Flatten, Scale, IF, LIF, CubaLIF, LI, CubaLI, I and Threshold, branches that are summed, nested graphs, and recurrence of neurons
 * through Affine or Linear. Potentials and
 * currents start at 0; recurrent spikes arrive one step later. Parameters that differ between units are arrays of the
 * network. The definitions of the neurons name the conventions. The encoder is `direct()`.
 * @throws SpikevineError if a convention is not given, or the file is broken or has what is not listed above
 * Source: J. Pedersen et al., Nature Communications 15 (2024) 8122.
 */
export async function loadNir(file: Uint8Array, options: NirOptions): Promise<Network> {
  check([file, options]);
  const { name = "model.nir", preset, dt, timeUnit = "1 s", steps, ...given } = options;
  const conventions = conventionsOf(preset, given);
  const times = { dt: timeOf("dt", dt), unit: timeOf("timeUnit", timeUnit) };
  const graph = await readNir(file, name);
  const chain = chainOf(graph, name);
  const cuba = preset === "spyx" ? [...graph.nodes.values()].find(({ type }) => type === "CubaLIF") : undefined;
  if (cuba !== undefined) {
    const problem = `has ${cuba.name} of type CubaLIF, whose step in Spyx subtracts the threshold twice`;
    throw fault(name, problem, "give other choices than the preset spyx");
  }
  const { layers, built } = layersOf(
    chain.parts,
    (link) => layerOf(link, conventions, times, name),
    (number) => `layer${number}`,
  );
  const fires = built.findLast(({ neurons }) => neurons !== undefined)?.neurons?.neuron.spec.spike !== undefined;
  if (!built.some(({ neurons }) => neurons !== undefined))
    throw fault(name, "has no neurons", "give a spiking network");
  const net = network({
    inputs: inputsOf(chain.inputShape, name),
    encoder: direct(),
    steps,
    dt,
    layers: [...layers],
    readout: fires ? spikeCount() : lastOutput(),
  });
  checkSums(net, name);
  for (const { layer, link, neurons } of built) {
    fillMap(net, layer, link, name);
    const node = neuronsOf(net).find((one) => one.name === layer);
    if (node !== undefined && neurons !== undefined) fillNeurons(net, node, neurons.values, link, name);
  }
  const size = chain.outputShape.reduce((product, one) => product * one, 1);
  const units = sizeOf(net.nodes.at(-1)!.shape);
  if (size !== units) throw fault(name, `has an Output of shape [${chain.outputShape}], but ${units} units reach it`);
  return net;
}

/** A time above 0, ms. */
function timeOf(option: string, given: string): number {
  const time = quantity(`loadNir: ${option}`, given, "ms");
  if (time > 0) return time;
  throw new SpikevineError(`loadNir: ${option} is ${given}; give a time above 0, e.g. "0.1 ms".`);
}

/** @throws SpikevineError if a sum has rows that are flattened images and others: their units are in different orders here */
function checkSums({ nodes }: Network, file: string): void {
  for (const node of nodes) {
    if (node.kind !== "add") continue;
    const [first, ...others] = node.from.map((index) => JSON.stringify(orderOf(nodes, index)));
    if (others.every((order) => order === first)) continue;
    throw fault(file, "adds a flattened image to other units", "put a Flatten after the sum");
  }
}

function inputsOf(shape: readonly number[], file: string): number | [number, number, number] {
  const sizes = shape.every((size) => Number.isInteger(size) && size >= 1);
  if (sizes && shape.length === 1) return shape[0]!;
  if (sizes && shape.length === 3) return [shape[0]!, shape[1]!, shape[2]!];
  throw fault(file, `has an Input of shape [${shape}], which is neither a row nor channels, height and width`);
}

function fillMap(net: Network, layer: string, { node }: Link, file: string): void {
  const map: MapNode | undefined = mapsOf(net).find((one) => one.name === layer);
  if (map === undefined) return;
  const weights = numbersOf(node, "weight", file);
  if (weights.length !== map.rows * map.columns) {
    throw fault(
      file,
      `has ${weights.length} weights in ${node.name}, but ${map.rows * map.columns} are needed for its input`,
    );
  }
  net.parameters.get(`${layer}.weights`)!.data.set(mapWeights(map, orderOf(net.nodes, map.from), weights));
  if (!map.bias) return;
  net.parameters.get(`${layer}.bias`)!.data.set(unitsFor(numbersOf(node, "bias", file), map.columns, node.name, file));
}

function fillNeurons(
  net: Network,
  neurons: NeuronNode,
  values: ReadonlyMap<string, readonly number[]>,
  { node, recurrent }: Link,
  file: string,
): void {
  const { name: layer, trainable } = neurons;
  const order = orderOf(net.nodes, net.nodes.indexOf(neurons));
  const units = sizeOf(order);
  for (const [parameter, given] of values) {
    const fitting = unitValues(order, units, given);
    if (fitting === undefined)
      throw fault(file, `has ${given.length} values in ${node.name}, which has ${units} units`);
    if (trainable[parameter] === "unit") net.parameters.get(`${layer}.${parameter}`)!.data.set(fitting);
  }
  if (recurrent === undefined) return;
  const weights = numbersOf(recurrent, "weight", file);
  if (weights.length !== units ** 2)
    throw fault(file, `has ${weights.length} weights in ${recurrent.name}, not ${units} x ${units}`);
  if (recurrent.arrays.has("bias") && numbersOf(recurrent, "bias", file).some((value) => value !== 0)) {
    throw fault(
      file,
      `has a bias in the recurrent ${recurrent.name}`,
      "add it to the bias of the map below the neurons",
    );
  }
  net.parameters.get(`${layer}.recurrent`)!.data.set(recurrentWeights(weights, order));
}

function unitsFor(values: readonly number[], columns: number, node: string, file: string): readonly number[] {
  if (values.length === columns) return values;
  throw fault(file, `has ${values.length} biases in ${node}, not ${columns}`);
}
