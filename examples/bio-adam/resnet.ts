import {
  averagePool,
  batchNorm,
  constantCurrent,
  convolution,
  dense,
  heUniform,
  type Layer,
  lastOutput,
  linear,
  type Network,
  network,
  neuronLayer,
  relu,
  residual,
} from "spikevine";

export interface ResnetSettings {
  /** Channels of every group of blocks; each group after the first halves the sides of the image. */
  readonly groups: readonly number[];
  /** Blocks of two convolutions in every group. */
  readonly blocks: number;
}

/** The residual networks for images of 32 x 32 pixels. ResNet20: He et al. 2016, section 4.2. ResNet18: the form with a 3 x 3 stem. */
export const RESNET20: ResnetSettings = { groups: [16, 32, 64], blocks: 3 };
export const RESNET18: ResnetSettings = { groups: [64, 128, 256, 512], blocks: 2 };

const initializer = heUniform;
const map = (channels: number, stride = 1): Layer[] => [
  convolution(channels, 3, { stride, padding: 1, initializer }),
  batchNorm(),
];

/** Two convolutions beside the identity, or beside a convolution of one pixel where the shape changes. */
const block = (channels: number, stride: number, changes: boolean): Layer[] => [
  residual(
    [...map(channels, stride), relu(), ...map(channels)],
    changes ? [convolution(channels, 1, { stride, initializer }), batchNorm()] : [],
  ),
  neuronLayer(relu()),
];

/** A residual network without spikes for `[channels, side, side]` images and 10 classes: one step, logits at the end. */
export function resnet(
  { groups, blocks }: ResnetSettings,
  inputs: readonly [number, number, number],
  seed: number,
): Network {
  const [first] = groups;
  const layers = groups.flatMap((channels, group) =>
    Array.from({ length: blocks }, (_, i) => {
      const changes = group > 0 && i === 0;
      return block(channels, changes ? 2 : 1, changes);
    }).flat(),
  );
  const side = Math.ceil(inputs[1] / 2 ** (groups.length - 1));
  return network({
    inputs: [...inputs],
    encoder: constantCurrent(),
    steps: 1,
    readout: lastOutput(),
    seed,
    layers: [...map(first!), relu(), ...layers, averagePool(side), dense(10, linear(), { bias: true, initializer })],
  });
}
