import { signature } from "../src/arguments/index.js";
import { SpikevineError } from "../src/errors.js";
import type { NormalizeNode } from "./graph.js";
import type { Layer } from "./layers.js";
import { NETWORK, type Network, network } from "./network.js";

const check = signature("foldNormalization", { network: NETWORK });

/**
 * A network for inference without its normalizations: with running statistics, a normalization is a factor and an offset per
 * channel, which go into the weights and the bias of the map before it. The outputs are those of an evaluation up to rounding;
 * the names of later layers count without the normalizations.
 * @throws SpikevineError if a normalization does not follow a dense layer or a convolution without neurons.
 */
export function foldNormalization(normalized: Network): Network {
  check([normalized]);
  const { encoder, steps, dt, readout, seed, inputShape } = normalized;
  const folded = network({
    inputs: [inputShape.channels, inputShape.height, inputShape.width],
    encoder,
    steps,
    dt: `${dt} ms`,
    layers: withoutNormalization(normalized.layers, normalized.layerNames),
    readout,
    seed,
  });
  const nodes = normalized.nodes.filter(({ kind }) => kind !== "normalize");
  for (const [i, node] of nodes.entries()) {
    const to = folded.nodes[i]!.name;
    for (const [name, { data }] of normalized.parameters) {
      const [layer, array] = name.split(".") as [string, string];
      // Linear units at the end have the name of the layer before them, which may be a normalization.
      if (layer === node.name) folded.parameters.get(`${to}.${array}`)?.data.set(data);
    }
    if (node.kind !== "map") continue;
    const reader = normalized.nodes.find((other) => "from" in other && other.from === normalized.nodes.indexOf(node));
    if (reader?.kind === "normalize") foldInto(folded, to, normalized, reader);
  }
  return folded;
}

/** Layers without normalizations; the maps before them have a bias. */
function withoutNormalization(layers: readonly Layer[], names: readonly string[]): Layer[] {
  const kept: Layer[] = [];
  layers.forEach((layer, i) => {
    const name = names[i]!;
    if (layer.kind === "batchNorm") {
      const map = layers[i - 1];
      if ((map?.kind !== "dense" && map?.kind !== "convolution") || map.neuron !== undefined) {
        throw new SpikevineError(
          `foldNormalization: ${name} does not follow a dense layer or a convolution without neurons, whose weights could take it; leave the network as it is.`,
        );
      }
      kept[kept.length - 1] = { ...map, bias: true };
    } else if (layer.kind === "residual") {
      const branch = (branches: readonly Layer[], mark: string): Layer[] =>
        withoutNormalization(
          branches,
          branches.map((_, j) => `${name}_${mark}${j + 1}`),
        );
      kept.push({ ...layer, body: branch(layer.body, ""), shortcut: branch(layer.shortcut, "shortcut") });
    } else {
      kept.push(layer);
    }
  });
  return kept;
}

/** W' = W f and b' = (b - mean) f + shift per column, with f = gain / sqrt(variance + epsilon). */
function foldInto(folded: Network, map: string, { parameters }: Network, { name, epsilon }: NormalizeNode): void {
  const of = (array: string): Float32Array => parameters.get(`${name}.${array}`)!.data;
  const [gain, shift, mean, variance] = [of("gain"), of("shift"), of("mean"), of("variance")];
  const { data: weights, columns } = folded.parameters.get(`${map}.weights`)!;
  const { data: bias } = folded.parameters.get(`${map}.bias`)!;
  const factors = gain.map((g, c) => g / Math.sqrt(variance[c]! + epsilon));
  weights.forEach((weight, i) => {
    weights[i] = weight * factors[i % columns]!;
  });
  bias.forEach((b, c) => {
    bias[c] = (b - mean[c]!) * factors[c]! + shift[c]!;
  });
}
