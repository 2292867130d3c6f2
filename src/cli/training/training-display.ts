import type { BatchReport, EpochReport, EvaluationResult, TrainingResult } from "../../training/index.js";
import { atMostEvery, progressLine } from "../terminal/progress.js";
import { lossText, percent, table } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";

/** Terminal output of a training: a progress bar in each epoch, a line after it, and a table at the end. */
export interface TrainingDisplay {
  onBatch(report: BatchReport): void;
  onEpoch(report: EpochReport): void;
  /** Epochs side by side; the best one is marked. */
  table(result: TrainingResult): string;
}

/** @param options.measured name of the samples that every epoch is measured on, e.g. "test" */
export function trainingDisplay(terminal: Terminal, options: { epochs: number; measured: string }): TrainingDisplay {
  const label = (epoch: number): string =>
    `epoch ${String(epoch).padStart(String(options.epochs).length)}/${options.epochs}`;
  let epochBegan = performance.now();
  let samplesPerSecond = 0;

  const show = atMostEvery(80, (report: BatchReport) => {
    terminal.status(
      progressLine({
        width: terminal.width,
        label: label(report.epoch),
        done: report.batch,
        of: report.batches,
        seconds: (performance.now() - epochBegan) / 1000,
        figures: [...figures(report), rate(report.samplesPerSecond)],
      }),
    );
  });

  return {
    onBatch(report) {
      samplesPerSecond = report.samplesPerSecond;
      show(report);
    },
    onEpoch(report) {
      const seconds = `${report.trainingSeconds.toFixed(1)} s`;
      const measured = report.validation ? [`${options.measured} ${measuredText(report.validation)}`] : [];
      terminal.line([label(report.epoch), ...figures(report), ...measured, rate(samplesPerSecond), seconds].join("  "));
      epochBegan = performance.now();
    },
    table(result) {
      const rows = result.epochs.map((epoch) => [
        String(epoch.epoch),
        epoch.loss.toFixed(4),
        accuracyText(epoch.accuracy),
        epoch.validation?.loss.toFixed(4) ?? "",
        epoch.validation ? accuracyText(epoch.validation.accuracy) : "",
        epoch === result.best ? "best" : "",
      ]);
      const { measured } = options;
      return table(
        ["epoch", "loss", "accuracy", `${measured} loss`, `${measured} accuracy`, ""],
        rows,
        [0, 1, 2, 3, 4],
      );
    },
  };
}

const figures = (report: BatchReport | EpochReport): string[] => [
  `loss ${lossText(report)}`,
  ...(Number.isNaN(report.accuracy) ? [] : [`accuracy ${percent(report.accuracy)}`]),
];

/** Targets without labels have no accuracy. */
const accuracyText = (accuracy: number): string => (Number.isNaN(accuracy) ? "" : percent(accuracy));

const measuredText = ({ accuracy, loss }: EvaluationResult): string =>
  Number.isNaN(accuracy) ? `loss ${loss.toFixed(4)}` : percent(accuracy);

const rate = (samplesPerSecond: number): string => `${Math.round(samplesPerSecond).toLocaleString("en")} samples/s`;
