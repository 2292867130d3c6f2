// Five inputs compete for one neuron under a rule of plasticity that reads filtered potentials of the neuron. The rule is
// that of C. Clopath et al., Nature Neuroscience 13 (2010) 344-352, as in Brian2's example
// "frompapers/Clopath_et_al_2010_homeostasis", with regular inputs that take turns in being silent.
import { defineNeuron, defineSynapse, exactLinear, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const input = defineNeuron({
  name: "input",
  // `before` is the trace without the spike of this step. The rule reads it if both neurons fire in one step.
  states: { trace: {}, before: {} },
  dynamics: { trace: "-trace / (15 ms)" },
  update: { before: "before" },
  integrator: exactLinear,
  spike: "mod(floor(t / dt + 0.5) + 3 * i, 25) == 0 and not (i == mod(floor(t / (100 ms)), 5)) ? 1 : -1",
  reset: { trace: "y > 0 ? trace + 1 / 15 : trace", before: "trace" },
});
const cell = defineNeuron({
  name: "cell",
  states: {
    v: { unit: "mV", initial: "-70 mV" },
    low1: { unit: "mV", initial: "-70 mV" },
    low2: { unit: "mV", initial: "-70 mV" },
    mean: { unit: "mV" },
    g: { unit: "nS" },
  },
  dynamics: {
    v: "(30 nS * (-70 mV - v) - g * v) / (300 pF)",
    low1: "(v - low1) / (40 ms)",
    low2: "(v - low2) / (30 ms)",
    mean: "(v + 70 mV - mean) / (1 s)",
    g: "-g / (2 ms)",
  },
  integrator: forwardEuler,
  spike: "v + 55 mV",
  reset: { v: "y > 0 ? -70 mV : v" },
});
const clopath = defineSynapse({
  name: "clopath-homeostasis",
  summary: "Voltage-based plasticity whose depression grows with the mean potential.",
  source: "C. Clopath et al., Nature Neuroscience 13 (2010) 344-352",
  onPre: {
    g_post: "g_post + 50 nS * weight",
    weight: "clip(weight - 1.5e-4 * mean_post^2 / (12 mV^2) * relu((low1_post + 70 mV) / (1 mV)), 0, 1)",
  },
  // As in Brian2's compiled code, the filters rise once per synapse, and a synapse reads them before it raises them.
  onPost: {
    weight: "clip(weight + 1.5e-2 * before_pre * relu((low2_post + 70 mV) / (1 mV)), 0, 1)",
    low1_post: "low1_post + 10 mV",
    low2_post: "low2_post + 10 mV",
    mean_post: "mean_post + 0.1 mV",
  },
});

const sim = simulation({ dt: "0.5 ms" });
const inputs = sim.population("inputs", 5, input);
const target = sim.population("target", 1, cell);
const learning = sim.connect(inputs, target, { pattern: "all-to-all", weight: 0.8, delay: "0 ms", synapse: clopath });
const [before, after] = [sim.monitor.spikes(inputs), sim.monitor.spikes(target)];
const weights = sim.monitor.synapses(learning, "weight");
await sim.run("2 s");

const show = (x: number): string => String(Number(x.toPrecision(6)));
const first = (times: Float64Array, count: number): string =>
  [...times.slice(0, count)].map((time) => time.toFixed(1)).join(" ");
console.log("| input | first spikes (ms) | final weight |\n|---|---|---|");
const final = sim.synapseState(learning, "weight");
before.trains().forEach((train, i) => {
  console.log(`| ${i} | ${first(train, 3)} | ${show(final[i]!)} |`);
});
console.log(
  `\n${before.count} spikes of the inputs, ${after.count} of the target, first at ${first(after.times, 5)} ms`,
);
const states = ["v", "low1", "low2", "mean"].map((state) => `${state} = ${show(sim.state(target, state)[0]!)}`);
console.log(`final ${states.join(", ")} mV`);

const lines = [0, 1, 2, 3, 4].map((i) => ({ name: `input ${i}`, x: [...weights.times], y: [...weights.trace(i)] }));
const panel = { title: "weight", xLabel: "time (ms)", lines };
await saveFigure("clopath-homeostasis", linePlot({ title: "Inputs compete", panels: [panel] }));
