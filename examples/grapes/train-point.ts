import {
  type Credit,
  constantSchedule,
  cosineDecay,
  DivergenceError,
  type EpochReport,
  elasticTransform,
  evaluate,
  type Network,
  randomAffine,
  sgd,
  train,
} from "spikevine";
import type { Splits } from "spikevine/data";
import type { Point, PointContext, PointResult } from "spikevine/sweep";
import type { Source } from "../settings.js";
import { type ClassifierSettings, classifier } from "./classifiers.js";
import { type Method, optimizerOf } from "./methods.js";
import { type Device, loadedOnce, openedOnce } from "./shared-in-thread.js";

/** Everything that a trained network depends on, besides its seed. */
export interface TrainingSettings extends ClassifierSettings, Source {
  readonly method: Method;
  readonly credit: Credit;
  readonly learningRate: number;
  /** A constant learning rate, or one that decreases along half a cosine. */
  readonly schedule: "constant" | "cosine";
  readonly batch: number;
  readonly epochs: number;
  readonly device: string;
  /** Augments training images as the authors' code does. */
  readonly augment?: true;
  /** Constraints of hardware; see `Hardware`. */
  readonly updateNoise?: number;
  readonly activationNoise?: number;
  /** null: single precision. */
  readonly weightBits?: number | null;
}

/**
 * The augmentation of the authors' code (IBM/GRAPES): 10 degrees, 15 % of 28 pixels, a shear of 0.15 degrees, a zoom of
 * 15 %, and an elastic field of alpha 34 and sigma 6.
 */
const DEFORMATION = [
  randomAffine({ rotation: 10, translation: 0.15 * 28, shear: 0.15, scale: 0.15 }),
  elasticTransform({ alpha: 34, sigma: 6 }),
];

/** The paper's settings unless stated otherwise: 3x256 ReLU, 10 % dropout, SGD 0.1, batches of 64. */
export const STANDARD = {
  unit: "relu",
  hidden: [256, 256, 256],
  dropout: 0.1,
  credit: "backpropagation",
  learningRate: 0.1,
  schedule: "constant",
  batch: 64,
} as const satisfies Partial<TrainingSettings>;

export interface Trained {
  readonly network: Network;
  readonly data: Splits;
  readonly device: Device;
  readonly result: Result;
}

/** Test and training accuracy as fractions, at the best and the last epoch, and over epochs. */
export interface Result {
  readonly metrics: Record<string, number>;
  readonly curves: Record<string, number[]>;
}

/**
 * Trains the network of a point on one thread; the network is tested after every epoch. If training diverges, the figures
 * of that epoch and the later ones are NaN.
 */
export async function trainNetwork(
  { settings, seed }: Point,
  { signal, report }: PointContext,
  onEpoch?: (network: Network) => void,
): Promise<Trained> {
  const wanted = settings as unknown as TrainingSettings;
  const data = await loadedOnce(wanted);
  const device = await openedOnce(wanted.device);
  const network = classifier(wanted, data.train.pixels, seed);
  const plain = (learningRate: number) => sgd({ learningRate });
  const { updateNoise = 0, activationNoise = 0, weightBits = null } = wanted;
  const reports: EpochReport[] = [];
  try {
    await train(network, {
      data: data.train,
      validation: data.test,
      epochs: wanted.epochs,
      batchSize: wanted.batch,
      optimizer: optimizerOf(wanted.method, plain, wanted.learningRate, network, wanted.credit),
      credit: wanted.credit,
      // A unit that dies under a method is a result.
      onZeroGradient: "continue",
      schedule: wanted.schedule === "cosine" ? cosineDecay() : constantSchedule(),
      hardware: { updateNoise, activationNoise, ...(weightBits === null ? {} : { weightBits }) },
      ...(wanted.augment ? { augment: DEFORMATION, augmentWorkers: 0 } : {}),
      device,
      signal,
      onEpoch(epoch) {
        reports.push(epoch);
        onEpoch?.(network);
        report(epoch.epoch / wanted.epochs);
      },
    });
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
  }
  return { network, data, device, result: resultOf(reports, wanted.epochs) };
}

/** Accuracies over epochs; those of epochs that were not reached are NaN. */
export function resultOf(reports: readonly EpochReport[], epochs: number): Result {
  const over = (figure: (report: EpochReport) => number): number[] =>
    Array.from({ length: epochs }, (_, i) => (reports[i] === undefined ? Number.NaN : figure(reports[i])));
  const test = over(({ validation }) => validation!.accuracy);
  const train = over(({ accuracy }) => accuracy);
  return {
    metrics: {
      best: reports.length === 0 ? Number.NaN : Math.max(...test.slice(0, reports.length)),
      final: test.at(-1)!,
      train: train.at(-1)!,
    },
    curves: { test, train, loss: over(({ loss }) => loss) },
  };
}

/** Steps of a long test of a rate-coded network, with the spike probability per step of its training. */
const LONG_TEST = 300;

/** The point function of every experiment that only needs accuracies. */
export async function trainPoint(point: Point, context: PointContext): Promise<PointResult> {
  const { network, data, device, result } = await trainNetwork(point, context);
  if (network.steps > 1 && !context.signal.aborted) {
    const diverged = Number.isNaN(result.metrics.final);
    const longTest = async () => (await evaluate(network, data.test, { device, steps: LONG_TEST })).accuracy;
    result.metrics.longTest = diverged ? Number.NaN : await longTest();
  }
  return result;
}
