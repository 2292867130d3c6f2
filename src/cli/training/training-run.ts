import { setImmediate } from "node:timers/promises";
import type { Network } from "../../../networks/index.js";
import { CheckpointStore, CheckpointWriter, parseInterval, type RunIdentity } from "../../checkpoint/index.js";
import type { Device } from "../../device/index.js";
import { lossOption } from "../../experiment/build-loss.js";
import type { ExperimentData } from "../../experiment/load-data.js";
import type { Experiment } from "../../experiment/schema.js";
import { trainingOptions } from "../../experiment/training-options.js";
import { saveWeights } from "../../experiment/weights.js";
import { writeAtomically } from "../../io/atomic-file.js";
import type { FileSystem } from "../../io/file-system.js";
import { openLog, type RunLog } from "../../io/run-folder/log.js";
import type { MetricsRecord } from "../../io/run-folder/metrics.js";
import { type MetricsWriter, openMetrics, writeMetrics } from "../../io/run-folder/metrics-file.js";
import { type RunFolder, writeConfig } from "../../io/run-folder/run-folder.js";
import {
  diagnoseActivity,
  diagnoseProgress,
  type EpochReport,
  type EvaluationResult,
  evaluate,
  type LayerActivity,
  measureActivity,
  type TrainingOptions,
  type TrainingResult,
  type TrainingSnapshot,
  train,
} from "../../training/index.js";
import { countOf, lossText, percent } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { modelCard } from "./model-card.js";
import { savePlots } from "./plots.js";
import { type TrainingDisplay, trainingDisplay } from "./training-display.js";

