import { statSync } from "node:fs";
import { SpikevineError } from "../../errors.js";
import { buildNetwork, inputsOf } from "../../experiment/build.js";
import { buildLoss } from "../../experiment/build-loss.js";
import { type Field, fields } from "../../experiment/fields.js";
import { loadTestData } from "../../experiment/load-data.js";
import type { Experiment } from "../../experiment/schema.js";
import { checkSavedSizes, readWeights, restoreWeights } from "../../experiment/weights.js";
import { isConfigUnchanged, type RunFolder, runFolder } from "../../io/run-folder/run-folder.js";
import { confusionMatrix, predict } from "../../training/index.js";
import type { Command } from "../command-line/command.js";
import { jsonOutput, jsonTerminal } from "../command-line/json-output.js";
import { openAgain, openFastest } from "../device/open-fastest.js";
import { confusionTable, evaluationFigures } from "../eval/report.js";
import { downloadDisplay } from "../terminal/download-display.js";
import { atMostEvery, duration, progressLine } from "../terminal/progress.js";
import { lossText, percent } from "../terminal/table.js";

/** Fields that may differ from the training. The flag for the steps of the test is just `--steps` here. */
const EVAL_FIELDS: readonly Field[] = fields
  .filter(({ path }) =>
    [
      ...["data.name", "data.dir", "data.images", "data.labels", "data.testData", "data.testLabels", "data.testShare"],
      ...["data.test", "evaluation.steps", "device", "threads", "seed", "logLevel"],
    ].includes(path),
  )
  .map((field) => (field.path === "evaluation.steps" ? { ...field, flag: "steps" } : field));

const DEVICE = EVAL_FIELDS.find(({ path }) => path === "device")!;
const [DATA, TEST_DATA, TEST_SHARE] = ["data.name", "data.testData", "data.testShare"].map(
  (wanted) => EVAL_FIELDS.find(({ path }) => path === wanted)!,
) as [Field, Field, Field];

const JSON_OUTPUT = jsonOutput("the figures, the confusion matrix and the answer to every sample");

/** `spikevine eval`: accuracy and confusion matrix of a trained network on test data. */
export const evaluateCommand: Command = {
  name: "eval",
  summary: "measures a trained network on test data; settings that no flag changes are those of its training",
  argument: { name: "RUN_OR_WEIGHTS", description: "a run folder, or a .safetensors file from one", required: true },
  fields: EVAL_FIELDS,
  own: [JSON_OUTPUT],
  async run(invocation) {
    const { argument = "", experiment, gave } = invocation;
    const { terminal, print } = jsonTerminal(invocation, JSON_OUTPUT);
    const folder = isFolder(argument) ? runFolder(argument) : undefined;
    if (folder !== undefined) await checkConfig(folder);
    const saved = await readWeights(folder?.weights ?? argument);
    const settings = experiment(withoutReplaced(saved.experiment, gave));
    const open = gave(DEVICE) || settings.device === "auto" ? openFastest : openAgain;
    const { device, why } = await open(settings.device, settings.threads ? { threads: settings.threads } : {});
    try {
      const test = await loadTestData(settings, saved, downloadDisplay(terminal));
      checkSavedSizes(saved, inputsOf(settings, test), test.classes);
      const network = buildNetwork(settings, inputsOf(settings, test), test.classes);
      restoreWeights(network, saved);
      const began = performance.now();
      const seconds = (): number => (performance.now() - began) / 1000;
      const result = await predict(network, test, {
        device,
        steps: settings.evaluation.steps ?? network.steps,
        seed: settings.seed,
        loss: buildLoss(settings.training.loss),
        signal: terminal.lost,
        onBatch: atMostEvery(80, (done: number, of: number) =>
          terminal.status(progressLine({ width: terminal.width, label: "testing", done, of, seconds: seconds() })),
        ),
      });
      if (result.samples === 0) return 0;
      const classes = Math.max(network.outputs, test.classes);
      const labels = test.labels.subarray(0, result.samples);
      const confusion = confusionMatrix(labels, result.labels, classes);
      const { name } = test;
      const used = `${device.report.name}: ${device.report.executor} (${why})`;
      const lines = [
        `weights   ${saved.path}`,
        `data      ${name}: ${result.samples.toLocaleString("en")} test samples`,
        `steps     ${result.steps}`,
        `device    ${used}`,
        `accuracy  ${percent(result.accuracy)}`,
        `loss      ${lossText(result)}`,
        `time      ${duration(seconds())}`,
      ];
      terminal.line(lines.join("\n"), "summary");
      terminal.line();
      terminal.line(confusionTable(confusion), "table");
      print(() =>
        evaluationFigures({
          ...{ weights: saved.path, data: name, device: used, labels },
          ...{ predictions: result, confusion },
        }),
      );
      return 0;
    } finally {
      await device.dispose();
    }
  },
};

/**
 * The weights contain their experiment, but a configuration that says something else beside them would mislead its readers.
 * @throws SpikevineError if the configuration of a run was changed or damaged since it was written.
 */
async function checkConfig(folder: RunFolder): Promise<void> {
  if ((await isConfigUnchanged(folder)) !== false) return;
  throw new SpikevineError(
    `eval: "${folder.config}" was changed or damaged since the run wrote it (its checksum differs); restore it, or give the weights: ${folder.weights}.`,
  );
}

/** An experiment without the test samples in place of which others are given. */
const withoutReplaced = (experiment: Experiment, gave: (field: Field) => boolean): Experiment => ({
  ...experiment,
  data: {
    ...experiment.data,
    ...(gave(DATA) || gave(TEST_SHARE) ? { testData: null, testLabels: null } : {}),
    ...(gave(TEST_DATA) ? { testShare: null } : {}),
  },
});

/** A missing path counts as a file; its reader reports it. */
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
