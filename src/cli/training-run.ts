import { setImmediate } from "node:timers/promises";
import type { Network } from "../../networks/index.js";
import type { Device } from "../device/index.js";
import { buildRule, buildSchedule } from "../experiment/build.js";
import type { ExperimentData } from "../experiment/load-data.js";
import type { Experiment } from "../experiment/schema.js";
import { saveWeights } from "../experiment/weights.js";
import {
  type MetricsRecord,
  type MetricsWriter,
  openLog,
  openMetrics,
  type RunFolder,
  writeConfig,
} from "../record/index.js";
import { type EpochReport, evaluate, type TrainingResult, train } from "../training/index.js";
import { savePlots } from "./plots.js";
import { percent } from "./table.js";
import type { Terminal } from "./terminal.js";
import { type TrainingDisplay, trainingDisplay } from "./training-display.js";

export interface TrainingRun {
  readonly settings: Experiment;
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
 */
export async function trainingRun(run: TrainingRun): Promise<void> {
  const { settings, network, folder, device, terminal } = run;
  await writeConfig(folder, settings);
  const log = openLog({
    file: folder.log,
    level: settings.logLevel,
    // Beside the progress on a terminal, a log is for those who ask for more than that.
    ...(["debug", "trace"].includes(settings.logLevel) ? { terminal: process.stderr } : {}),
  });
  const metrics = openMetrics(folder.metrics);
  log.logger.info({ device: device.report, node: process.versions.node }, "training begins");
  const display = trainingDisplay(terminal, { epochs: settings.training.epochs, measured: measuredOn(run) });
  try {
    const result = await trainEpochs(run, display, (record) => {
      metrics.write(record);
      log.logger.debug(record, "epoch");
    });
    terminal.line();
    terminal.line(display.table(result));
    log.logger.info({ stopped: result.stopped, updates: result.updates }, "training ends");
    if (result.stopped !== "aborted") await finalTest(run, metrics, result);
    await savePlots(run, result);
  } catch (error) {
    log.logger.error({ err: error }, "training failed");
    throw error;
  } finally {
    await saveWeights(folder.weights, network, settings);
    metrics.close();
    log.close();
  }
}

/** What every epoch is measured on. */
const measuredOn = ({ data }: TrainingRun): "validation" | "test" => (data.validation ? "validation" : "test");

async function trainEpochs(
  run: TrainingRun,
  display: TrainingDisplay,
  write: (record: MetricsRecord) => void,
): Promise<TrainingResult> {
  const { settings, data, network, device, signal } = run;
  const { training } = settings;
  return train(network, {
    data: data.train,
    validation: data.validation ?? data.test,
    epochs: training.epochs,
    batch: training.batch,
    loss: training.loss,
    reduction: training.reduction,
    rule: buildRule(settings),
    credit: training.credit,
    schedule: buildSchedule(settings),
    ...(training.clip === null ? {} : { clip: training.clip }),
    ...(training.truncate === null ? {} : { truncate: training.truncate }),
    ...(training.earlyStopping === null ? {} : { patience: training.earlyStopping }),
    device,
    seed: settings.seed,
    signal,
    onBatch: display.onBatch,
    async onEpoch(report) {
      display.onEpoch(report);
      write(epochRecord(report, measuredOn(run), data.train.count));
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
