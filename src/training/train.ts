import type { Network } from "../../networks/network.js";
import type { Device } from "../device/contract.js";
import { openDevice } from "../device/open.js";
import { batches, checkFit, shuffledOrder } from "./batches.js";
import { runEvaluation } from "./evaluate.js";
import {
  type CheckedOptions,
  checkOptions,
  type EpochReport,
  type TrainingOptions,
  type TrainingResult,
} from "./options.js";
import { downloadParameters } from "./parameters.js";
import { Trainer } from "./trainer.js";

/**
 * Trains a network in place: after every whole epoch its arrays hold the trained values, and an error in mid-epoch
 * leaves those of the last whole epoch.
 * @throws SpikevineError if an option or the data do not fit, or training diverges.
 */
export async function train(network: Network, options: TrainingOptions): Promise<TrainingResult> {
  const checked = checkOptions(options, network.seed);
  checkFit(checked.data, network);
  if (checked.validation !== undefined) checkFit(checked.validation, network);
  const given = typeof checked.device === "object" ? checked.device : undefined;
  const opened =
    given === undefined
      ? await openDevice(
          checked.device as string | undefined,
          checked.threads === undefined ? {} : { threads: checked.threads },
        )
      : { device: given, why: "given" };
  try {
    return await runEpochs(network, checked, opened.device, opened.why);
  } finally {
    if (given === undefined) await opened.device.dispose();
  }
}

async function runEpochs(
  network: Network,
  options: CheckedOptions,
  device: Device,
  why: string,
): Promise<TrainingResult> {
  const trainer = await Trainer.create(network, options, device);
  const epochs: EpochReport[] = [];
  let best: EpochReport | undefined;
  let stopped: TrainingResult["stopped"] = "finished";
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const started = performance.now();
      const sums = await runEpoch(trainer, network, options, epoch, started);
      const trained = performance.now();
      if (options.signal?.aborted) {
        stopped = "aborted";
        await downloadParameters(network, trainer.program);
        break;
      }
      const validation =
        options.validation === undefined
          ? undefined
          : await runEvaluation(network, trainer.program, "evaluate", options.validation, {
              batch: trainer.compiled.evaluationBatch,
              steps: network.steps,
              seed: options.seed,
              loss: options.loss,
            });
      await downloadParameters(network, trainer.program);
      const report: EpochReport = {
        epoch,
        ...sums,
        ...(validation === undefined ? {} : { validation }),
        trainingSeconds: (trained - started) / 1000,
        validationSeconds: (performance.now() - trained) / 1000,
        ...(trainer.compiled.modulated.length > 0 ? { modulation: { ...trainer.modulationStatistics } } : {}),
        ...(trainer.compiled.feedback.size > 0 ? { symmetry: await trainer.symmetry() } : {}),
      };
      epochs.push(report);
      if (best === undefined || accuracyOf(report) > accuracyOf(best)) best = report;
      await options.onEpoch?.(report);
      if (options.signal?.aborted) {
        stopped = "aborted";
        break;
      }
      if (options.patience !== undefined && epoch - best.epoch >= options.patience) {
        stopped = "early";
        break;
      }
    }
    const { executor, name } = device.report;
    return {
      epochs,
      final: epochs.at(-1),
      best,
      stopped,
      updates: trainer.updates,
      device: `${name}: ${executor} (${why})`,
    };
  } finally {
    await trainer.program.dispose();
  }
}

/** Browsers have no setImmediate. */
const yieldTo = (resume: () => void): void => {
  if (typeof setImmediate === "function") setImmediate(resume);
  else setTimeout(resume);
};

const accuracyOf = (report: EpochReport): number => report.validation?.accuracy ?? report.accuracy;

async function runEpoch(
  trainer: Trainer,
  network: Network,
  options: CheckedOptions,
  epoch: number,
  started: number,
): Promise<{ loss: number; accuracy: number }> {
  const { data } = options;
  const total = Math.ceil(data.count / options.batch);
  let loss = 0;
  let correct = 0;
  let done = 0;
  let number = 0;
  for (const batch of batches(data, options.batch, network.outputs, shuffledOrder(data.count, options.seed, epoch))) {
    number++;
    const sums = await trainer.update(batch, epoch, epoch - 1 + (number - 1) / total, number);
    loss += sums.loss;
    correct += sums.correct;
    done += batch.samples;
    options.onBatch?.({
      epoch,
      batch: number,
      batches: total,
      loss: loss / done,
      accuracy: correct / done,
      samplesPerSecond: (1000 * done) / (performance.now() - started),
    });
    // Signals, timers and the terminal get their turn between batches.
    if (number % 8 === 0) await new Promise<void>((resolve) => yieldTo(resolve));
    if (options.signal?.aborted) break;
  }
  return { loss: loss / done, accuracy: correct / done };
}
