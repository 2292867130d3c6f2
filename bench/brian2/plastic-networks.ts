import { arctan, defineNeuron, forwardEuler } from "../../neurons/index.js";
import { defineSynapse, stdp } from "../../plasticity/index.js";
import {
  type Population,
  type Simulation,
  type SpikeMonitor,
  simulation,
  uniform,
} from "../../src/simulation/index.js";

interface Network {
  readonly simulation: Simulation;
  readonly spikes: readonly SpikeMonitor[];
}

type Precision = "single" | "double";

/** 1,000 Poisson inputs of 15 Hz that learn, all to all, as in Brian2's example of Song, Miller and Abbott 2000. */
export function stdpNetwork(size: number, precision: Precision, threads: number): Network {
  const neuron = defineNeuron({
    name: "song",
    summary: "Integrate-and-fire neuron with a conductance relative to its leak.",
    source: "S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000) 919-926",
    states: {
      v: { unit: "mV", initial: "-60 mV", summary: "membrane potential" },
      ge: { summary: "conductance, relative to the leak" },
    },
    parameters: {
      taum: { value: "10 ms", summary: "membrane time constant" },
      taue: { value: "5 ms", summary: "time constant of the conductance" },
      leak: { value: "-74 mV", summary: "potential of the leak" },
      threshold: { value: "-54 mV", summary: "threshold" },
      after: { value: "-60 mV", summary: "reset" },
    },
    dynamics: { v: "(-ge * v + leak - v) / taum", ge: "-ge / taue" },
    integrator: forwardEuler,
    spike: "(v - threshold) / (1 mV)",
    reset: { v: "v * (1 - y) + after * y" },
    surrogate: arctan(),
  });
  const sim = simulation({ seed: 1, threads, precision });
  const inputs = sim.source("inputs", 1000, { poisson: "15 Hz" });
  const cells = sim.population("cells", size, neuron);
  const synapse = stdp({ maxWeight: 0.01, aPlus: 0.01, aMinus: 0.0105 });
  sim.connect(inputs, cells, { pattern: "all-to-all", target: "ge", weight: uniform(0, 0.01), synapse });
  return { simulation: sim, spikes: [sim.monitor.spikes(cells)] };
}

/** Inhibitory plasticity in a balanced network, as in Brian2's example of Vogels et al. 2011. */
export function vogelsNetwork(size: number, precision: Precision, threads: number): Network {
  const neuron = defineNeuron({
    name: "vogels",
    summary: "Leaky integrate-and-fire neuron with conductances.",
    source: "T. Vogels et al., Science 334 (2011) 1569-1573",
    states: {
      v: { unit: "mV", initial: "-60 mV", summary: "membrane potential" },
      ge: { unit: "nS", summary: "excitatory conductance" },
      gi: { unit: "nS", summary: "inhibitory conductance" },
    },
    parameters: {
      leak: { value: "10 nS", summary: "leak" },
      rest: { value: "-60 mV", summary: "potential of the leak, and reset" },
      inhibition: { value: "-80 mV", summary: "potential of inhibition" },
      threshold: { value: "-50 mV", summary: "threshold" },
      capacitance: { value: "200 pF", summary: "capacitance" },
      background: { value: "200 pA", summary: "constant current" },
      tauE: { value: "5 ms", summary: "time constant of excitation" },
      tauI: { value: "10 ms", summary: "time constant of inhibition" },
    },
    refractory: "5 ms",
    dynamics: {
      v: "notRefractory * (leak * (rest - v) - ge * v + gi * (inhibition - v) + background) / capacitance",
      ge: "-ge / tauE",
      gi: "-gi / tauI",
    },
    integrator: forwardEuler,
    spike: "(v - threshold) / (1 mV)",
    reset: { v: "v * (1 - y) + rest * y" },
    surrogate: arctan(),
  });
  const plastic = defineSynapse({
    name: "inhibitory-stdp",
    summary: "Symmetric pairs potentiate, and every presynaptic spike depresses.",
    source: "T. Vogels et al., Science 334 (2011) 1569-1573",
    weight: { unit: "nS" },
    parameters: {
      tau: { value: "20 ms", summary: "time constant of the traces" },
      rate: { value: "0.01 nS", summary: "learning rate" },
      depression: { value: 0.12, summary: "2 tau times the target rate of 3 Hz" },
      most: { value: "100 nS", summary: "largest weight" },
    },
    states: { before: { summary: "presynaptic trace" }, after: { summary: "postsynaptic trace" } },
    dynamics: { before: "-before / tau", after: "-after / tau" },
    onPre: {
      before: "before + 1",
      weight: "clip(weight + rate * (after - depression), 0, most)",
      gi_post: "gi_post + weight",
    },
    onPost: { after: "after + 1", weight: "clip(weight + rate * before, 0, most)" },
  });
  const sim = simulation({ seed: 1, threads, precision });
  const cells = sim.population("cells", size, neuron);
  const [exc, inh]: readonly Population[] = [cells.slice(0, 0.8 * size), cells.slice(0.8 * size)];
  const pattern = { probability: 200 / size };
  sim.connect(exc!, cells, { pattern, target: "ge", weight: "0.3 nS" });
  sim.connect(inh!, inh!, { pattern, target: "gi", weight: "3 nS" });
  sim.connect(inh!, exc!, { pattern, weight: "1e-10 nS", synapse: plastic });
  return { simulation: sim, spikes: [sim.monitor.spikes(cells)] };
}
