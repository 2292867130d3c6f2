import type { Network } from "../../../networks/index.js";
import { NETWORK } from "../../../networks/network.js";
import { filePath, signature } from "../../arguments/index.js";
import { inNode } from "../../in-node.js";
import type { FileSystem } from "../../io/file-system.js";
import type { Hdf5Group } from "../../io/hdf5/contents.js";
import { serializeHdf5 } from "../../io/hdf5/write.js";
import { version } from "../../version.js";
import { ANY_CONVENTIONS, type NirConventions } from "./conventions.js";
import { type ExportedGraph, exportedGraph } from "./export-graph.js";
import type { NirOptions } from "./load-nir.js";
import { group, node, text } from "./nir-file.js";

const checkSerialize = signature("serializeNir", { network: NETWORK });
const checkSave = signature("saveNir", { path: filePath, network: NETWORK });

/** Version of the format: that of the NIR package whose files have the same layout. */
const NIR_VERSION = "1.0.7";

/** The options of `loadNir` with which a file gives the numbers of its network again. */
export type NirChoices = Required<Pick<NirOptions, "dt" | "timeUnit" | "steps">> & NirConventions;

/** A NIR file, and the choices that it leaves open. */
export interface NirFile {
  readonly bytes: Uint8Array;
  readonly options: NirChoices;
}

/**
 * Writes a network to a NIR file, which replaces a file of this name in one step.
 * @returns the options of `loadNir` with which the file gives the network's numbers again
 * @throws SpikevineError for a layer or neuron that NIR does not have, or if the file cannot be written
 */
export async function saveNir(path: string, network: Network, files?: FileSystem): Promise<NirChoices> {
  checkSave([path, network]);
  const { writeAtomically } = await inNode("saveNir", () => import("../../io/atomic-file.js"));
  const { bytes, options } = await serializeNir(network);
  await writeAtomically(path, bytes, files);
  return options;
}

/**
 * The NIR file of a network, in Node and in browsers: maps, sum and average pools, flattened images, factors, sums of branches, and
 * the neurons `lif`, `leaky` and `integrator` with the resets zero and subtract, `synaptic` with the reset subtract, `li`, and those of `loadNir`, with
 * recurrence. Weights and trained parameters are those of the network. NIR contains no step, scheme, reset by subtraction, encoder, read-out
 * or surrogate; step, scheme and reset are returned and written into the graph's `metadata`, which other programs ignore.
 * @returns the bytes, and the options of `loadNir` with which they give the network's numbers again
 * @throws SpikevineError for a layer or neuron that NIR does not have, for layers that need different choices, or if h5wasm is not
 * installed
 * Source: J. Pedersen et al., Nature Communications 15 (2024) 8122.
 */
export async function serializeNir(network: Network): Promise<NirFile> {
  checkSerialize([network]);
  const graph = exportedGraph(network);
  const options: NirChoices = {
    dt: `${network.dt} ms`,
    timeUnit: graph.timeUnit === 1000 ? "1 s" : `${graph.timeUnit} ms`,
    steps: network.steps,
    ...ANY_CONVENTIONS,
    ...graph.conventions,
  };
  return { bytes: await serializeHdf5(contents(network, graph, options)), options };
}

function contents({ encoder, readout }: Network, graph: ExportedGraph, options: NirChoices): Hdf5Group {
  const nodes = [...graph.nodes].map(([name, { type, fields }]) => [name, node(type, fields)] as const);
  const choices = Object.entries(options).map(([name, value]) => [name, text(String(value))] as const);
  const metadata = group({
    spikevine: text(version()),
    encoder: text(encoder.name),
    readout: text(readout.name),
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
