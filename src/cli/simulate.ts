import { basename, extname } from "node:path";
import { unknownName } from "../errors.js";
import { runModule } from "../experiment/file.js";
import { createRunFolder, writeConfig } from "../record/index.js";
import { balancedNetwork } from "../simulation/index.js";
import type { Command } from "./command.js";
import { watchInterrupt } from "./interrupt.js";
import { atMostEvery, duration, progressLine } from "./progress.js";
import { SIMULATE_FLAGS, type SimulateSettings, simulateSettings } from "./simulate-flags.js";
import { checkSimulation, type SimulationToRun, saveSimulation } from "./simulation-files.js";
import { table } from "./table.js";

const BUILT_IN = ["coba", "cuba"] as const;

/** `spikevine simulate`: lets a network run and keeps spikes, rates and plots in a run folder. */
export const simulateCommand: Command = {
  name: "simulate",
  summary: "runs a network in continuous time and keeps spikes, rates and plots in a run folder",
  argument: {
    name: "NETWORK",
    description:
      "coba or cuba (the balanced networks of Brette et al. 2007), or a module (.ts, .js, .mjs) whose default export is { simulation, spikes } with the monitors to keep",
    required: true,
  },
  fields: [],
  own: SIMULATE_FLAGS,
  async run(invocation) {
    const { argument = "", terminal } = invocation;
    const settings = simulateSettings(invocation);
    const network = await findNetwork(argument, settings, (warning) => terminal.line(`warning: ${warning}`));
    const { simulation, spikes } = network;
    const name = basename(argument, extname(argument));
    const folder = await createRunFolder({ root: settings.out, name: `simulate-${name}` });
    await writeConfig(folder, { command: "simulate", network: argument, ...settings, dt: simulation.dt });
    terminal.line(`network   ${name}: ${spikes.map(({ population: { name, size } }) => `${size} ${name}`).join(", ")}`);
    terminal.line(`step      ${simulation.dt} ms, ${simulation.executor}`);
    const interrupt = watchInterrupt(terminal, () => terminal.status("stopping after this step"));
    const show = atMostEvery(80, (done: number, of: number, seconds: number) =>
      terminal.status(progressLine({ width: terminal.width, label: "simulating", done, of, seconds })),
    );
    try {
      const report = await simulation.run(settings.duration, {
        signal: interrupt.signal,
        onProgress: ({ done, of, seconds }) => show(done, of, seconds),
      });
      const took = `${duration(report.seconds)} for ${simulation.time / 1000} s of the model`;
      terminal.line(`time      ${took}${report.stopped ? " (stopped)" : ""}`);
      terminal.line();
      terminal.line(await saveSimulation(network, folder, name).then((rows) => table(HEADING, rows, [1, 2, 3, 4])));
      terminal.line(`run folder: ${folder.path}`);
      return interrupt.exitCode ?? 0;
    } finally {
      interrupt.release();
    }
  },
};

const HEADING = ["population", "units", "spikes", "Hz", "CV of intervals"] as const;

async function findNetwork(
  name: string,
  { size, seed, precision }: SimulateSettings,
  onWarning: (message: string) => void,
): Promise<SimulationToRun> {
  if ((BUILT_IN as readonly string[]).includes(name)) {
    return balancedNetwork({ synapses: name as (typeof BUILT_IN)[number], size, seed, precision, onWarning });
  }
  if (extname(name) === "") throw unknownName("network", name, [...BUILT_IN, "a module such as network.ts"]);
  return checkSimulation(await runModule(name), name);
}
