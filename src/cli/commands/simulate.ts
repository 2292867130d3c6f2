import { basename, extname } from "node:path";
import { CheckpointTimer, parseInterval } from "../../checkpoint/index.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { runDefaultExport } from "../../experiment/file.js";
import { checkRunRoot, createRunFolder, type RunFolder, writeConfig } from "../../io/run-folder/run-folder.js";
import { lockRun } from "../../io/run-folder/run-lock.js";
import { unknownName } from "../../nearest-name.js";
import { wholeSteps } from "../../simulation/checks/whole-steps.js";
import { balancedNetwork, type Simulation } from "../../simulation/index.js";
import type { Command, Invocation } from "../command-line/command.js";
import { jsonTerminal } from "../command-line/json-output.js";
import { UsageError } from "../command-line/usage-error.js";
import { type EarlierSimulation, earlierSimulation, saveState } from "../simulation/resume-simulation.js";
import {
  checkSimulation,
  monitorFiles,
  type PopulationFigures,
  type SimulationToRun,
  saveSimulation,
} from "../simulation/simulation-files.js";
import {
  JSON_OUTPUT,
  SIMULATE_FLAGS,
  type SimulateSettings,
  simulateSettings,
} from "../simulation/simulation-flags.js";
import { type Interrupt, watchInterrupt } from "../terminal/interrupt.js";
import { atMostEvery, progressLine, duration as timeText } from "../terminal/progress.js";
import { table } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";

const BUILT_IN = ["coba", "cuba"] as const;

/** `spikevine simulate`: simulates a network and saves spikes, rates and plots in a run folder. */
export const simulateCommand: Command = {
  name: "simulate",
  summary: "simulates a network in continuous time and saves spikes, rates and plots in a run folder",
  argument: {
    name: "NETWORK",
    description:
      "coba or cuba (the balanced networks of Brette et al. 2007), or a module (.ts, .js, .mjs) whose default export is { simulation, spikes } with the spike monitors to save",
    required: false,
  },
  fields: [],
  own: SIMULATE_FLAGS,
  async run(invocation) {
    const { files } = invocation;
    const { terminal, print } = jsonTerminal(invocation, JSON_OUTPUT);
    const earlier = await earlierSimulation(invocation);
    const settings = simulateSettings(invocation, earlier?.config);
    const { network: argument } = settings;
    if (argument === undefined) {
      throw new UsageError(`simulate: NETWORK is missing; give ${simulateCommand.argument?.description}, or --resume.`);
    }
    if (earlier === undefined) await checkRunRoot(settings.out);
    const network = await findNetwork(argument, settings, (warning) => terminal.line(`warning: ${warning}`, "warning"));
    const { simulation, spikes } = network;
    // Refuses impossible file names, and a network that does not fit into memory.
    monitorFiles(network);
    const { executor } = simulation;
    wholeSteps(quantity("--duration", settings.duration, "ms"), simulation.dt, "--duration", settings.duration);
    const name = basename(argument, extname(argument));
    if (earlier !== undefined) restoreNewest(simulation, earlier, terminal);
    const folder = earlier?.folder ?? (await createRunFolder({ root: settings.out, name: `simulate-${name}`, files }));
    const unlock = await lockRun(folder.file("run.lock"), files);
    const interrupt = watchInterrupt(terminal, () => terminal.status("stopping after this step"));
    try {
      await writeConfig(folder, configOf(settings, simulation.dt), files);
      terminal.line(
        `network   ${name}: ${spikes.map(({ population: { name, size } }) => `${size.toLocaleString("en")} ${name}`).join(", ")}`,
      );
      terminal.line(`step      ${simulation.dt} ms, ${executor}`);
      if (earlier !== undefined) terminal.line(`resume    at ${rounded(simulation.time)} ms of the model`);
      const { seconds, stopped } = await advance(simulation, settings, folder, { files, terminal }, interrupt);
      terminal.line(
        `time      ${timeText(seconds)} for ${rounded(simulation.time / 1000)} s of the model${stopped ? " (stopped)" : ""}`,
      );
      terminal.line();
      const { populations, leftOut } = await saveSimulation(network, folder, name, files);
      terminal.line(table(HEADING, populations.map(populationRow), [1, 2, 3, 4]), "table");
      for (const sentence of leftOut) terminal.line(sentence);
      terminal.line(`run folder: ${folder.path}`, "result");
      print(() => ({
        ...{ network: name, folder: folder.path, executor, dt: simulation.dt },
        ...{ milliseconds: rounded(simulation.time), seconds, stopped, populations, leftOut },
      }));
      if (stopped) terminal.line(`to resume:  spikevine simulate --resume ${folder.path}`);
      return interrupt.exitCode ?? 0;
    } catch (error) {
      // A simulation that is refused leaves no folder.
      if (earlier === undefined && simulation.step === 0) {
        await files.promises.rm(folder.path, { recursive: true, force: true }).catch(() => undefined);
      }
      throw error;
    } finally {
      interrupt.release();
      await unlock();
    }
  },
};

