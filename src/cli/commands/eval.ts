import { lossOption } from "../../experiment/build-loss.js";
import type { Field } from "../../experiment/fields.js";
import { confusionMatrix, predict } from "../../training/index.js";
import type { Command } from "../command-line/command.js";
import { jsonOutput, jsonTerminal } from "../command-line/json-output.js";
import { predictionsFile, writePredictions } from "../eval/predictions-file.js";
import { confusionTable, evaluationFigures } from "../eval/report.js";
import { TEST_FIELDS, withTrainedNetwork } from "../eval/trained-network.js";
import { atMostEvery, duration, progressLine } from "../terminal/progress.js";
import { lossText, percent } from "../terminal/table.js";

const JSON_OUTPUT = jsonOutput("the figures, the confusion matrix and the answer to every sample");

const PREDICTIONS: Field = {
  keys: ["predictions"],
  path: "predictions",
  flag: "predictions",
  group: "Output",
  kind: "text",
  default: null,
  absent: "none",
  description: "file for the answer to every sample: .npz or .csv, with label, predicted class, loss and scores",
  expects: "a path that ends in .npz or .csv",
};

/** `spikevine eval`: accuracy and confusion matrix of a trained network on test data. */
export const evaluateCommand: Command = {
  name: "eval",
  summary: "measures a trained network on test data; settings that no flag changes are those of its training",
  argument: { name: "RUN_OR_WEIGHTS", description: "a run folder, or a .safetensors file from one", required: true },
  fields: TEST_FIELDS,
  own: [JSON_OUTPUT, PREDICTIONS],
  async run(invocation) {
    const { terminal, print } = jsonTerminal(invocation, JSON_OUTPUT);
    const target = predictionsFile(invocation.own(PREDICTIONS));
    return withTrainedNetwork("eval", { ...invocation, terminal }, async (opened) => {
      const { saved, settings, test, network, device, used } = opened;
      const began = performance.now();
      const seconds = (): number => (performance.now() - began) / 1000;
      const result = await predict(network, test, {
        device,
        steps: settings.evaluation.steps ?? network.steps,
        seed: settings.seed,
        ...lossOption(settings),
        signal: terminal.lost,
        onBatch: atMostEvery(80, (done: number, of: number) =>
          terminal.status(progressLine({ width: terminal.width, label: "testing", done, of, seconds: seconds() })),
        ),
      });
      if (result.samples === 0) return 0;
      const classes = Math.max(network.outputs, test.classes);
      const labels = test.labels.subarray(0, result.samples);
      const confusion = confusionMatrix(labels, result.labels, classes);
      if (target !== undefined) await writePredictions(target, labels, result, invocation.files);
      const { name } = test;
      const lines = [
        `weights   ${saved.path}`,
        `data      ${name}: ${result.samples.toLocaleString("en")} test samples`,
        `steps     ${result.steps}`,
        `device    ${used}`,
        `accuracy  ${percent(result.accuracy)}`,
        `loss      ${lossText(result)}`,
        `time      ${duration(seconds())}`,
        ...(target === undefined ? [] : [`answers   ${target}`]),
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
    });
  },
};
