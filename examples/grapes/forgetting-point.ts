import {
  type Dataset,
  defineEncoder,
  dense,
  evaluate,
  heUniform,
  lastOutput,
  linear,
  momentum,
  type Network,
  network,
  relu,
  train,
} from "spikevine";
import { permutePixels, pixelSwaps } from "spikevine/data";
import type { Point, PointContext, PointResult } from "spikevine/sweep";
import type { Source } from "../settings.js";
import { type Method, optimizerOf } from "./methods.js";
import { mean } from "./report.js";
import { loadedOnce, openedOnce } from "./shared-in-thread.js";

export interface ForgettingSettings extends Source {
  readonly method: Method;
  /** Number of pairs of pixels that a task swaps. */
  readonly swaps: number;
  readonly tasks: number;
  /** Epochs of every task. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly device: string;
}

/**
 * One network learns one task after the other, and is tested on all of them after each. `task j` is the test accuracy
 * on task j after every task, `future` the mean over the future tasks. The metrics are fractions: `learned` is the
 * accuracy on a task right after it, `kept` that on all but the last task at the end, `all` that on all at the end,
 * `future` the mean of its curve.
 */
export async function forgettingPoint({ settings, seed }: Point, context: PointContext): Promise<PointResult> {
  const wanted = settings as unknown as ForgettingSettings;
  const { tasks, swaps, method, epochs, learningRate } = wanted;
  const data = await loadedOnce(wanted);
  const device = await openedOnce(wanted.device);
  const { pixels } = data.train;
  const places = Array.from({ length: tasks }, (_, task) =>
    pixelSwaps({ pixels, exchanges: swaps, seed: seed * tasks + task }),
  );
  const tests: Dataset[] = places.map((order) => permutePixels(data.test, order));
  const net = classifier(pixels, seed);
  const rule = optimizerOf(method, (rate) => momentum({ learningRate: rate, momentum: 0.9 }), learningRate, net);
  const accuracy: number[][] = [];
  for (const [task, order] of places.entries()) {
    await train(net, {
      data: permutePixels(data.train, order),
      epochs,
      batchSize: 64,
      optimizer: rule,
      seed: seed * tasks + task,
      device,
      signal: context.signal,
    });
    const after: number[] = [];
    for (const test of tests) after.push((await evaluate(net, test, { device })).accuracy);
    accuracy.push(after);
    context.report((task + 1) / tasks);
  }
  const last = accuracy.at(-1)!;
  const future = accuracy.slice(0, -1).map((after, task) => mean(after.slice(task + 1)));
  return {
    metrics: {
      learned: mean(accuracy.map((after, task) => after[task]!)),
      kept: mean(last.slice(0, -1)),
      all: mean(last),
      future: mean(future),
    },
    curves: {
      future,
      ...Object.fromEntries(tests.map((_, task) => [`task ${task + 1}`, accuracy.map((after) => after[task]!)])),
    },
  };
}

/**
 * The network of the authors' notebook: 784-256-256-10, ReLU, no biases, pixels minus the mean of MNIST divided by its
 * standard deviation.
 */
function classifier(inputs: number, seed: number): Network {
  const initializer = heUniform;
  const standardized = defineEncoder({
    name: "standardized",
    summary: "Pixels minus their mean, divided by their standard deviation.",
    source: "the authors' notebook, by Avalanche's PermutedMNIST",
    parameters: {
      mean: { value: 0.1307, summary: "mean of MNIST's pixels" },
      deviation: { value: 0.3081, summary: "standard deviation of MNIST's pixels" },
    },
    current: "(x - mean) / deviation",
  });
  return network({
    inputs,
    encoder: standardized,
    steps: 1,
    layers: [...[256, 256].map((units) => dense(units, relu(), { initializer })), dense(10, linear(), { initializer })],
    readout: lastOutput(),
    seed,
  });
}
