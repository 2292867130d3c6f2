import { SpikevineError } from "../../errors.js";
import { buildNetwork, inputsOf } from "../../experiment/build.js";
import { lossOption } from "../../experiment/build-loss.js";
import { dataKey, type ExperimentData, loadData } from "../../experiment/load-data.js";
import { checkData, checkDevice, pointExperiment } from "../../experiment/points.js";
import type { Experiment } from "../../experiment/schema.js";
import { trainingOptions } from "../../experiment/training-options.js";
import { fitPlateau } from "../../statistics/index.js";
import type { Objective } from "../../sweep/index.js";
import { evaluate, train } from "../../training/index.js";
import { openFastest } from "../device/open-fastest.js";
import { atMostEvery } from "../terminal/progress.js";

/**
 * Trains and tests the network of a point, on one thread. Accuracies are fractions in [0, 1]: `accuracy` is of the final test; `last`
 * and `best` are of the epochs, measured on the validation samples if the experiment holds some out, else on the test set.
 */
export const trainPoint: Objective = async (point, { signal, report }) => {
  const settings = pointExperiment(point);
  const { training } = settings;
  const data = await dataOf(settings);
  checkData(point, data);
  const network = buildNetwork(settings, inputsOf(settings, data.train), data.train.classes, data.train);
  const { device } = await openFastest(settings.device, { threads: 1 });
  const throttledReport = atMostEvery(100, report);
  try {
    checkDevice(point, device.report.name);
    const { epochs, best } = await train(network, {
      ...trainingOptions(settings, data),
      device,
      // The other cores train other points.
      augmentWorkers: 0,
      signal,
      onBatch: ({ epoch, batch, batches }) => throttledReport((epoch - 1 + batch / batches) / training.epochs),
    });
    const tested = await evaluate(network, data.test, {
      device,
      steps: settings.evaluation.steps ?? network.steps,
      seed: settings.seed,
      ...lossOption(settings),
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

/** Slowness of a learning curve; undefined for too few epochs or a curve without a plateau. */
function slownessOf(accuracies: readonly number[]): number {
  try {
    return fitPlateau(accuracies).slowness;
  } catch (error) {
    if (error instanceof SpikevineError) return Number.NaN;
    throw error;
  }
}

/** Data of this thread's previous point. Most points use the same data, and reading them takes time and memory. */
let loaded: { readonly key: string; readonly data: Promise<ExperimentData> } | undefined;

function dataOf(settings: Experiment): Promise<ExperimentData> {
  const key = dataKey(settings);
  if (loaded?.key !== key) loaded = { key, data: loadData(settings) };
  return loaded.data;
}
