import { cobaLif, cubaLif } from "../../neurons/index.js";
import { choice, fields, optional, signature, whole } from "../arguments/index.js";
import { normal, uniform } from "./distributions.js";
import type { SpikeMonitor } from "./monitors/spike-monitor.js";
import type { Population } from "./network/population.js";
import { SIMULATION_OPTIONS, type SimulationOptions } from "./options.js";
import { type Simulation, simulation } from "./simulation.js";

export interface BalancedNetworkOptions extends SimulationOptions {
  /** Conductance-based (`coba`) or current-based (`cuba`). Default: `coba`. */
  readonly synapses?: "coba" | "cuba";
  /** Number of neurons, 80 % of them excitatory. Default: 4000. */
  readonly size?: number;
}

export interface BalancedNetwork {
  readonly simulation: Simulation;
  readonly excitatory: Population;
  readonly inhibitory: Population;
  /** Spikes of the excitatory and of the inhibitory neurons. */
  readonly spikes: readonly [SpikeMonitor, SpikeMonitor];
}

const check = signature("balanced network", {
  options: fields<BalancedNetworkOptions>(
    { ...SIMULATION_OPTIONS, synapses: optional(choice(["coba", "cuba"])), size: optional(whole(100)) },
    { root: "options" },
  ),
});

/** Mean number of synapses onto a neuron: 2 % of 4,000; larger networks keep this number. */
const SYNAPSES = 80;

/**
 * The COBA and CUBA benchmarks: a self-sustained network of leaky integrate-and-fire neurons, 80 % excitatory, in which
 * every pair is connected with a probability of 2 %. Membrane time constant 20 ms, threshold -50 mV, reset -60 mV,
 * refractory 5 ms; synapses decay with 5 ms (excitation) and 10 ms (inhibition). A spike arrives after one step. Larger
 * and smaller networks keep the 80 synapses per neuron.
 *
 * COBA starts with v around -65 mV and conductances around 40 nS and 200 nS, CUBA with v anywhere between reset and
 * threshold, as in Brian's versions of the benchmarks.
 * @throws SpikevineError for fewer than 100 neurons or unknown synapses. Source: T. Vogels and L. Abbott, J. Neurosci.
 * 25 (2005) 10786-10795; R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, benchmarks 1 and 2.
 */
export function balancedNetwork(options: BalancedNetworkOptions = {}): BalancedNetwork {
  check([options]);
  const { synapses = "coba", size = 4000, ...rest } = options;
  const sim = simulation(rest);
  const isCoba = synapses === "coba";
  const neuron = isCoba ? cobaLif() : cubaLif();
  const initial = isCoba
    ? { v: normal("-65 mV", "5 mV"), ge: normal("40 nS", "15 nS"), gi: normal("200 nS", "120 nS") }
    : { v: uniform("-60 mV", "-50 mV") };
  const excitatory = sim.population("excitatory", Math.round(0.8 * size), neuron, { initial });
  const inhibitory = sim.population("inhibitory", size - excitatory.size, neuron, { initial });
  const all = [excitatory, inhibitory];
  const pattern = { probability: Math.min(1, SYNAPSES / size) };
  sim.connect(excitatory, all, {
    pattern,
    ...(isCoba ? { target: "ge", weight: "6 nS" } : { target: "ie", weight: "16.2 pA" }),
  });
  sim.connect(inhibitory, all, {
    pattern,
    ...(isCoba ? { target: "gi", weight: "67 nS" } : { target: "ii", weight: "-90 pA" }),
  });
  const spikes = [sim.monitor.spikes(excitatory), sim.monitor.spikes(inhibitory)] as const;
  return { simulation: sim, excitatory, inhibitory, spikes };
}
