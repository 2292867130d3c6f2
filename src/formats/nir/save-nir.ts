import type { Network } from "../../../networks/index.js";
import { NETWORK } from "../../../networks/network.js";
import { filePath, signature } from "../../arguments/index.js";
import { inNode } from "../../in-node.js";
import type { FileSystem } from "../../io/file-system.js";
import type { Hdf5Group } from "../../io/hdf5/contents.js";
import { serializeHdf5 } from "../../io/hdf5/write.js";
import { version } from "../../version.js";
import { type ExportedGraph, exportedGraph } from "./export-graph.js";
import { group, node, real, text } from "./nir-file.js";

const checkSerialize = signature("serializeNir", { network: NETWORK });
const checkSave = signature("saveNir", { path: filePath, network: NETWORK });

/** Version of the format: that of the NIR package whose files have the same layout. */
const NIR_VERSION = "1.0.7";

/**
 * Writes a network to a NIR file, which replaces a file of this name in one step.
 * @throws SpikevineError for a layer or neuron that NIR does not have, or if the file cannot be written
 */
export async function saveNir(path: string, network: Network, files?: FileSystem): Promise<void> {
  checkSave([path, network]);
  const { writeAtomically } = await inNode("saveNir", () => import("../../io/atomic-file.js"));
  await writeAtomically(path, await serializeNir(network), files);
}

/**
 * The bytes of the NIR file of a network, in Node and in browsers: maps, sum and average pools, flattened images, factors, and the
 * neurons `lif` and `leaky` with the resets zero and subtract, `synaptic` with the reset subtract, `li`, and those of `loadNir`. Weights and
 * trained parameters are those of the network. NIR contains no step, scheme, reset by subtraction, encoder or read-out; the
 * choices of the network are in the graph's `metadata`, which other programs ignore.
 * @throws SpikevineError for a layer or neuron that NIR does not have
 * Source: J. Pedersen et al., Nature Communications 15 (2024) 8122.
 */
export async function serializeNir(network: Network): Promise<Uint8Array> {
  checkSerialize([network]);
  return serializeHdf5(nirContents(network, exportedGraph(network)));
}

/** Choices that a NIR file does not contain, by the names of the options of `loadNir`. */
export function choicesOf(network: Network, { conventions, timeUnit }: ExportedGraph): Record<string, string> {
  return { dt: `${network.dt} ms`, timeUnit: `${timeUnit} ms`, steps: String(network.steps), ...conventions };
}

export function nirContents(network: Network, graph: ExportedGraph): Hdf5Group {
  const nodes = [...graph.nodes].map(([name, { type, fields }]) => [name, node(type, fields)] as const);
  const choices = Object.entries(choicesOf(network, graph)).map(([name, value]) => [name, text(value)] as const);
  const metadata = group({
    spikevine: text(version()),
    dt_seconds: real(network.dt / 1000),
    encoder: text(network.encoder.name),
    readout: text(network.readout.name),
    ...Object.fromEntries(choices),
  });
  return group({
    version: text(NIR_VERSION),
    node: group({
      type: text("NIRGraph"),
      nodes: group(Object.fromEntries(nodes)),
      edges: { shape: [graph.edges.length, 2], values: graph.edges.flat() },
      metadata,
    }),
  });
}
