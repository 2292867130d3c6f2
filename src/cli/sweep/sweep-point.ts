import { openDevice } from "../../device/index.js";
import { SpikevineError } from "../../errors.js";
import { buildNetwork } from "../../experiment/build.js";
import { type ExperimentData, loadData } from "../../experiment/load-data.js";
import { checkData, pointExperiment } from "../../experiment/points.js";
import type { Experiment } from "../../experiment/schema.js";
import { trainingOptions } from "../../experiment/training-options.js";
import { fitPlateau } from "../../statistics/index.js";
import type { Objective } from "../../sweep/index.js";
import { evaluate, train } from "../../training/index.js";
import { atMostEvery } from "../terminal/progress.js";

/**
 * Trains and tests the network of a point, on one thread. Accuracies are shares in [0, 1]: `accuracy` of the final test, `last`
 * and `best` of the epochs, on the samples that are held out where the experiment holds some out, else on the test set.
 */
export const trainPoint: Objective = async (point, { signal, report }) => {
  const settings = pointExperiment(point);
  const { training } = settings;
  const data = await dataOf(settings);
  checkData(point, data);
  const network = buildNetwork(settings, data.train.pixels, data.train.classes);
  const { device } = await openDevice(settings.device, { threads: 1 });
  const tell = atMostEvery(100, report);
  try {
    const { epochs, best } = await train(network, {
      ...trainingOptions(settings, data),
      device,
      // The other cores have points of their own.
      augmentWorkers: 0,
      signal,
      onBatch: ({ epoch, batch, batches }) => tell((epoch - 1 + batch / batches) / training.epochs),
    });
    const tested = await evaluate(network, data.test, {
      device,
      steps: settings.evaluation.steps ?? network.steps,
      seed: settings.seed,
      loss: training.loss,
      signal,
    });
    const accuracies = epochs.map(({ validation }) => validation?.accuracy ?? Number.NaN);
    const last = epochs.at(-1);
    return {
      metrics: {
        accuracy: tested.accuracy,
        last: accuracies.at(-1) ?? Number.NaN,
        best: Math.max(...accuracies),
        bestEpoch: best?.epoch ?? Number.NaN,
        testLoss: tested.loss,
        trainAccuracy: last?.accuracy ?? Number.NaN,
        trainLoss: last?.loss ?? Number.NaN,
        epochs: epochs.length,
        slowness: slownessOf(accuracies),
        trainingSeconds: epochs.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
      },
      curves: {
        accuracy: accuracies,
        trainAccuracy: epochs.map(({ accuracy }) => accuracy),
        trainLoss: epochs.map(({ loss }) => loss),
      },
    };
  } finally {
    await device.dispose();
  }
};

/** Of few epochs, or a curve without a plateau, there is none. */
function slownessOf(accuracies: readonly number[]): number {
  try {
    return fitPlateau(accuracies).slowness;
  } catch (error) {
    if (error instanceof SpikevineError) return Number.NaN;
    throw error;
  }
}

/** What the points of this thread had last: they mostly share it, and reading it takes time and memory. */
let loaded: { readonly key: string; readonly data: Promise<ExperimentData> } | undefined;

function dataOf(settings: Experiment): Promise<ExperimentData> {
  const key = JSON.stringify(settings.data);
  if (loaded?.key !== key) loaded = { key, data: loadData(settings) };
  return loaded.data;
}