const HEADING = ["population", "neurons", "spikes", "Hz", "CV of ISI"] as const;

/** Too few intervals have no variation. */
const populationRow = ({ name, neurons, spikes, rate, intervalCv }: PopulationFigures): string[] => [
  ...[name, neurons.toLocaleString("en"), spikes.toLocaleString("en"), rate.toFixed(2)],
  Number.isNaN(intervalCv) ? "" : intervalCv.toFixed(2),
];

/** A time without the rounding errors of sums of steps. */
const rounded = (time: number): number => Number(time.toPrecision(12));

/** The settings as stored in a run folder, from which the run can be resumed. */
/** The results are the same for any number of threads, so that a resumed run may have another one. */
const configOf = ({ threads: _, ...settings }: SimulateSettings, dt: number): object => ({
  command: "simulate",
  ...settings,
  dt,
});

/**
 * Resumes from the newest saved state that is undamaged, or starts from the beginning if none was saved.
 * @throws SpikevineError if states were saved, but each of them is damaged or of another network
 */
function restoreNewest(simulation: Simulation, { states }: EarlierSimulation, terminal: Terminal): void {
  const problems: string[] = [];
  for (const [path, bytes] of states) {
    try {
      simulation.restore(bytes);
      for (const problem of problems) terminal.error(`spikevine: ${problem}`);
      return;
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      problems.push(`"${path}": ${error.message}`);
    }
  }
  if (problems.length > 0) throw new SpikevineError(problems[0]!);
}

/** Runs for the duration or until it is stopped, and saves the state at intervals and at the end. */
async function advance(
  simulation: Simulation,
  { duration, checkpointEvery }: SimulateSettings,
  folder: RunFolder,
  { files, terminal }: Pick<Invocation, "files" | "terminal">,
  { signal }: Interrupt,
): Promise<{ readonly seconds: number; readonly stopped: boolean }> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const total = quantity("--duration", duration, "ms");
  const start = { updates: 0, epochs: 0 };
  const metronome = checkpointEvery === null ? undefined : new CheckpointTimer(parseInterval(checkpointEvery), start);
  const show = atMostEvery(80, (done: number) =>
    terminal.status(
      progressLine({
        ...{ width: terminal.width, label: "simulating", done, of: total, seconds: seconds() },
        figures: [`${rounded(done)} of ${rounded(total)} ms`],
      }),
    ),
  );
  for (;;) {
    const from = simulation.time;
    const left = Number((total - from).toPrecision(12));
    if (left <= 0 && from > 0) return { seconds: seconds(), stopped: false };
    const due = new AbortController();
    const { stopped } = await simulation.run(`${left} ms`, {
      signal: AbortSignal.any([signal, due.signal]),
      onProgress({ elapsed: done }) {
        show(from + done);
        if (metronome?.isDue(start)) due.abort();
      },
    });
    try {
      await saveState(folder, simulation.save({ monitors: true }), files);
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      terminal.error(`spikevine: the state was not saved, the simulation continues: ${error.message}`);
    }
    metronome?.restart(start);
    if (!stopped || signal.aborted) return { seconds: seconds(), stopped };
  }
}

async function findNetwork(
  name: string,
  { size, seed, precision, threads }: SimulateSettings,
  onWarning: (message: string) => void,
): Promise<SimulationToRun> {
  if ((BUILT_IN as readonly string[]).includes(name)) {
    return balancedNetwork({ synapses: name as (typeof BUILT_IN)[number], size, seed, precision, threads, onWarning });
  }
  if (extname(name) === "") throw unknownName("network", name, [...BUILT_IN, "a module such as network.ts"]);
  if (threads > 1) {
    throw new SpikevineError(
      `simulate: --threads is ${threads}, but ${name} makes its own simulation; give simulation({ threads }) in it, and leave --threads out.`,
    );
  }
  return checkSimulation(await runDefaultExport(name), name);
}
