import { neuronsOf } from "../../../networks/graph.js";
import { NETWORK, type Network } from "../../../networks/network.js";
import { made, signature } from "../../arguments/index.js";
import type { ImageShape } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import { type Hdf5Group, type Hdf5Values, serializeHdf5 } from "../../io/hdf5/write.js";
import type { Recording } from "../../training/index.js";
import { channelsFirst, orderOf } from "../state-dict/arrays.js";
import { NODE_NAMES } from "./export-graph.js";
import { group } from "./nir-file.js";

const check = signature("serializeNirData", {
  network: NETWORK,
  recording: made("a recording of record()", "layers", "readout"),
});

/** Units of the NIR project by ours, with the factor between them. */
const SI: Readonly<Record<string, number>> = { mV: 1e-3, ms: 1e-3 };

/**
 * A recording in the exchange format of the NIR project (`NIRGraphData`), as HDF5: for the input, and for every layer of neurons under the
 * name of its node in the file of `serializeNir`, arrays `[samples, steps, neurons]` with the length of a step in seconds. Observables of a layer
 * are `spikes` (0 or 1; `output` of a graded neuron) and its states before their reset, in V and s where they have units. Neurons of an image are in
 * the order of NIR, with their channels first.
 * @throws SpikevineError if the recording is of another network, or if h5wasm is not installed
 * Source: the NIR project's `nir.NIRGraphData`, version 1.0.7.
 */
export async function serializeNirData(network: Network, recording: Recording): Promise<Uint8Array> {
  check([network, recording]);
  const { samples, steps, input, layers } = recording;
  const gridded = (values: Float32Array | Uint8Array, units: number): Hdf5Group => ({
    attributes: new Map<string, number | string>([
      ["__type__", "TimeGriddedData"],
      ["dt", network.dt / 1000],
    ]),
    members: new Map<string, Hdf5Values>([
      ["data", { shape: [samples, values.length / samples / units, units], values }],
    ]),
  });
  const observables = (members: Readonly<Record<string, Hdf5Group>>): Hdf5Group => ({
    attributes: new Map([["__type__", "NIRNodeData"]]),
    members: new Map([["observables", group(members)]]),
  });
  const nodes: [string, Hdf5Group][] = [
    [NODE_NAMES.input, observables({ input: gridded(inOrder(input, network.inputShape, 1), network.inputs) })],
  ];
  const all = neuronsOf(network);
  for (const { name, units, output, states } of layers) {
    const node = all.find((one) => one.name === name);
    if (node === undefined || output.length !== samples * steps * units) {
      throw new SpikevineError(
        `serializeNirData: the recording has a layer ${name} of ${units} units that the network does not have; give a recording of this network.`,
      );
    }
    const order = orderOf(network.nodes, network.nodes.indexOf(node));
    const fires = node.neuron.output === "spikes";
    const ordered = inOrder(output, order, 1);
    const recorded = Object.entries(states).map(([state, values]) => {
      const factor = SI[node.neuron.states[state]?.unit ?? ""] ?? 1;
      return [state, gridded(inOrder(values, order, factor), units)] as const;
    });
    const own = gridded(fires ? Uint8Array.from(ordered) : ordered, units);
    nodes.push([
      NODE_NAMES.neurons(name),
      observables({ [fires ? "spikes" : "output"]: own, ...Object.fromEntries(recorded) }),
    ]);
  }
  return serializeHdf5({
    attributes: new Map([["__type__", "NIRGraphData"]]),
    members: new Map([["nodes", group(Object.fromEntries(nodes))]]),
  });
}

/** Rows of units of an image, with its channels first and multiplied by a factor. */
function inOrder(values: Float32Array, shape: ImageShape, factor: number): Float32Array {
  const units = shape.channels * shape.height * shape.width;
  const place = channelsFirst(shape);
  const ordered = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const unit = i % units;
    ordered[i - unit + place(unit)] = values[i]! * factor;
  }
  return ordered;
}
