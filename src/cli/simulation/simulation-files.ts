import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { fileNames } from "../../io/file-names.js";
import type { FileSystem } from "../../io/file-system.js";
import { serializeCsv } from "../../io/formats/csv.js";
import { writeNpz } from "../../io/formats/npz.js";
import type { RunFolder } from "../../io/run-folder/run-folder.js";
import type { PopulationSpikes } from "../../plots/index.js";
import {
  binnedRate,
  isi,
  meanIsiCv,
  type Simulation,
  type SpikeMonitor,
  type StateMonitor,
} from "../../simulation/index.js";
import { activityPictures, tracePictures } from "./simulation-plots.js";

/** Default export of a module for `spikevine simulate`. */
export interface SimulationToRun {
  readonly simulation: Simulation;
  readonly spikes: readonly SpikeMonitor[];
  readonly states?: readonly StateMonitor[];
}

/** @throws SpikevineError unless a module's default export is a simulation with its monitors. */
export function checkSimulation(value: unknown, path: string): SimulationToRun {
  const found = value as Partial<SimulationToRun> | null;
  if (typeof found === "object" && found !== null && typeof found.simulation?.run === "function") {
    const { simulation, spikes = [], states = [] } = found;
    if (Array.isArray(spikes) && Array.isArray(states)) return { simulation, spikes, states };
  }
  throw new SpikevineError(
    `"${path}": the default export is not a simulation; write \`export default { simulation: sim, spikes: [sim.monitor.spikes(population)] }\`.`,
  );
}

/** Width of the bins of rates.csv, ms. */
const BIN = 5;

/** Activity of a population. */
export interface PopulationFigures {
  readonly name: string;
  readonly neurons: number;
  readonly spikes: number;
  /** Spikes per neuron and second. */
  readonly rate: number;
  /** Mean coefficient of variation of the inter-spike intervals; NaN if no neuron has enough spikes. */
  readonly intervalCv: number;
}

/** Figures of a saved simulation, and a sentence for each picture that is left out. */
export interface SavedSimulation {
  readonly populations: readonly PopulationFigures[];
  readonly leftOut: readonly string[];
}

/** Writes spikes, rates, states and plots into the run folder. */
export async function saveSimulation(
  { simulation, spikes, states = [] }: SimulationToRun,
  folder: RunFolder,
  name: string,
  system: FileSystem,
): Promise<SavedSimulation> {
  const { time } = simulation;
  const populations = spikes.map(({ population: { name, size }, times, indices: units }) => ({
    name,
    size,
    times,
    units,
  }));
  const files = monitorFiles({ spikes, states });
  for (const [k, { times, units }] of populations.entries()) {
    const arrays = {
      times: { shape: [times.length], data: times },
      units: { shape: [units.length], data: Int32Array.from(units) },
    };
    await writeNpz(folder.file(files.spikes[k]!), arrays, system);
  }
  for (const [k, { times, values, indices: units }] of states.entries()) {
    const arrays = {
      times: { shape: [times.length], data: times },
      units: { shape: [units.length], data: Int32Array.from(units) },
      values: { shape: [times.length, units.length], data: values },
    };
    await writeNpz(folder.file(files.states[k]!), arrays, system);
  }
  const pictures = [tracePictures(states, name)];
  if (spikes.length > 0) {
    const rates = populations.map((population) => ratesOf(population, time));
    const columns = rates.map(({ name, rates }): [string, Float64Array] => [`${name} (Hz)`, rates]);
    const csv = serializeCsv({ "time (ms)": rates[0]!.times, ...Object.fromEntries(columns) });
    await writeAtomically(folder.file("rates.csv"), csv, system);
    const intervals = spikes.map((monitor) => ({
      name: monitor.population.name,
      intervals: monitor.trains().flatMap((train) => [...isi(train)]),
    }));
    pictures.push(activityPictures({ name, time, populations, rates, intervals }));
  }
  for (const [file, text] of pictures.flatMap(({ files }) => [...files])) {
    await writeAtomically(folder.file(file), text, system);
  }
  return {
    populations: spikes.map((monitor) => figuresOf(monitor, time)),
    leftOut: pictures.flatMap(({ leftOut }) => leftOut),
  };
}

const figuresOf = (monitor: SpikeMonitor, time: number): PopulationFigures => ({
  name: monitor.population.name,
  neurons: monitor.population.size,
  spikes: monitor.count,
  rate: (1000 * monitor.count) / (monitor.population.size * time),
  intervalCv: meanIsiCv(monitor.trains()),
});

function ratesOf({ name, size, times }: PopulationSpikes, time: number) {
  const counts = new Uint32Array(Math.ceil(time / BIN));
  for (let k = 0; k < times.length; k++) counts[Math.floor(times[k]! / BIN)]!++;
  const middles = Float64Array.from(counts, (_, bin) => (bin + 0.5) * BIN);
  return { name, times: middles, rates: binnedRate(counts, size, BIN) };
}

/**
 * File of each monitor.
 * @throws SpikevineError if two monitors would have the same file
 */
export function monitorFiles({ spikes, states = [] }: Pick<SimulationToRun, "spikes" | "states">): {
  readonly spikes: readonly string[];
  readonly states: readonly string[];
} {
  const names = fileNames([
    ...spikes.map(({ population }) => `spikes-${population.name}`),
    ...states.map(({ population, variable }) => `${population.name}-${variable}`),
  ]).map((name) => `${name}.npz`);
  return { spikes: names.slice(0, spikes.length), states: names.slice(spikes.length) };
}
