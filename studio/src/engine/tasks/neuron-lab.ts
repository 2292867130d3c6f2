import { defineNeuron, type NeuronDefinition, type NeuronSpec } from "spikevine/neurons";
import { simulation } from "spikevine/simulation";
import { currentAt } from "../../neuron/current.js";
import type { NeuronSettings } from "../../neuron/settings.js";

export interface NeuronJob {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly settings: Omit<NeuronSettings, "text">;
}

export interface Trace {
  readonly name: string;
  readonly unit: string;
  readonly values: Float64Array;
}

/** Rates of change on a grid of two states, `[rows, columns]`; NaN where the neuron fires. */
export interface Plane {
  readonly x: { readonly name: string; readonly unit: string; readonly values: Float64Array };
  readonly y: { readonly name: string; readonly unit: string; readonly values: Float64Array };
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

export interface NeuronResult {
  readonly inputUnit: string;
  readonly times: Float64Array;
  readonly current: Float64Array;
  readonly traces: readonly Trace[];
  /** ms */
  readonly spikes: Float64Array;
  readonly rates: { readonly currents: Float64Array; readonly hertz: Float64Array };
  readonly plane: Plane | undefined;
  readonly schemes: string;
}

const GRID = 41;
const RATES = 41;
/** Time over which rates are counted, ms, after as much again for the transient. */
const RATE_MS = 400;
/** A step so short that a difference is a rate of change. */
const SHORT_MS = 0.001;

/** Simulates a neuron with a current, and finds its f-I curve and its phase plane. */
export async function neuronLab({ spec, settings }: NeuronJob): Promise<NeuronResult> {
  const neuron = defineNeuron(spec as unknown as NeuronSpec);
  const trace = await traced(neuron, settings);
  return {
    ...trace,
    inputUnit: neuron.input.unit ?? "",
    rates: await firingRates(neuron, settings),
    plane: await phasePlane(neuron, settings, trace.traces),
    schemes: [...new Set(Object.values(neuron.schemes))].join(", "),
  };
}

async function traced(neuron: NeuronDefinition, settings: NeuronJob["settings"]) {
  const { duration, dt } = settings;
  const sim = simulation({ dt: `${dt} ms` });
  const cells = sim.population("cell", 1, neuron);
  const steps = Math.round(duration / dt);
  const current = Float64Array.from({ length: steps }, (_, k) => currentAt(settings, k * dt));
  sim.input(cells, { array: current, dt: `${dt} ms` });
  const monitors = Object.keys(neuron.states).map((name) => ({ name, monitor: sim.monitor.state(cells, name) }));
  const spikes = sim.monitor.spikes(cells);
  await sim.run(`${Number((steps * dt).toPrecision(12))} ms`);
  return {
    times: monitors[0]?.monitor.times ?? new Float64Array(),
    current,
    traces: monitors.map(({ name, monitor }) => ({ name, unit: monitor.unit ?? "", values: monitor.values })),
    spikes: spikes.times,
  };
}

async function firingRates(neuron: NeuronDefinition, { amplitude, dt }: NeuronJob["settings"]) {
  const most = 2 * Math.max(1e-9, Math.abs(amplitude));
  const currents = Float64Array.from({ length: RATES }, (_, i) => (most * i) / (RATES - 1));
  const rateMs = Number((Math.round(RATE_MS / dt) * dt).toPrecision(12));
  const sim = simulation({ dt: `${dt} ms` });
  const cells = sim.population("cells", RATES, neuron);
  sim.input(cells, { array: currents, dt: `${Number((rateMs * 2).toPrecision(12))} ms`, perNeuron: true });
  await sim.run(`${rateMs} ms`);
  const spikes = sim.monitor.spikes(cells);
  await sim.run(`${rateMs} ms`);
  const hertz = Float64Array.from(spikes.trains(), (train) =>
    train.length < 2 ? (1000 * train.length) / rateMs : (1000 * (train.length - 1)) / (train.at(-1)! - train[0]!),
  );
  return { currents, hertz };
}

/** The rates of change at the points of a grid around the trace, with the current that is injected. */
async function phasePlane(
  neuron: NeuronDefinition,
  { amplitude }: NeuronJob["settings"],
  traces: readonly Trace[],
): Promise<Plane | undefined> {
  const [first, second] = traces;
  if (first === undefined || second === undefined) return undefined;
  const x = { name: first.name, unit: first.unit, values: axisAround(first.values) };
  const y = { name: second.name, unit: second.unit, values: axisAround(second.values) };
  const points = GRID * GRID;
  const of = (unit: string, values: readonly number[]) =>
    values.map((value) => (unit === "" ? value : `${value} ${unit}`));
  const xs = Array.from({ length: points }, (_, i) => x.values[i % GRID]!);
  const ys = Array.from({ length: points }, (_, i) => y.values[Math.floor(i / GRID)]!);
  const sim = simulation({ dt: `${SHORT_MS} ms` });
  const cells = sim.population("grid", points, neuron, {
    initial: { [x.name]: of(x.unit, xs), [y.name]: of(y.unit, ys) },
  });
  sim.input(cells, { array: [amplitude], dt: "1 ms" });
  const spikes = sim.monitor.spikes(cells);
  await sim.run(`${SHORT_MS} ms`);
  const rate = (name: string, before: readonly number[]): Float64Array =>
    Float64Array.from(sim.state(cells, name), (value, i) => (value - before[i]!) / SHORT_MS);
  const [dx, dy] = [rate(x.name, xs), rate(y.name, ys)];
  for (const i of spikes.indices) {
    dx[i] = Number.NaN;
    dy[i] = Number.NaN;
  }
  return { x, y, dx, dy };
}

function axisAround(values: Float64Array): Float64Array {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const room = most > least ? 0.15 * (most - least) : Math.max(1, Math.abs(most) * 0.1);
  return Float64Array.from({ length: GRID }, (_, i) => least - room + ((most - least + 2 * room) * i) / (GRID - 1));
}
