import { cobaLif } from "spikevine/neurons";
import { stdp } from "spikevine/plasticity";
import {
  balancedNetwork,
  type Population,
  type Simulation,
  type SpikeMonitor,
  simulation,
  uniform,
} from "spikevine/simulation";
import { type NetworkSettings, SHOWN } from "../../network/settings.js";
import type { TaskContext } from "../messages.js";

export interface NetworkEvent {
  /** Time of the model, ms. */
  readonly time: number;
  /** Seconds of the model per second of the clock. */
  readonly speed: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** Spikes of the first neurons since the last event. */
    readonly times: Float64Array;
    readonly neurons: Uint32Array;
    /** Spikes per neuron and second since the last event, Hz. */
    readonly rate: number;
  }[];
  /** Weights of the plastic synapses, as shares of the largest. */
  readonly weights: Float32Array | undefined;
}

/** Time of the model per slice, ms: short for a lively picture of the balanced network, long for the slow weights. */
const SLICE = { coba: 10, cuba: 10, stdp: 200 } as const;
const DT = { coba: "0.1 ms", cuba: "0.1 ms", stdp: "0.2 ms" } as const;
/** Weights are copied at most so often. */
const WEIGHTS_MS = 150;

interface Built {
  readonly sim: Simulation;
  readonly spikes: readonly { readonly name: string; readonly monitor: SpikeMonitor }[];
  weights?(): Float32Array;
}

/** Simulates a network in slices and reports each, until its time is over or it is stopped. */
export async function networkLab(
  settings: NetworkSettings,
  { emit, signal }: TaskContext<NetworkEvent>,
): Promise<{ readonly executor: string }> {
  const { sim, spikes, weights } = settings.model === "stdp" ? competition(settings) : balanced(settings);
  const slice = SLICE[settings.model];
  let last = performance.now();
  let copied = 0;
  while (sim.time < settings.duration - 1e-9 && !signal.aborted) {
    const length = Math.min(slice, settings.duration - sim.time);
    await sim.run(`${Number(length.toPrecision(12))} ms`, { signal });
    const now = performance.now();
    const isDue = now - copied > WEIGHTS_MS || sim.time >= settings.duration;
    if (isDue) copied = now;
    emit({
      time: sim.time,
      speed: length / Math.max(1e-3, now - last),
      populations: spikes.map(({ name, monitor }) => sinceLast(name, monitor, length)),
      weights: isDue ? weights?.() : undefined,
    });
    last = now;
    // The page may have asked to stop.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { executor: sim.executor };
}

function sinceLast(name: string, monitor: SpikeMonitor, length: number): NetworkEvent["populations"][number] {
  const { times, indices, population } = monitor;
  const kept = Array.from(indices, (_, k) => k).filter((k) => indices[k]! < SHOWN);
  const part = {
    name,
    size: population.size,
    times: Float64Array.from(kept, (k) => times[k]!),
    neurons: Uint32Array.from(kept, (k) => indices[k]!),
    rate: (1000 * times.length) / (population.size * length),
  };
  monitor.clear();
  return part;
}

function balanced({ model, size, seed }: NetworkSettings): Built {
  const { simulation: sim, spikes } = balancedNetwork({ synapses: model === "cuba" ? "cuba" : "coba", size, seed });
  return { sim, spikes: spikes.map((monitor) => ({ name: monitor.population.name, monitor })) };
}

/** S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000) 919-926, with fewer and stronger inputs. */
function competition({ inputs, rate, seed }: NetworkSettings): Built {
  const largest = 150 / inputs;
  const sim = simulation({ dt: DT.stdp, seed });
  const cell = sim.population(
    "cell",
    1,
    cobaLif({
      capacitance: "200 pF",
      leak: "10 nS",
      rest: "-70 mV",
      threshold: "-54 mV",
      reset: "-60 mV",
      refractory: "0 ms",
      tauE: "5 ms",
      tauI: "5 ms",
      excitation: "0 mV",
      inhibition: "-70 mV",
    }),
  );
  const excitatory: Population = sim.source("inputs", inputs, { poisson: `${rate} Hz` });
  const plastic = sim.connect(excitatory, cell, {
    pattern: "all-to-all",
    target: "ge",
    weight: uniform("0 nS", `${largest} nS`),
    synapse: stdp({ unit: "nS", maxWeight: `${largest} nS`, aPlus: 0.005, aMinus: 0.00525 }),
  });
  sim.input(cell, { poisson: { rate: "2 kHz", weight: "0.5 nS", target: "gi" } });
  return {
    sim,
    spikes: [
      { name: "inputs", monitor: sim.monitor.spikes(excitatory) },
      { name: "cell", monitor: sim.monitor.spikes(cell) },
    ],
    weights: () => Float32Array.from(sim.synapseState(plastic, "weight"), (weight) => weight / largest),
  };
}
