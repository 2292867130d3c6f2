import type { Network } from "../../networks/network.js";
import type { Device } from "../device/contract.js";
import { openDevice, refuseThreads } from "../device/open.js";
import { TRAINING_DEFAULTS } from "./defaults.js";
import { runEvaluation } from "./evaluate.js";
import { diagnoseActivity, measureActivity } from "./firing-activity.js";
import { openBatchSource } from "./loop/batch-source.js";
import { accuracyOf, checkFit } from "./loop/batches.js";
import { BestArrays } from "./loop/best-arrays.js";
import { warnOfRange } from "./loop/check-input.js";
import { checkData } from "./loop/data-check.js";
import { runEpoch } from "./loop/epoch.js";
import type { EpochReport } from "./loop/reports.js";
import { type EpochSums, NO_SUMS } from "./loop/snapshot.js";
import { Trainer } from "./loop/trainer.js";
import { dividedValues, termsField } from "./losses/index.js";
import {
  type CheckedOptions,
  checkOptions,
  checkTraining,
  type TrainingOptions,
  type TrainingResult,
} from "./options.js";
import { checkMicroBatches } from "./plan/micro-batches.js";
import { downloadParameters } from "./plan/parameters.js";
import { checkPresentation } from "./plan/presentation.js";
import { diagnoseProgress } from "./training-progress.js";

/**
 * Trains a network in place. After every completed epoch its arrays hold the trained values; an error within an epoch
 * leaves those of the last completed epoch (or of the snapshot that training resumed from). With `keepBest`, they hold
 * those of the best epoch when training has ended, also if it was stopped or failed.
 * @throws SpikevineError if an option or the data do not fit, or training diverges.
 */
export async function train(network: Network, options: TrainingOptions): Promise<TrainingResult> {
  checkTraining([network, options]);
  refuseThreads("train", options.device, options.threads);
  const { batchSize = TRAINING_DEFAULTS.batch, microBatchSize = batchSize, spikeGradient } = options;
  checkMicroBatches(network, { batchSize, microBatchSize, isRescaled: spikeGradient?.rescaled === true });
  const checked = checkOptions(options, network);
  checkPresentation(network);
  checkFit(checked.data, network);
  if (checked.validation !== undefined) checkFit(checked.validation, network);
  warnOfRange(checked.data, network, checked.onWarning);
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

/** Warns about a silent or saturated layer. An untrained output layer may be silent. */
async function warnOfActivity(
  network: Network,
  { data, onWarning, seed }: CheckedOptions,
  device: Device,
  when: "begins" | "ends",
): Promise<void> {
  if (onWarning === undefined) return;
  const layers = await measureActivity(network, data, { device, seed });
  const output = network.layerNames.at(-1);
  const problem = diagnoseActivity(layers.filter(({ name }) => when === "ends" || name !== output));
  if (problem !== undefined) onWarning(`as training ${when}, ${problem}`);
}

async function runEpochs(
  network: Network,
  options: CheckedOptions,
  device: Device,
  why: string,
): Promise<TrainingResult> {
  const { onSnapshot, resume, snapshotDue } = options;
  const data = await checkData(options);
  const best = options.keepBest === true ? new BestArrays(network, resume) : undefined;
  const trainer = await Trainer.create(network, options, device);
  const source = await openBatchSource(options, network);
  const reports: EpochReport[] = [...(resume?.progress.reports ?? [])];
  let sums = resume?.progress.sums ?? NO_SUMS;
  const keep = async (): Promise<void> => {
    const { updates, startDifferences } = trainer;
    const progress = {
      updates,
      startDifferences,
      reports: [...reports],
      sums,
      ...(data === undefined ? {} : { data }),
    };
    await onSnapshot?.({ progress, tensors: new Map([...(await trainer.state()), ...(best?.tensors ?? [])]) });
  };
  const keepIfDue = async (): Promise<void> => {
    const isDue = onSnapshot !== undefined && snapshotDue?.({ updates: trainer.updates, epochs: reports.length });
    if (isDue) await keep();
  };
  try {
    await options.onBegin?.({ memoryBytes: trainer.program.memoryBytes });
    await warnOfActivity(network, options, device, "begins");
    let stopped = endOf(reports, options);
    while (stopped === undefined) {
      const epoch = reports.length + 1;
      sums = await runEpoch(trainer, source, options, epoch, sums, async (now) => {
        sums = now;
        await keepIfDue();
      });
      const report = await reportEpoch(trainer, network, options, epoch, sums);
      await downloadParameters(network, trainer.program);
      if (report !== undefined) {
        reports.push(report);
        if (bestOf(reports) === report) best?.keep();
        sums = NO_SUMS;
        await options.onEpoch?.(report);
        await keepIfDue();
      }
      stopped = options.signal?.aborted ? "aborted" : endOf(reports, options);
    }
    if (onSnapshot !== undefined) await keep();
    best?.restore();
    if (stopped !== "aborted") {
      await warnOfActivity(network, options, device, "ends");
      const problem = diagnoseProgress(reports, options.data);
      if (problem !== undefined) options.onWarning?.(problem);
    }
    const { executor, name } = device.report;
    return {
      epochs: reports,
      final: reports.at(-1),
      best: bestOf(reports),
      stopped,
      updates: trainer.updates,
      ...(trainer.factors ? { factors: { ...trainer.factors } } : {}),
      device: `${name}: ${executor} (${why})`,
    };
  } catch (error) {
    best?.restore();
    throw error;
  } finally {
    await source.close();
    await trainer.program.dispose();
  }
}

/** Result of an epoch, validation included; undefined if it was stopped. */
async function reportEpoch(
  trainer: Trainer,
  network: Network,
  options: CheckedOptions,
  epoch: number,
  { samples, loss, terms, correct, seconds }: EpochSums,
): Promise<EpochReport | undefined> {
  if (options.signal?.aborted) return undefined;
  const began = performance.now();
  const validation =
    options.validation === undefined
      ? undefined
      : await runEvaluation(network, trainer.program, "evaluate", options.validation, {
          batch: trainer.compiled.evaluationBatch,
          steps: network.steps,
          seed: options.seed,
          loss: trainer.compiled.validationLoss!,
          signal: options.signal,
        });
  if (options.signal?.aborted) return undefined;
  return {
    epoch,
    loss: loss / samples,
    ...termsField(dividedValues(terms, samples)),
    accuracy: accuracyOf(options.data, correct, samples),
    ...(validation === undefined ? {} : { validation }),
    trainingSeconds: seconds,
    validationSeconds: (performance.now() - began) / 1000,
    ...(trainer.factors ? { modulation: trainer.factorStatistics! } : {}),
    ...(Object.keys(trainer.startDifferences).length > 0 ? { symmetry: await trainer.symmetry() } : {}),
  };
}

/** Accuracy of an epoch, or the negated loss of a regression, which has none. */
function scoreOf(report: EpochReport): number {
  const { accuracy, loss } = report.validation ?? report;
  return Number.isNaN(accuracy) ? -loss : accuracy;
}

/** The first epoch of the highest score. */
function bestOf(reports: readonly EpochReport[]): EpochReport | undefined {
  let best = reports[0];
  for (const report of reports) if (scoreOf(report) > scoreOf(best!)) best = report;
  return best;
}

/** Decides if training ends after these epochs, and why. */
function endOf(
  reports: readonly EpochReport[],
  { epochs, patience = Number.POSITIVE_INFINITY }: CheckedOptions,
): TrainingResult["stopped"] | undefined {
  if (reports.length >= epochs) return "finished";
  return reports.length - (bestOf(reports)?.epoch ?? 0) >= patience ? "early" : undefined;
}
