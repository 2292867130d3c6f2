import { setImmediate } from "node:timers/promises";
import type { Network } from "../../networks/index.js";
import { CheckpointKeeper, CheckpointStore, parseInterval, type RunIdentity } from "../checkpoint/index.js";
import type { Device } from "../device/index.js";
import type { ExperimentData } from "../experiment/load-data.js";
import type { Experiment } from "../experiment/schema.js";
import { trainingOptions } from "../experiment/training-options.js";
import { saveWeights } from "../experiment/weights.js";
import {
  type MetricsRecord,
  type MetricsWriter,
  openLog,
  openMetrics,
  type RunFolder,
  type RunLog,
  writeConfig,
  writeMetrics,
} from "../record/index.js";
import {
  activityProblem,
  type EpochReport,
  evaluate,
  measureActivity,
  type TrainingResult,
  type TrainingSnapshot,
  train,
} from "../training/index.js";
import { savePlots } from "./plots.js";
import { percent } from "./table.js";
import type { Terminal } from "./terminal.js";
import { type TrainingDisplay, trainingDisplay } from "./training-display.js";

export interface TrainingRun {
  readonly settings: Experiment;
  /** The settings that the run folder tells of: those that it was begun with, unless a change was allowed. */
  readonly recorded: Experiment;
  /** What makes the run what it is; asked for when the first checkpoint is written. */
  readonly identity: () => RunIdentity;
  /** Where to go on from. */
  readonly resume?: TrainingSnapshot;
  readonly data: ExperimentData;
  readonly network: Network;
  readonly device: Device;
  readonly folder: RunFolder;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/**
 * Trains, tests, and leaves everything in the run folder. Stopped by the signal or by an error in mid-run, it still
 * saves the weights as they then are.
 * @returns what was kept to go on from
 */
export async function trainingRun(run: TrainingRun): Promise<CheckpointKeeper> {
  const { settings, recorded, network, folder, device, terminal } = run;
  await writeConfig(folder, recorded);
  const toRecord = (report: EpochReport): MetricsRecord => epochRecord(report, measuredOn(run), run.data.train.count);
  // The checkpoint knows every whole epoch, so the file is written anew: no line is there twice and none is missing.
  await writeMetrics(folder.metrics, (run.resume?.progress.reports ?? []).map(toRecord));
  const log = openLog({
    file: folder.log,
    level: settings.logLevel,
    // Beside the progress on a terminal, a log is for those who ask for more than that.
    ...(["debug", "trace"].includes(settings.logLevel) ? { terminal: process.stderr } : {}),
  });
  const metrics = openMetrics(folder.metrics);
  log.logger.info({ device: device.report, node: process.versions.node }, "training begins");
  const checkpoints = checkpointKeeper(run, log);
  const display = trainingDisplay(terminal, { epochs: settings.training.epochs, measured: measuredOn(run) });
  try {
    await watchActivity(run, log, "begins");
    const result = await trainEpochs(run, display, checkpoints, (report) => {
      const record = toRecord(report);
      metrics.write(record);
      log.logger.debug(record, "epoch");
    });
    terminal.line();
    terminal.line(display.table(result));
    const { written, seconds } = checkpoints;
    const { stopped, updates } = result;
    log.logger.info({ stopped, updates, checkpoints: written, checkpointSeconds: seconds }, "training ends");
    if (stopped !== "aborted") {
      await finalTest(run, metrics, result);
      await watchActivity(run, log, "ends");
    }
    await savePlots(run, result);
    await saveWeights(folder.weights, network, recorded);
    return checkpoints;
  } catch (error) {
    log.logger.error({ err: error }, "training failed");
    // What went wrong first is what there is to tell.
    await saveWeights(folder.weights, network, recorded).catch(() => undefined);
    throw error;
  } finally {
    metrics.close();
    log.close();
  }
}

/** Logs what the spiking layers do on a few training samples, and warns where that lets nothing be learned. */
async function watchActivity(
  { settings, data, network, device, terminal }: TrainingRun,
  { logger }: RunLog,
  when: "begins" | "ends",
): Promise<void> {
  const layers = await measureActivity(network, data.train, { device, seed: settings.seed });
  logger.info({ layers }, `activity as training ${when}`);
  // An output that has not been trained yet may be silent.
  const output = network.layerNames.at(-1);
  const problem = activityProblem(layers.filter(({ name }) => when === "ends" || name !== output));
  if (problem === undefined) return;
  logger.warn({ problem }, `activity as training ${when}`);
  terminal.line(`warning: as training ${when}, ${problem}`);
}

function checkpointKeeper(
  { settings, identity, resume, folder, terminal }: TrainingRun,
  log: RunLog,
): CheckpointKeeper {
  const { every, keep } = settings.checkpoint;
  return new CheckpointKeeper({
    store: new CheckpointStore(folder.checkpoints, keep),
    run: identity,
    interval: every === null ? undefined : parseInterval(every),
    start: { updates: resume?.progress.updates ?? 0, epochs: resume?.progress.reports.length ?? 0 },
    onProblem({ message }) {
      terminal.error(`spikevine: no checkpoint was written, training goes on: ${message}`);
      log.logger.warn({ problem: message }, "no checkpoint was written");
    },
  });
}

/** What every epoch is measured on. */
const measuredOn = ({ data }: TrainingRun): "validation" | "test" => (data.validation ? "validation" : "test");

async function trainEpochs(
  run: TrainingRun,
  display: TrainingDisplay,
  snapshots: CheckpointKeeper,
  write: (report: EpochReport) => void,
): Promise<TrainingResult> {
  const { settings, data, network, device, signal, resume } = run;
  return train(network, {
    ...trainingOptions(settings, data),
    device,
    signal,
    snapshots,
    ...(resume === undefined ? {} : { resume }),
    onBatch: display.onBatch,
    async onEpoch(report) {
      display.onEpoch(report);
      write(report);
      // A short epoch may pass without a turn for signals and the terminal.
      await setImmediate();
    },
  });
}

/** One line of metrics. What depends on the clock has `Seconds` or `PerSecond` in its name. */
function epochRecord(report: EpochReport, measured: string, samples: number): MetricsRecord {
  const { epoch, loss, accuracy, validation, modulation, symmetry, trainingSeconds, validationSeconds } = report;
  return {
    kind: "epoch",
    epoch,
    loss,
    accuracy,
    ...(validation ? { [`${measured}Loss`]: validation.loss, [`${measured}Accuracy`]: validation.accuracy } : {}),
    ...(modulation ? { modulation } : {}),
    ...(symmetry ? { symmetry } : {}),
    trainingSeconds,
    validationSeconds,
    samplesPerSecond: samples / trainingSeconds,
  };
}

/** The test that a result is quoted from: all test samples, shown for as long as the experiment says. */
async function finalTest(run: TrainingRun, metrics: MetricsWriter, result: TrainingResult): Promise<void> {
  const { settings, data, network, device, terminal, signal } = run;
  const began = performance.now();
  terminal.status("testing ...");
  const tested = await evaluate(network, data.test, {
    device,
    steps: settings.evaluation.steps ?? network.steps,
    seed: settings.seed,
    loss: settings.training.loss,
    signal,
  });
  if (signal.aborted) return;
  metrics.write({ kind: "test", ...tested, testSeconds: (performance.now() - began) / 1000 });
  const best = result.best?.validation;
  const quoted = best && !data.validation ? `; best epoch ${result.best!.epoch}: ${percent(best.accuracy)}` : "";
  terminal.line();
  terminal.line(
    `test accuracy ${percent(tested.accuracy)} at ${tested.steps} steps, ${tested.samples.toLocaleString("en")} samples${quoted}`,
  );
}
