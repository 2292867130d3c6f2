import { neuronsOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { describeDataset } from "../../data/index.js";
import type { Device } from "../../device/index.js";
import type { ExperimentData } from "../../experiment/load-data.js";
import type { Experiment } from "../../experiment/schema.js";
import type { EvaluationResult, TrainingResult } from "../../training/index.js";
import { version } from "../../version.js";
import { lossText, percent } from "../terminal/table.js";
import { describeRun } from "./describe-run.js";

/** A training whose model is described. */
interface DescribedRun {
  readonly settings: Experiment;
  readonly data: ExperimentData;
  readonly network: Network;
  readonly device: Device;
}

/**
 * The model card of a run in Markdown: the network, the data and the training, the results, and how to repeat them.
 * @param tested result of the final test; undefined if the training was stopped before it
 * Source: M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
 */
export function modelCard(
  { settings, data, network, device }: DescribedRun,
  { epochs, updates, stopped }: TrainingResult,
  tested: EvaluationResult | undefined,
): string {
  const last = epochs.at(-1);
  const figures = [
    ...(tested === undefined
      ? [["test", "none: the training was stopped before it"] as const]
      : [
          ["test", `${data.test.name}, ${tested.samples} samples of ${tested.steps} steps`] as const,
          ...accuracyOf("test accuracy", tested.accuracy),
          ["test loss", lossText(tested)] as const,
        ]),
    ...(last === undefined ? [] : accuracyOf("training accuracy of the last epoch", last.accuracy)),
  ];
  const summary = describeRun(settings, data, network, device.report.name);
  return [
    `# ${neuronsOf(network)[0]!.neuron.name} on ${data.train.name}`,
    "",
    `A spiking neural network in \`weights.safetensors\`, trained with Spikevine ${version()}.`,
    "",
    "## Network, data and training",
    "",
    ...summary.split("\n").map((line) => `    ${line}`),
    "",
    `Training samples: ${describeDataset(data.train).split("\n").join("; ")}.`,
    "",
    `${epochs.length} of ${settings.training.epochs} epochs, ${updates} updates${stopped === "finished" ? "" : ` (${stopped})`}.`,
    "",
    "## Results",
    "",
    "| | |",
    "|---|---|",
    ...figures.map(([name, value]) => `| ${name} | ${value} |`),
    "",
    "The accuracy is that of these test samples, of one training with one seed; other data were not tested.",
    "",
    "## Repeating it",
    "",
    `Seed ${settings.seed}, Spikevine ${version()}, Node ${process.versions.node}, device ${device.report.name}. The configuration is \`config.json\`:`,
    "",
    "```sh",
    "spikevine train config.json",
    "spikevine eval weights.safetensors",
    "```",
    "",
  ].join("\n");
}

const accuracyOf = (name: string, accuracy: number): (readonly [string, string])[] =>
  Number.isNaN(accuracy) ? [] : [[name, percent(accuracy)]];
