import { constantCurrent, rate } from "#spikevine/encoders/index";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  flatten,
  type Layer,
  maxPool,
  type Network,
  network,
  neuronLayer,
  residual,
  scale,
  sumPool,
} from "#spikevine/networks/index";
import { type Dataset, dataset } from "#spikevine/src/data/dataset";
import { VARIANTS } from "./neurons.js";
import { uniforms } from "./random-network.js";
import type { ChosenNeurons } from "./space.js";
import { SLOPES, type SurrogateName } from "./surrogates.js";

export interface DrawnSpace {
  readonly net: Network;
  readonly data: Dataset;
  readonly chosen: readonly ChosenNeurons[];
}

/** A random network of convolutions, pools, normalizations and branches, and random images for it. */
export function drawSpace(seed: number): DrawnSpace {
  const uniform = uniforms(seed);
  const whole = (least: number, most: number): number => least + Math.floor(uniform() * (most - least + 1));
  const maybe = (probability = 0.5): boolean => uniform() < probability;
  const one = <T>(values: readonly T[]): T => values[whole(0, values.length - 1)]!;
  const chosen: ChosenNeurons[] = [];
  const neuron = () => {
    const variant = one(VARIANTS);
    const surrogate = one(Object.keys(SLOPES) as SurrogateName[]);
    chosen.push({ variant, surrogate });
    const made = variant.make(surrogate);
    const names = Object.keys(made.parameters).filter((name) => name !== "refractory");
    const how = one(["layer", "channel", "unit", "fixed"] as const);
    return { made, trainable: Object.fromEntries(names.map((name) => [name, how])) };
  };
  const fire = (): Layer => {
    const { made, trainable } = neuron();
    return neuronLayer(made, { trainable });
  };
  const channels = whole(1, 2);
  const groups = maybe(0.3) ? channels : 1;
  const first = groups * whole(1, 2);
  const pool = (): Layer => one([averagePool, sumPool, maxPool])(2, maybe() ? { stride: 1, padding: whole(0, 1) } : {});
  const layers: Layer[] = [
    convolution(first, [whole(1, 3), whole(1, 3)], {
      groups,
      bias: maybe(),
      padding: whole(0, 1),
      stride: [whole(1, 2), 1],
    }),
    ...(maybe(0.6) ? [pool()] : []),
    ...(maybe() ? [batchNorm({ epsilon: 1e-2 })] : []),
    ...(maybe(0.3) ? [residual(batchNorm({ epsilon: 1e-2 }))] : []),
    fire(),
  ];
  if (maybe(0.6)) {
    const width = maybe() ? first : first + 1;
    layers.push(
      residual(
        [
          convolution(width, 3, { padding: 1, bias: maybe() }),
          ...(maybe() ? [batchNorm({ epsilon: 1e-2 })] : []),
          ...(maybe() ? [fire(), convolution(width, 3, { padding: 2, dilation: 2 })] : []),
        ],
        width === first ? [] : [convolution(width, 1)],
      ),
      ...(maybe() ? [scale(0.5)] : []),
      fire(),
    );
  }
  if (maybe(0.4)) layers.push(pool());
  if (maybe(0.3)) layers.push(flatten());
  const classes = whole(2, 3);
  const bias = maybe();
  if (maybe(0.3)) {
    chosen.push({ variant: VARIANTS.find(({ title }) => title === "linear")!, surrogate: "arctan" as SurrogateName });
    layers.push(dense(classes, { bias }));
  } else {
    const { made, trainable } = neuron();
    layers.push(dense(classes, made, { bias, trainable, recurrent: maybe() }));
  }
  const [height, width] = [whole(4, 6), whole(4, 6)];
  const net = network({
    inputs: [channels, height, width],
    steps: whole(1, 3),
    seed: seed % 1000,
    encoder: maybe() ? rate({ maxRate: 0.7 }) : constantCurrent(),
    layers,
  });
  fill(net, chosen, uniform);
  const samples = whole(2, 3);
  const images = Float32Array.from({ length: samples * net.inputs }, () => Math.max(0, 1.3 * uniform() - 0.3));
  const labels = Uint8Array.from({ length: samples }, () => whole(0, classes - 1));
  return { net, chosen, data: dataset({ images, labels, classes, shape: [channels, height, width] }) };
}

/** New values for every array, in the units of the neurons that receive them. */
function fill(net: Network, chosen: readonly ChosenNeurons[], uniform: () => number): void {
  const layers = net.nodes.filter((node) => node.kind === "neurons");
  for (const [name, { data, rows, isStatistic }] of net.parameters) {
    if (isStatistic) continue;
    const [layer, array] = name.split(".") as [string, string];
    const at = net.nodes.findIndex((node) => node.name === layer);
    const reader = net.nodes.findIndex((node, i) => i >= at && node.kind === "neurons");
    const current = chosen[layers.indexOf(net.nodes[reader] as (typeof layers)[number])]!.variant.current ?? 1;
    for (let i = 0; i < data.length; i++) {
      if (array === "weights") data[i] = (current * 2.5 * (uniform() - 0.3)) / Math.sqrt(rows);
      else if (array === "recurrent") data[i] = (current * (uniform() - 0.6)) / Math.sqrt(rows);
      else if (array === "bias" || array === "shift") data[i] = current * 0.6 * (uniform() - 0.3);
      else if (array === "gain") data[i] = current * (0.5 + uniform());
      else data[i] = data[i]! * (0.95 + 0.1 * uniform());
    }
  }
}
