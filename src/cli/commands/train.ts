import { type GraphNode, mapsOf, neuronsOf } from "../../../networks/graph.js";
import { runIdentity } from "../../checkpoint/index.js";
import { buildGraph, buildNetwork, inputsOf } from "../../experiment/build.js";
import { buildRule, checkExperiment } from "../../experiment/build-rule.js";
import { fields } from "../../experiment/fields.js";
import { readExperimentFile } from "../../experiment/file.js";
import { loadData } from "../../experiment/load-data.js";
import { withOwnModule } from "../../experiment/own-module.js";
import type { Experiment } from "../../experiment/schema.js";
import { checkRunRoot, createRunFolder, type RunFolder } from "../../io/run-folder/run-folder.js";
import { lockRun } from "../../io/run-folder/run-lock.js";
import { warnOfRange } from "../../training/loop/check-input.js";
import { stateOf, type TrainingSnapshot } from "../../training/loop/snapshot.js";
import { version } from "../../version.js";
import type { Command } from "../command-line/command.js";
import { requireModuleFlag } from "../command-line/module-flag.js";
import { openAgain, openFastest } from "../device/open-fastest.js";
import { downloadDisplay } from "../terminal/download-display.js";
import { watchInterrupt } from "../terminal/interrupt.js";
import { countOf } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeRun } from "../training/describe-run.js";
import { type EarlierRun, earlierRun, isUnchanged, RESUME_FLAGS } from "../training/resume.js";
import { trainingRun } from "../training/training-run.js";

const DEVICE = fields.find(({ path }) => path === "device")!;

/** `spikevine train`: trains the network of an experiment and saves all results in a run folder. */
export const train: Command = {
  name: "train",
  summary: "trains a network and saves its metrics, weights and plots in a run folder",
  argument: {
    name: "EXPERIMENT",
    description: "experiment file (.json, .ts, .js, .mjs), e.g. the config.json of a run; flags override its fields",
    required: false,
  },
  fields,
  own: RESUME_FLAGS,
  async run(invocation) {
    const { argument, experiment, files, terminal } = invocation;
    const earlier = await earlierRun(invocation);
    const given = experiment(earlier?.experiment ?? (argument === undefined ? {} : await readExperimentFile(argument)));
    if (earlier !== undefined) requireModuleFlag("--resume", given, invocation);
    const wanted = await withOwnModule(given);
    if (["silent", "error", "warn"].includes(wanted.logLevel)) terminal.mute();

    // All checks come before the first long step, the cheapest first.
    checkExperiment(wanted);
    const rule = buildRule(wanted);
    if (earlier === undefined) await checkRunRoot(wanted.out);
    const threads = wanted.threads ? { threads: wanted.threads } : {};
    // A resumed run keeps its device, even if another one is the fastest now.
    const before = invocation.gave(DEVICE) ? undefined : earlier?.checkpoint?.run.device.name;
    const { device, why } = await (before === undefined
      ? openFastest(wanted.device, threads)
      : openAgain(before, threads));
    try {
      // The configuration of a run names the device that was taken.
      const settings = wanted.device === "auto" ? { ...wanted, device: device.report.name } : wanted;
      const data = await loadData(settings, downloadDisplay(terminal));
      const inputs = inputsOf(settings, data.train);
      checkSnapshotSizes(earlier, buildGraph(settings, inputs, data.train.classes));
      const network = buildNetwork(settings, inputs, data.train.classes, data.train);
      const identity = () =>
        runIdentity({
          spikevine: version(),
          device: device.report,
          experiment: settings,
          data: { ...data },
          network,
          optimizer: rule,
        });
      const isSame = earlier !== undefined && isUnchanged(earlier, identity(), invocation);
      const used = `${device.report.name}: ${device.report.executor} (${why})`;
      terminal.line(describeRun(settings, data, network, used), "summary");
      warnOfRange(data.train, network, (problem) => terminal.line(`warning: ${problem}`, "warning"));
      if (earlier !== undefined) terminal.line(whereResumed(earlier, settings, terminal), "summary");
      terminal.line();

      let unlock = earlier && (await lockRun(earlier.folder.file("run.lock"), files));
      let made: RunFolder | undefined;
      const open = async (): Promise<RunFolder> => {
        if (earlier !== undefined) return earlier.folder;
        const name = `${neuronsOf(network)[0]!.neuron.name}-${data.train.name}`;
        made = await createRunFolder({ root: settings.out, name, files });
        unlock = await lockRun(made.file("run.lock"), files);
        return made;
      };
      const abandon = async (): Promise<void> => {
        if (made === undefined) return;
        await files.promises.rm(made.path, { recursive: true, force: true }).catch(() => undefined);
      };
      const interrupt = watchInterrupt(terminal, () =>
        terminal.status("stopping after this batch; press Ctrl-C again to stop at once"),
      );
      try {
        const { folder, checkpoints } = await trainingRun({
          settings,
          recorded: isSame ? earlier.experiment : settings,
          identity,
          ...(earlier?.checkpoint ? { resume: resumed(earlier.checkpoint.snapshot, isSame) } : {}),
          data,
          network,
          device,
          open,
          abandon,
          files,
          terminal,
          signal: interrupt.signal,
        });
        terminal.line(`run folder: ${folder.path}`, "result");
        if (interrupt.exitCode !== undefined && checkpoints.problem === undefined) {
          terminal.line(`to resume:  spikevine train --resume ${folder.path}`);
        }
      } finally {
        interrupt.release();
        await unlock?.();
      }
      return interrupt.exitCode ?? 0;
    } finally {
      await device.dispose();
    }
  },
};

/** The snapshot to resume from. If changes were allowed, the data may be others too. */
function resumed(snapshot: TrainingSnapshot, isSame: boolean): TrainingSnapshot {
  if (isSame) return snapshot;
  const { data: _, ...progress } = snapshot.progress;
  return { ...snapshot, progress };
}

/**
 * Compares the weights of a checkpoint with the sizes of the layers, before memory for a network of these sizes is allocated.
 * @throws SpikevineError if a matrix is missing or has another shape.
 */
function checkSnapshotSizes(earlier: EarlierRun | undefined, nodes: readonly GraphNode[]): void {
  const snapshot = earlier?.checkpoint?.snapshot;
  if (snapshot === undefined) return;
  for (const node of mapsOf({ nodes })) stateOf(snapshot, `${node.name}.weights`, node);
}

/** A line on where a run resumes. Damaged checkpoints that were skipped are reported as errors. */
function whereResumed(
  { folder, checkpoint, problems }: EarlierRun,
  { training }: Experiment,
  terminal: Terminal,
): string {
  for (const problem of problems) terminal.error(`spikevine: ${problem}`);
  if (checkpoint === undefined) return "resume   from the beginning: no checkpoint was written";
  const { updates, reports } = checkpoint.snapshot.progress;
  const done = `${countOf(reports.length, "epoch")} and ${countOf(updates, "update")}`;
  if (reports.length < training.epochs) return `resume   after ${done}, from ${checkpoint.path}`;
  return [
    `resume   the run is finished, after ${done}; only its test and its plots are repeated`,
    `         to train longer: spikevine train --resume ${folder.path} --epochs ${2 * training.epochs} --allow-changes`,
  ].join("\n");
}
