import { basename, extname, join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { buildNetwork, inputsOf, type SampleShape } from "../../experiment/build.js";
import { checkExperiment } from "../../experiment/build-rule.js";
import { type Field, fields } from "../../experiment/fields.js";
import { readSweepFile } from "../../experiment/file.js";
import { dataKey, loadData } from "../../experiment/load-data.js";
import { dataChecksum, experimentPoint, ORIGIN, pointFields } from "../../experiment/points.js";
import type { Experiment } from "../../experiment/schema.js";
import type { SweepSection } from "../../experiment/sweep-section.js";
import { collectSweep, type Point, queueRunner, type Runner, runSweep, type Setting } from "../../sweep/index.js";
import { withoutPassword } from "../../sweep/queue/connection.js";
import { version } from "../../version.js";
import { applyFlags } from "../command-line/arguments.js";
import type { Command } from "../command-line/command.js";
import { jsonTerminal } from "../command-line/json-output.js";
import { openFastest } from "../device/open-fastest.js";
import { pointName, settingName, sweepDisplay, sweepFigures } from "../sweep/sweep-display.js";
import { JSON_OUTPUT, jobs, SWEEP_FLAGS, sweptByFlags, workplace } from "../sweep/sweep-flags.js";
import { downloadDisplay } from "../terminal/download-display.js";
import { watchInterrupt } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { queueName, trainingThreads } from "./worker.js";

const SEED = fields.find(({ path }) => path === "seed")!;
const SHOWN = ["out", "logLevel"];

/** `spikevine sweep`: trains every combination of settings with every seed and writes tables of the results. */
export const sweepCommand: Command = {
  name: "sweep",
  summary:
    "trains every combination of settings and seeds on all cores; run the same command again to train the missing points",
  argument: {
    name: "EXPERIMENT",
    description: "experiment file (.json, .ts, .js, .mjs), with an optional section `sweep`; flags override it",
    required: false,
  },
  fields: [...pointFields, ...fields.filter(({ path }) => SHOWN.includes(path))],
  own: SWEEP_FLAGS,
  async run(invocation) {
    const { argument } = invocation;
    const { terminal, print } = jsonTerminal(invocation, JSON_OUTPUT);
    const file = argument === undefined ? undefined : await readSweepFile(argument);
    const base = invocation.experiment(file?.experiment ?? {});
    if (["silent", "error", "warn"].includes(base.logLevel)) terminal.mute();
    const swept = sweptByFlags(invocation, file?.sweep ?? { vary: new Map() });
    const { collect, queue, shard } = workplace(invocation);
    const experiments = everyExperiment(base, swept);
    const sums = await checkExperiments(experiments, swept, terminal);

    const folder = join(base.out, argument === undefined ? "sweep" : `sweep-${basename(argument, extname(argument))}`);
    const auto = experiments.some(({ device }) => device === "auto")
      ? await openFastest("auto", { threads: 1 })
      : undefined;
    await auto?.device.dispose();
    const points = experiments.map((experiment) => {
      const device = experiment.device === "auto" ? auto!.device.report.name : experiment.device;
      return experimentPoint(experiment, sums.get(dataKey(experiment))!, device);
    });
    terminal.line(`sweep    ${describe(points, swept)}`);
    if (auto !== undefined) terminal.line(`device   ${auto.device.report.name} (${auto.why})`);
    terminal.line(`folder   ${folder}`);
    if (shard !== undefined) terminal.line(`shard    ${shard.index} of ${shard.of}`);
    let runner: Runner | undefined;
    if (queue !== undefined) {
      const onNotice = (sentence: string): void => terminal.error(`spikevine: ${sentence}`);
      runner = await queueRunner({ address: queue, name: queueName(), onNotice });
      terminal.line(`queue    ${withoutPassword(queue)}, for every \`spikevine worker\` of version ${version()}`);
    } else if (!collect) {
      runner = trainingThreads(jobs(invocation));
      terminal.line(`threads  ${Math.min(runner.slots, points.length)}, one per training`);
    }
    terminal.line();
    const interrupt = watchInterrupt(terminal, () => terminal.status("stopping; finished points are kept"));
    try {
      const { end, onPoint, onProgress } = sweepDisplay(terminal, swept.vary);
      const kept = { folder, points, origin: ORIGIN, files: invocation.files };
      const sweep =
        runner === undefined
          ? await collectSweep(kept)
          : await runSweep({
              ...kept,
              runner,
              ...(shard ? { shard } : {}),
              signal: interrupt.signal,
              onProgress,
              onPoint,
            });
      end(sweep);
      print(() => sweepFigures(folder, points.length, sweep));
      terminal.line();
      if (shard !== undefined) {
        terminal.line(
          "when all shards have ended, run the same command with --collect in place of --shard to write the tables",
        );
        return interrupt.exitCode ?? (sweep.failures.length > 0 ? 1 : 0);
      }
      terminal.line(
        `tables: ${["table.md", "points.csv", "settings.csv"].map((name) => join(folder, name)).join(", ")}`,
      );
      if (sweep.table.points.length < points.length) {
        terminal.line(
          `${points.length - sweep.table.points.length} of ${points.length} points are missing; run the same command again to train them`,
        );
      }
      return interrupt.exitCode ?? (sweep.failures.length > 0 ? 1 : 0);
    } finally {
      interrupt.release();
    }
  },
};

/**
 * All points of the sweep: every combination of values with every seed.
 * @throws UsageError for a value that the schema refuses
 */
function everyExperiment(base: Experiment, { vary, seeds = [base.seed] }: SweepSection): Experiment[] {
  let combinations: [Field, unknown][][] = [[]];
  for (const [field, values] of vary) {
    combinations = combinations.flatMap((chosen) =>
      values.map((value): [Field, unknown][] => [...chosen, [field, value]]),
    );
  }
  return combinations.flatMap((chosen) => seeds.map((seed) => applyFlags(base, new Map([...chosen, [SEED, seed]]))));
}

/**
 * Checks every point before the first long step, and downloads the data once.
 * @returns the checksum of the data for each `dataKey` an experiment
 * @throws SpikevineError naming the point that cannot be trained
 */
async function checkExperiments(
  experiments: readonly Experiment[],
  { vary }: SweepSection,
  terminal: Terminal,
): Promise<ReadonlyMap<string, string>> {
  const refuseWith = (experiment: Experiment, error: unknown): unknown =>
    error instanceof SpikevineError
      ? new SpikevineError(
          `sweep: ${pointName(experimentPoint(experiment, "", ""), [...vary.keys()])}: ${error.message}`,
          {
            cause: error,
          },
        )
      : error;
  const shapes = new Map<string, SampleShape & { readonly classes: number }>();
  const sums = new Map<string, string>();
  const checked = new Set<string>();
  for (const experiment of experiments) {
    if (experiment.module !== null) {
      throw new SpikevineError(
        `sweep: the experiment has the module "${experiment.module}", which sweeps do not run; leave it out, or call runSweep in a program.`,
      );
    }
    // Whether settings are valid does not depend on the seed.
    const key = JSON.stringify({ ...experiment, seed: 0 });
    if (checked.has(key)) continue;
    checked.add(key);
    try {
      checkExperiment(experiment);
      const source = dataKey(experiment);
      if (!shapes.has(source)) {
        const data = await loadData(experiment, downloadDisplay(terminal));
        const { name, pixels, shape, classes } = data.train;
        shapes.set(source, { name, pixels, classes, ...(shape === undefined ? {} : { shape }) });
        sums.set(source, dataChecksum(data));
      }
      const data = shapes.get(source)!;
      buildNetwork(experiment, inputsOf(experiment, data), data.classes);
    } catch (error) {
      throw refuseWith(experiment, error);
    }
  }
  return sums;
}

function describe(points: readonly Point[], { vary }: SweepSection): string {
  const varied = [...vary].map(
    ([field, values]) => `${field.flag} ${values.map((value) => settingName(field, value as Setting)).join(" / ")}`,
  );
  const seeds = [...new Set(points.map(({ seed }) => seed))].join(", ");
  return [`${points.length} points`, ...varied, `seeds ${seeds}`].join("; ");
}
