import { statSync } from "node:fs";
import { openDevice } from "../../device/index.js";
import { buildNetwork } from "../../experiment/build.js";
import { type Field, fields } from "../../experiment/fields.js";
import { loadData } from "../../experiment/load-data.js";
import { checkSavedSizes, readWeights, restoreWeights } from "../../experiment/weights.js";
import { runFolder } from "../../io/run-folder/run-folder.js";
import { evaluate } from "../../training/index.js";
import type { Command } from "../command-line/command.js";
import { downloadDisplay } from "../terminal/download-display.js";
import { atMostEvery, duration, progressLine } from "../terminal/progress.js";
import { percent } from "../terminal/table.js";

/** Fields that may differ from the training. The flag for the steps of the test is just `--steps` here. */
const EVAL_FIELDS: readonly Field[] = fields
  .filter(({ path }) =>
    ["data.name", "data.dir", "data.test", "evaluation.steps", "device", "threads", "seed", "logLevel"].includes(path),
  )
  .map((field) => (field.path === "evaluation.steps" ? { ...field, flag: "steps" } : field));

/** `spikevine eval`: accuracy of a trained network on test data. */
export const evaluateCommand: Command = {
  name: "eval",
  summary: "measures a trained network on test data; settings that no flag changes are those of its training",
  argument: { name: "RUN_OR_WEIGHTS", description: "a run folder, or a .safetensors file from one", required: true },
  fields: EVAL_FIELDS,
  async run({ argument = "", experiment, terminal }) {
    const saved = await readWeights(isFolder(argument) ? runFolder(argument).weights : argument);
    const settings = experiment(saved.experiment);
    const { device, why } = await openDevice(settings.device, settings.threads ? { threads: settings.threads } : {});
    try {
      // No training samples are needed; 1 is the smallest number that the schema accepts.
      const { test } = await loadData(
        { ...settings, data: { ...settings.data, train: 1, validation: 0 } },
        downloadDisplay(terminal),
      );
      checkSavedSizes(saved, test.pixels, test.classes);
      const network = buildNetwork(settings, test.pixels, test.classes);
      restoreWeights(network, saved);
      const began = performance.now();
      const seconds = (): number => (performance.now() - began) / 1000;
      const result = await evaluate(network, test, {
        device,
        steps: settings.evaluation.steps ?? network.steps,
        seed: settings.seed,
        loss: settings.training.loss,
        signal: terminal.lost,
        onBatch: atMostEvery(80, (done: number, of: number) =>
          terminal.status(progressLine({ width: terminal.width, label: "testing", done, of, seconds: seconds() })),
        ),
      });
      terminal.line(`weights   ${saved.path}`);
      terminal.line(`data      ${settings.data.name}: ${result.samples.toLocaleString("en")} test samples`);
      terminal.line(`steps     ${result.steps}`);
      terminal.line(`device    ${device.report.name}: ${device.report.executor} (${why})`);
      terminal.line(`accuracy  ${percent(result.accuracy)}`);
      terminal.line(`loss      ${result.loss.toFixed(4)}`);
      terminal.line(`time      ${duration(seconds())}`);
      return 0;
    } finally {
      await device.dispose();
    }
  },
};

/** A missing path counts as a file; its reader reports it. */
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
