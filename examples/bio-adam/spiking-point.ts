import { DivergenceError, evaluate, train } from "spikevine";
import type { Point, PointContext, PointResult } from "spikevine/sweep";
import { loadedOnce, openedOnce } from "../grapes/shared-in-thread.js";
import { authorsAggregation, authorsTraining, cifarNetwork, mnistNetwork } from "../neighborhood-network.js";
import type { Source } from "../settings.js";
import { type OptimizerSettings, optimizerOf } from "./optimizers.js";

/** Everything that a trained network of Figures 5 and 6 depends on, besides its seed. */
export interface SpikingSettings extends OptimizerSettings, Source {
  readonly batch: number;
  readonly epochs: number;
  readonly device: string;
  /** The network for CIFAR-10, with this share of its channels and units. Default: the network for MNIST. */
  readonly width?: number;
}

/**
 * Trains a network by neighborhood aggregation on one thread, and tests it once, at the end; that for CIFAR-10 after every epoch. If training diverges,
 * its figures are NaN from that epoch on.
 */
export async function spikingPoint({ settings, seed }: Point, { signal, report }: PointContext): Promise<PointResult> {
  const wanted = settings as unknown as SpikingSettings;
  const { epochs } = wanted;
  const data = await loadedOnce(wanted);
  const device = await openedOnce(wanted.device);
  const network = wanted.width === undefined ? mnistNetwork(seed) : cifarNetwork(seed, wanted.width);
  const losses: number[] = new Array(epochs).fill(Number.NaN);
  const accuracies = [...losses];
  const tests: number[] = [];
  let test = Number.NaN;
  try {
    await train(network, {
      ...authorsTraining(optimizerOf(wanted)),
      spikeGradient: authorsAggregation,
      data: data.train,
      ...(wanted.width === undefined ? {} : { validation: data.test }),
      epochs,
      batchSize: wanted.batch,
      // A network that falls silent is a result.
      onZeroGradient: "continue",
      device,
      signal,
      onEpoch({ epoch, loss, accuracy, validation }) {
        losses[epoch - 1] = loss;
        accuracies[epoch - 1] = accuracy;
        if (validation !== undefined) tests.push(validation.accuracy);
        report(epoch / epochs);
      },
    });
    if (!signal.aborted) test = (await evaluate(network, data.test, { device })).accuracy;
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
  }
  return {
    metrics: { loss: losses.at(-1)!, train: accuracies.at(-1)!, test },
    curves: { loss: losses, train: accuracies, ...(tests.length === 0 ? {} : { test: tests }) },
  };
}