export interface TrainingRun {
  readonly settings: Experiment;
  /** The settings in the run folder: those that it was started with, unless a change was allowed. */
  readonly recorded: Experiment;
  /** Everything that determines the results of the run; called when the first checkpoint is written. */
  readonly identity: () => RunIdentity;
  /** Snapshot to resume from. */
  readonly resume?: TrainingSnapshot;
  readonly data: ExperimentData;
  readonly network: Network;
  readonly device: Device;
  /** Creates or opens the run folder; called when training begins, so that a refused run writes nothing. */
  readonly open: () => Promise<RunFolder>;
  /** Removes a folder in which training could not begin, unless it belongs to an earlier run. */
  readonly abandon: () => Promise<void>;
  readonly files: FileSystem;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Files of a run, open for writing. */
interface RunRecord {
  readonly folder: RunFolder;
  readonly log: RunLog;
  readonly metrics: MetricsWriter;
  readonly checkpoints: CheckpointWriter;
}

/**
 * Trains, tests, and writes all results into the run folder. Nothing is written before the device has accepted the plan and
 * the snapshot is restored. If the signal or an error stops the run after that, the current weights are still saved.
 * @returns the folder of the run and its checkpoints
 */
export async function trainingRun(run: TrainingRun): Promise<Pick<RunRecord, "folder" | "checkpoints">> {
  const { settings, recorded, data, network, terminal, files } = run;
  const activity = await activityOf(run);
  let record: RunRecord | undefined;
  const display = trainingDisplay(terminal, { epochs: settings.training.epochs, measured: measuredOn(run) });
  try {
    const result = await trainEpochs(run, display, {
      async begin(memoryBytes) {
        record = await openRecord(run);
        record.log.logger.info({ memoryBytes }, "memory of the network");
        terminal.line(
          `memory   ${Math.ceil(memoryBytes / 2 ** 20).toLocaleString("en")} MiB for the network in training`,
        );
        reportActivity(run, record.log, "begins", activity);
      },
      onSnapshot: (snapshot) => record!.checkpoints.write(snapshot),
      snapshotDue: (at) => record!.checkpoints.isDue(at),
      write(report) {
        const line = toRecord(run, report);
        record!.metrics.write(line);
        record!.log.logger.debug(line, "epoch");
      },
    });
    const { folder, log, metrics, checkpoints } = record!;
    terminal.line();
    terminal.line(display.table(result), "table");
    const { written, seconds } = checkpoints;
    const { stopped, updates } = result;
    log.logger.info({ stopped, updates, checkpoints: written, checkpointSeconds: seconds }, "training ends");
    let tested: EvaluationResult | undefined;
    if (stopped !== "aborted") {
      tested = await finalTest(run, metrics, result);
      reportActivity(run, log, "ends", await activityOf(run));
      const problem = diagnoseProgress(result.epochs, data.train);
      if (problem !== undefined) {
        log.logger.warn({ problem }, "training made no progress");
        terminal.line(`warning: ${problem}`, "warning");
      }
    }
    await savePlots(run, folder, result);
    await saveWeights(folder.weights, network, recorded, run.data.train, files);
    await writeAtomically(folder.file("model-card.md"), modelCard(run, result, tested), files);
    return { folder, checkpoints };
  } catch (error) {
    if (record !== undefined) {
      record.log.logger.error({ err: error }, "training failed");
      // Report the first error, not those of the clean-up.
      await saveWeights(record.folder.weights, network, recorded, run.data.train, files).catch(() => undefined);
    }
    throw error;
  } finally {
    record?.metrics.close();
    record?.log.close();
  }
}

async function openRecord(run: TrainingRun): Promise<RunRecord> {
  const { settings, device, files } = run;
  let metrics: MetricsWriter | undefined;
  try {
    const folder = await run.open();
    await writeConfig(folder, run.recorded, files);
    // The checkpoint holds the report of every complete epoch. The file is rewritten from it, so that no line is repeated or missing.
    const reports = run.resume?.progress.reports ?? [];
    const lines = reports.map((report) => toRecord(run, report));
    await writeMetrics(folder.metrics, lines, files);
    metrics = openMetrics(folder.metrics, files);
    const log = openLog({
      file: folder.log,
      level: settings.logLevel,
      // The terminal shows the log beside the progress only at the verbose levels.
      ...(["debug", "trace"].includes(settings.logLevel) ? { terminal: process.stderr } : {}),
      files,
    });
    log.logger.info({ device: device.report, node: process.versions.node }, "training begins");
    return { folder, log, metrics, checkpoints: checkpointWriter(run, folder, log) };
  } catch (error) {
    metrics?.close();
    await run.abandon();
    throw error;
  }
}

/** Activity of the spiking layers on a few training samples. */
const activityOf = ({ settings, data, network, device }: TrainingRun): Promise<readonly LayerActivity[]> =>
  measureActivity(network, data.train, { device, seed: settings.seed });

/** Logs the activity of the spiking layers, and warns if a layer cannot learn because of it. */
function reportActivity(
  { network, terminal }: TrainingRun,
  { logger }: RunLog,
  when: "begins" | "ends",
  layers: readonly LayerActivity[],
): void {
  logger.info({ layers }, `activity as training ${when}`);
  // An output layer may be silent before it is trained.
  const output = network.layerNames.at(-1);
  const problem = diagnoseActivity(layers.filter(({ name }) => when === "ends" || name !== output));
  if (problem === undefined) return;
  logger.warn({ problem }, `activity as training ${when}`);
  terminal.line(`warning: as training ${when}, ${problem}`, "warning");
}

function checkpointWriter(
  { settings, identity, resume, terminal, files }: TrainingRun,
  folder: RunFolder,
  log: RunLog,
): CheckpointWriter {
  const { every, keep } = settings.checkpoint;
  return new CheckpointWriter({
    store: new CheckpointStore(folder.checkpoints, keep, files),
    run: identity,
    interval: every === null ? undefined : parseInterval(every),
    start: { updates: resume?.progress.updates ?? 0, epochs: resume?.progress.reports.length ?? 0 },
    onProblem({ message }) {
      terminal.error(`spikevine: no checkpoint was written, training continues: ${message}`);
      log.logger.warn({ problem: message }, "no checkpoint was written");
    },
  });
}

/** Samples that every epoch is measured on. */
const measuredOn = ({ data }: TrainingRun): "validation" | "test" => (data.validation ? "validation" : "test");

/** Outputs that are written during a training. */
interface Keeping extends Required<Pick<TrainingOptions, "onSnapshot" | "snapshotDue">> {
  begin(memoryBytes: number): Promise<void>;
  write(report: EpochReport): void;
}

async function trainEpochs(run: TrainingRun, display: TrainingDisplay, keeping: Keeping): Promise<TrainingResult> {
  const { settings, data, network, device, signal, resume } = run;
  return train(network, {
    ...trainingOptions(settings, data),
    device,
    signal,
    onSnapshot: keeping.onSnapshot,
    snapshotDue: keeping.snapshotDue,
    onBegin: ({ memoryBytes }) => keeping.begin(memoryBytes),
    ...(resume === undefined ? {} : { resume }),
    onBatch: display.onBatch,
    async onEpoch(report) {
      display.onEpoch(report);
      keeping.write(report);
      // A short epoch may not yield to the event loop, so signals and the terminal are served here.
      await setImmediate();
    },
  });
}

/** One line of metrics. Values that depend on the clock have `Seconds` or `PerSecond` in their name. */
function toRecord(run: TrainingRun, report: EpochReport): MetricsRecord {
  const measured = measuredOn(run);
  const { epoch, loss, terms, accuracy, validation, modulation, symmetry, trainingSeconds, validationSeconds } = report;
  return {
    kind: "epoch",
    epoch,
    loss,
    ...(terms ? { terms } : {}),
    accuracy,
    ...(validation ? { [`${measured}Loss`]: validation.loss, [`${measured}Accuracy`]: validation.accuracy } : {}),
    ...(validation?.terms ? { [`${measured}Terms`]: validation.terms } : {}),
    ...(modulation ? { modulation } : {}),
    ...(symmetry ? { symmetry } : {}),
    trainingSeconds,
    validationSeconds,
    samplesPerSecond: run.data.train.count / trainingSeconds,
  };
}

/** Runs the final test on all test samples, with the number of time steps that the experiment sets. */
async function finalTest(
  run: TrainingRun,
  metrics: MetricsWriter,
  result: TrainingResult,
): Promise<EvaluationResult | undefined> {
  const { settings, data, network, device, terminal, signal } = run;
  const began = performance.now();
  terminal.status("testing ...");
  const tested = await evaluate(network, data.test, {
    device,
    steps: settings.evaluation.steps ?? network.steps,
    seed: settings.seed,
    ...lossOption(settings),
    signal,
  });
  if (signal.aborted) return undefined;
  metrics.write({ kind: "test", ...tested, testSeconds: (performance.now() - began) / 1000 });
  const best = result.best?.validation;
  const quoted =
    best && !data.validation && !Number.isNaN(best.accuracy)
      ? `; best epoch ${result.best!.epoch}: ${percent(best.accuracy)}`
      : "";
  terminal.line();
  const figure = Number.isNaN(tested.accuracy) ? `loss ${lossText(tested)}` : `accuracy ${percent(tested.accuracy)}`;
  const at = `${countOf(tested.steps, "step")}, ${countOf(tested.samples, "sample")}`;
  terminal.line(`test ${figure} at ${at}${quoted}`, "result");
  return tested;
}
