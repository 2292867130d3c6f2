import {
  batchNorm,
  constantCurrent,
  convolution,
  DivergenceError,
  dense,
  type EpochReport,
  heUniform,
  type Layer,
  lastOutput,
  linear,
  maxPool,
  type Network,
  network,
  neuronLayer,
  relu,
  residual,
  scale,
  sgd,
  train,
} from "spikevine";
import type { Point, PointContext, PointResult } from "spikevine/sweep";
import type { Source } from "../settings.js";
import { type Method, optimizerOf } from "./methods.js";
import { loadedOnce, openedOnce } from "./shared-in-thread.js";
import { resultOf } from "./train-point.js";

/**
 * `authors`: as in the withdrawn code, without normalization, for pixels of 0 to 255, and with weights that are stored without
 * their factor of sqrt(2 / fan-in), so that a step of gradient descent is 2 / fan-in times as long. `clean`: with normalization,
 * for pixels of 0 to 1 and with weights as they are.
 */
export type Version = "authors" | "clean";

/** Everything that a trained ResNet9 depends on, besides its seed. */
export interface Resnet9Settings extends Source {
  readonly version: Version;
  readonly method: Method;
  /** Share of the channels of the paper's network. */
  readonly width: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly device: string;
}

/**
 * ResNet9 of the authors' withdrawn code (IBM/GRAPES, December 2021), without spikes: 3 x 3 convolutions without biases, each
 * followed by a ReLU, before the additions. The weights are uniform here with the deviation of their normal ones.
 */
export function resnet9(version: Version, width: number, seed: number): Network {
  const map = (channels: number): Layer[] => [
    convolution(Math.max(1, Math.round(channels * width)), 3, { padding: 1, initializer: heUniform }),
    ...(version === "clean" ? [batchNorm()] : []),
    neuronLayer(relu()),
  ];
  return network({
    inputs: [3, 32, 32],
    encoder: constantCurrent(),
    steps: 1,
    readout: lastOutput(),
    seed,
    layers: [
      ...(version === "authors" ? [scale(255)] : []),
      ...map(64),
      ...map(128),
      maxPool(2),
      residual([...map(128), ...map(128)]),
      ...map(256),
      maxPool(2),
      ...map(512),
      maxPool(2),
      residual([...map(512), ...map(512)]),
      maxPool(4),
      neuronLayer(linear(), { dropout: 0.2 }),
      dense(10, linear(), { initializer: heUniform }),
    ],
  });
}

/** Rates of plain gradient descent on weights that are stored without the factor of sqrt(2 / fan-in). */
export function storedRates({ parameters }: Network, learningRate: number): Record<string, number> {
  const weights = [...parameters].filter(([name]) => name.endsWith(".weights"));
  return Object.fromEntries(weights.map(([name, { rows }]) => [name, (2 * learningRate) / rows]));
}

/** Trains on one thread; the network is tested after every epoch. */
export async function resnet9Point({ settings, seed }: Point, { signal, report }: PointContext): Promise<PointResult> {
  const wanted = settings as unknown as Resnet9Settings;
  const { version, method, epochs } = wanted;
  const data = await loadedOnce(wanted);
  const net = resnet9(version, wanted.width, seed);
  let rate = wanted.learningRate;
  const plain = (learningRate: number) => {
    rate = learningRate;
    return sgd({ learningRate });
  };
  const optimizer = optimizerOf(method, plain, wanted.learningRate, net);
  const reports: EpochReport[] = [];
  try {
    await train(net, {
      data: data.train,
      validation: data.test,
      epochs,
      batchSize: wanted.batch,
      optimizer,
      ...(version === "authors" ? { learningRates: storedRates(net, rate) } : {}),
      // A unit that dies under a method is a result.
      onZeroGradient: "continue",
      device: await openedOnce(wanted.device),
      signal,
      onEpoch(epoch) {
        reports.push(epoch);
        report(epoch.epoch / epochs);
      },
    });
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
  }
  return resultOf(reports, epochs);
}
