import { z } from "zod";

/** Layers as data: the fields of a layer, with its neuron as an index and without its initializer. */

const name = z.string().max(200);
const size = z
  .int()
  .min(1)
  .max(2 ** 30);
const pair = z.tuple([z.int().min(0), z.int().min(0)]);

const withNeurons = {
  /** Index in the list of neurons; left out: no neurons. */
  neuron: z.int().min(0).exactOptional(),
  dropout: z.number(),
  /** The layer's `trainable`, under the name that it has had since version 1 of the format. */
  train: z.record(name, z.enum(["unit", "channel", "layer", "fixed"])),
};

const dense = z.strictObject({
  /** Files of dense layers only have none, so that earlier versions can read them. */
  kind: z.literal("dense").exactOptional(),
  units: size,
  ...withNeurons,
  bias: z.boolean(),
  recurrent: z.boolean(),
});

const convolution = z.strictObject({
  kind: z.literal("convolution"),
  channels: size,
  size: pair,
  stride: pair,
  padding: pair,
  dilation: pair,
  groups: size,
  bias: z.boolean(),
  ...withNeurons,
});

const pooling = z.strictObject({
  kind: z.enum(["averagePool", "sumPool", "maxPool"]),
  size: pair,
  stride: pair,
  padding: pair,
});

const neurons = z.strictObject({
  kind: z.literal("neurons"),
  ...withNeurons,
  neuron: z.int().min(0),
  recurrent: z.boolean(),
});

const batchNorm = z.strictObject({ kind: z.literal("batchNorm"), epsilon: z.number(), momentum: z.number() });
const flatten = z.strictObject({ kind: z.literal("flatten") });
const scale = z.strictObject({ kind: z.literal("scale"), factor: z.number() });

const simple = [dense, convolution, pooling, neurons, batchNorm, flatten, scale] as const;

export type DescribedLayer =
  | z.output<(typeof simple)[number]>
  | {
      readonly kind: "residual";
      readonly body: readonly DescribedLayer[];
      readonly shortcut: readonly DescribedLayer[];
    };

/** Levels of branches inside branches that a file may have. */
const DEEPEST = 8;

/** A layer with branches of at most `depth` levels. */
function layerOf(depth: number): z.ZodType<DescribedLayer> {
  if (depth === 0) return z.union(simple);
  const layers = z.array(layerOf(depth - 1)).max(1000);
  return z.union([...simple, z.strictObject({ kind: z.literal("residual"), body: layers, shortcut: layers })]);
}

export const layerDescription = layerOf(DEEPEST);
