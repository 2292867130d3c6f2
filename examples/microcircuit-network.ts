// The cortical microcircuit of T. Potjans and M. Diesmann, Cerebral Cortex 24 (2014) 785-806, doi 10.1093/cercor/bhs358: the parameters
// of the maintained NEST version (github INM-6/microcircuit-PD14-model, July 2026), with the Poisson background of the paper.
import { defineNeuron, exactLinear } from "spikevine/neurons";
import { normal, type Population, type Simulation, simulation } from "spikevine/simulation";

export const NAMES = ["L2/3E", "L2/3I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"] as const;
const NEURONS = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];
/** Probability that two neurons are connected at least once: row = postsynaptic, column = presynaptic population. */
const PROBABILITIES = [
  [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
  [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
  [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0],
  [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
  [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
  [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0],
  [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
  [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
];
/** External inputs of a neuron, which fire at 8 Hz each. */
const EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const EXTERNAL_RATE = 8;
/** Initial potentials, mV: mean and standard deviation. */
const POTENTIALS = [
  [-68.28, 5.36],
  [-63.16, 4.57],
  [-63.33, 4.74],
  [-63.45, 4.94],
  [-63.11, 4.94],
  [-61.66, 4.55],
  [-66.72, 5.46],
  [-61.43, 4.48],
] as const;

/** At full scale, of the NEST version: Hz. */
export const PUBLISHED_RATES = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
/** At full scale, in 60 s: C. Romaro et al., Neural Computation 33 (2021) 1993-2032. */
export const PUBLISHED_IRREGULARITY = [0.938, 0.916, 0.891, 0.873, 0.847, 0.809, 0.924, 0.819];
export const PUBLISHED_SYNCHRONY = [2.9, 1.8, 3.0, 1.7, 4.4, 1.1, 1.2, 1.0];

const CAPACITANCE = 250;
const MEMBRANE = 10;
const SYNAPSE = 0.5;

/** Amplitude (pA) of a synaptic current whose potential has a peak of 1 mV. */
function currentOfPotential(): number {
  const ratio = MEMBRANE / SYNAPSE;
  const peak = ratio ** (MEMBRANE / (SYNAPSE - MEMBRANE)) - ratio ** (SYNAPSE / (SYNAPSE - MEMBRANE));
  return (CAPACITANCE * (SYNAPSE - MEMBRANE)) / (MEMBRANE * SYNAPSE * peak);
}
/** pA, of excitatory and external synapses. */
const WEIGHT = 0.15 * currentOfPotential();
/** Of inhibitory synapses, relative to excitatory ones. */
const INHIBITION = -4;

const isExcitatory = (population: number): boolean => population % 2 === 0;

/** Mean weight at full scale, pA; synapses from layer 4 to layer 2/3 are twice as strong. */
function weightOf(post: number, pre: number): number {
  if (!isExcitatory(pre)) return INHIBITION * WEIGHT;
  return post === 0 && pre === 2 ? 2 * WEIGHT : WEIGHT;
}

/** Synapses at full scale, so that the chance of at least one between two neurons is the given one. */
function synapsesOf(post: number, pre: number): number {
  return Math.round(Math.log1p(-PROBABILITIES[post]![pre]!) / Math.log1p(-1 / (NEURONS[pre]! * NEURONS[post]!)));
}

/** Number of neurons and of synapses at a scale. */
export function sizeOf(scale: number): { neurons: number; synapses: number } {
  const neurons = NEURONS.reduce((sum, count) => sum + Math.round(scale * count), 0);
  let synapses = 0;
  for (const post of NEURONS.keys()) {
    for (const pre of NEURONS.keys()) synapses += Math.round(scale ** 2 * synapsesOf(post, pre));
  }
  return { neurons, synapses };
}

/**
 * Constant current (pA) that replaces the mean of the inputs that a smaller network lacks. Weights grow by 1 / sqrt(scale), so that
 * the variance stays.
 */
function compensation(post: number, scale: number): number {
  let mean = WEIGHT * EXTERNAL[post]! * EXTERNAL_RATE;
  for (const [pre, rate] of PUBLISHED_RATES.entries()) {
    mean += ((weightOf(post, pre) * synapsesOf(post, pre)) / NEURONS[post]!) * rate;
  }
  return ((1 - Math.sqrt(scale)) * SYNAPSE * mean) / 1000;
}

const neuron = defineNeuron({
  name: "iaf-psc-exp",
  summary: "Leaky integrate-and-fire neuron with one exponential synaptic current.",
  source: "T. Potjans and M. Diesmann, Cerebral Cortex 24 (2014) 785-806",
  input: { unit: "pA" },
  states: { v: { unit: "mV", initial: "rest" }, i: { unit: "pA" } },
  parameters: {
    capacitance: { value: `${CAPACITANCE} pF`, summary: "membrane capacitance" },
    membrane: { value: `${MEMBRANE} ms`, summary: "membrane time constant" },
    synapse: { value: `${SYNAPSE} ms`, summary: "time constant of the synaptic current" },
    rest: { value: "-65 mV", summary: "resting potential, and that after a spike" },
    threshold: { value: "-50 mV", summary: "firing threshold" },
  },
  dynamics: { v: "(rest - v) / membrane + (i + I) / capacitance", i: "-i / synapse" },
  unlessRefractory: ["v"],
  refractory: "2 ms",
  integrator: exactLinear,
  spike: "v - threshold",
  reset: { v: "y > 0 ? rest : v" },
});

export interface Microcircuit {
  readonly simulation: Simulation;
  readonly populations: readonly Population[];
}

/**
 * Draws the network: every synapse has any two neurons of its populations, independently, weights of 10 % standard deviation, and
 * delays of 1.5 ms (excitatory) and 0.75 ms (inhibitory) with half of it as standard deviation, at least 0.1 ms. NEST's delays are
 * one step longer here (see docs/simulation.md).
 */
export function microcircuit(scale: number, options: Parameters<typeof simulation>[0]): Microcircuit {
  const sim = simulation({ dt: "0.1 ms", ...options });
  const grown = 1 / Math.sqrt(scale);
  const populations = NAMES.map((name, p) => {
    const [mean, sd] = POTENTIALS[p]!;
    const initial = { v: normal(`${mean} mV`, `${sd} mV`) };
    const population = sim.population(name, Math.round(scale * NEURONS[p]!), neuron, { initial });
    const rate = `${EXTERNAL_RATE * Math.round(scale * EXTERNAL[p]!)} Hz`;
    sim.input(population, { poisson: { rate, weight: `${WEIGHT * grown} pA`, target: "i" } });
    if (scale < 1) sim.input(population, { current: `${compensation(p, scale)} pA` });
    return population;
  });
  for (const [post, to] of populations.entries()) {
    for (const [pre, from] of populations.entries()) {
      const total = Math.round(scale ** 2 * synapsesOf(post, pre));
      if (total === 0) continue;
      const weight = weightOf(post, pre) * grown;
      const delay = isExcitatory(pre) ? 1.5 : 0.75;
      sim.connect(from, to, {
        pattern: { total },
        target: "i",
        weight: normal(`${weight} pA`, `${0.1 * Math.abs(weight)} pA`),
        delay: normal(`${delay + 0.1} ms`, `${delay / 2} ms`, { min: "0.2 ms", max: "6.3 ms" }),
      });
    }
  }
  return { simulation: sim, populations };
}
