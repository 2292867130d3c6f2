import { rmdir } from "node:fs/promises";
import { openDevice } from "../device/index.js";
import { buildNetwork, buildRule } from "../experiment/build.js";
import { fields } from "../experiment/fields.js";
import { readExperimentFile } from "../experiment/file.js";
import { loadData } from "../experiment/load-data.js";
import { createRunFolder } from "../record/index.js";
import type { Command } from "./command.js";
import { describeRun } from "./describe-run.js";
import { downloadDisplay } from "./download-display.js";
import { watchInterrupt } from "./interrupt.js";
import { trainingRun } from "./training-run.js";

/** `spikevine train`: trains a network as an experiment says and keeps everything of it in a run folder. */
export const train: Command = {
  name: "train",
  summary: "trains a network and keeps its metrics, weights and plots in a run folder",
  argument: {
    name: "EXPERIMENT",
    description: "experiment file (.json, .ts, .js, .mjs), e.g. the config.json of a run; flags stand above it",
    required: false,
  },
  fields,
  async run({ argument, experiment, terminal }) {
    const settings = experiment(argument === undefined ? {} : await readExperimentFile(argument));
    if (["silent", "error", "warn"].includes(settings.logLevel)) terminal.mute();

    // Everything that can be refused is looked at before the first long step; the cheapest comes first.
    buildNetwork(settings, 1, 1);
    buildRule(settings);
    const { device, why } = await openDevice(settings.device, settings.threads ? { threads: settings.threads } : {});
    try {
      const folder = await createRunFolder({
        root: settings.out,
        name: `${settings.network.neuron}-${settings.data.name}`,
      });
      const data = await loadData(settings, downloadDisplay(terminal)).catch(async (error: unknown) => {
        // Nothing is in it yet.
        await rmdir(folder.path);
        throw error;
      });
      const network = buildNetwork(settings, data.train.pixels, data.train.classes);
      terminal.line(describeRun(settings, data, network, `${device.report.name}: ${device.report.executor} (${why})`));
      terminal.line();

      const interrupt = watchInterrupt(() =>
        terminal.status("stopping after this batch; press Ctrl-C again to stop at once"),
      );
      try {
        await trainingRun({ settings, data, network, device, folder, terminal, signal: interrupt.signal });
      } finally {
        interrupt.release();
      }
      terminal.line(`run folder: ${folder.path}`);
      return interrupt.exitCode ?? 0;
    } finally {
      await device.dispose();
    }
  },
};
