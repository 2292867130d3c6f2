import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { fileNames } from "../../io/file-names.js";
import type { FileSystem } from "../../io/file-system.js";
import { serializeCsv } from "../../io/formats/csv.js";
import { writeNpz } from "../../io/formats/npz.js";
import type { RunFolder } from "../../io/run-folder/run-folder.js";
import {
  isiHistogram,
  membraneTraces,
  type PopulationIntervals,
  type PopulationSpikes,
  populationRates,
  rasterFromTimes,
  vegaRaster,
} from "../../plots/index.js";
import {
  binnedRate,
  isi,
  meanIsiCv,
  type Simulation,
  type SpikeMonitor,
  type StateMonitor,
} from "../../simulation/index.js";

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
/** Largest number of marks in a Vega-Lite specification; browsers are too slow for more. */
const MOST_VEGA_MARKS = 20_000;

/** Writes spikes, rates, states and plots into the run folder, and returns a table row for each population. */
export async function saveSimulation(
  { simulation, spikes, states = [] }: SimulationToRun,
  folder: RunFolder,
  name: string,
  system: FileSystem,
): Promise<string[][]> {
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
  if (states.length > 0) await writeAtomically(folder.file("traces.svg"), traces(states, name), system);
  if (spikes.length === 0) return [];
  const rates = populations.map((population) => ratesOf(population, time));
  const columns = rates.map(({ name, rates }): [string, Float64Array] => [`${name} (Hz)`, rates]);
  const csv = serializeCsv({ "time (ms)": rates[0]!.times, ...Object.fromEntries(columns) });
  await writeAtomically(folder.file("rates.csv"), csv, system);
  await writeAtomically(
    folder.file("rates.svg"),
    populationRates({ title: `${name}: rates`, populations: rates }),
    system,
  );
  const raster = rasterFromTimes({ title: `${name}: spikes`, to: time, populations });
  await writeAtomically(folder.file("raster.svg"), raster, system);
  const intervals = spikes.map(
    (monitor): PopulationIntervals => ({
      name: monitor.population.name,
      intervals: monitor.trains().flatMap((train) => [...isi(train)]),
    }),
  );
  const histogram = isiHistogram({ title: `${name}: inter-spike intervals`, populations: intervals });
  await writeAtomically(folder.file("intervals.svg"), histogram, system);
  if (populations.reduce((sum, { times }) => sum + times.length, 0) <= MOST_VEGA_MARKS) {
    await writeAtomically(
      folder.file("raster.vl.json"),
      JSON.stringify(vegaRaster(populations, `${name}: spikes`)),
      system,
    );
  }
  return spikes.map((monitor) => {
    const { name, size } = monitor.population;
    const rate = (1000 * monitor.count) / (size * time);
    return [name, String(size), String(monitor.count), rate.toFixed(2), meanIsiCv(monitor.trains()).toFixed(2)];
  });
}

function ratesOf({ name, size, times }: PopulationSpikes, time: number) {
  const counts = new Uint32Array(Math.ceil(time / BIN));
  for (let k = 0; k < times.length; k++) counts[Math.floor(times[k]! / BIN)]!++;
  const middles = Float64Array.from(counts, (_, bin) => (bin + 0.5) * BIN);
  return { name, times: middles, rates: binnedRate(counts, size, BIN) };
}

function traces(states: readonly StateMonitor[], name: string): string {
  const first = states[0]!;
  const stepMs = first.times.length > 1 ? first.times[1]! - first.times[0]! : 1;
  return membraneTraces({
    title: `${name}: ${first.variable}`,
    ...(first.unit === undefined ? {} : { unit: first.unit }),
    stepMs,
    traces: first.indices
      .slice(0, 8)
      .map((unit) => ({ name: `${first.population.name} ${unit}`, values: first.trace(unit) })),
  });
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
