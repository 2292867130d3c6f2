// A depressing synapse at 20 Hz, and a facilitating one at 20 and 70 Hz. M. Tsodyks, K. Pawelzik and H. Markram, Neural
// Computation 10 (1998) 821-835, figure 1; Brian2's example "frompapers/Tsodyks_Pawelzik_Markram_1998".
import { defineNeuron, defineSynapse, exactLinear, exponentialEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const cell = defineNeuron({
  name: "cell",
  states: { v: { unit: "mV" } },
  parameters: {
    tau: { value: "40 ms", summary: "Membrane time constant." },
    R: { value: "0.1 GOhm", summary: "Input resistance." },
    current: { value: "0 pA", summary: "Synaptic current." },
  },
  dynamics: { v: "(R * current - v) / tau" },
  integrator: exactLinear,
  output: "v",
});
const parameters = {
  U: { value: 0.6, summary: "Used share of the recovered resources." },
  inactivation: { value: "3 ms", summary: "Time constant of the active resources." },
  recovery: { value: "800 ms", summary: "Time constant of recovery." },
  facilitation: { value: "530 ms", summary: "Time constant of u." },
};
const resources = { x: "(1 - x - active) / recovery", active: "-active / inactivation" };
const depressing = defineSynapse({
  name: "depressing",
  summary: "Depression.",
  source: "Tsodyks, Pawelzik and Markram 1998",
  weight: { unit: "pA" },
  parameters,
  states: { x: { initial: 1, summary: "recovered" }, active: { summary: "active" } },
  dynamics: resources,
  integrator: exponentialEuler,
  onPre: { active: "active + U * x", x: "x - U * x" },
  summed: { current_post: "weight * active" },
});
const facilitating = defineSynapse({
  name: "facilitating",
  summary: "Facilitation and depression.",
  source: "Tsodyks, Pawelzik and Markram 1998",
  weight: { unit: "pA" },
  parameters,
  states: { x: { initial: 1, summary: "recovered" }, active: { summary: "active" }, u: { summary: "used share" } },
  dynamics: { ...resources, u: "-u / facilitation" },
  integrator: exponentialEuler,
  onPre: { u: "u + U * (1 - u)", active: "active + u * x", x: "x - u * x" },
  summed: { current_post: "weight * active" },
});

/** Stimuli from 100 ms on. Brian2 rounds times down to the grid, and so does this list. */
const stimuli = (frequency: number, end: number): number[] => {
  const times = [];
  for (let k = 0; 100 + (1000 * k) / frequency < end; k++) {
    times.push(Math.floor(1e-6 + 10 * (100 + (1000 * k) / frequency)) / 10);
  }
  return times;
};
const strong = { U: 0.03, inactivation: "1.5 ms", recovery: "130 ms" };
const cases = [
  {
    name: "A",
    title: "depression, 20 Hz",
    times: stimuli(20, 1100),
    end: 1200,
    neuron: { tau: "40 ms", R: "0.1 GOhm" },
    synapse: depressing,
    weight: "250 pA",
    parameters: {},
  },
  ...([20, 70] as const).map((frequency) => ({
    name: frequency === 20 ? "B" : "C",
    title: `facilitation, ${frequency} Hz`,
    times: stimuli(frequency, frequency === 20 ? 1100 : 375),
    end: frequency === 20 ? 1200 : 500,
    neuron: { tau: "60 ms", R: "1 GOhm" },
    synapse: facilitating,
    weight: "1540 pA",
    parameters: strong,
  })),
];

const show = (x: number): string => String(Number(x.toPrecision(6)));
const panels = [];
for (const { name, title, times, end, neuron, synapse, weight, parameters } of cases) {
  const sim = simulation();
  const input = sim.source("input", 1, { spikes: times.map((time) => [`${time} ms`, 0]) });
  const target = sim.population("target", 1, cell, { parameters: neuron });
  const projection = sim.connect(input, target, { pattern: "all-to-all", weight, synapse, parameters });
  const v = sim.monitor.state(target, "v");
  await sim.run(`${end} ms`);

  const trace = v.trace(0);
  const steps = [...times, end].map((time) => Math.round(10 * time));
  const peaks = times.map((_, k) => show(Math.max(...trace.slice(steps[k]!, steps[k + 1]!))));
  const at = [110, 150, 200, 400].map((time) => show(trace[10 * time]!));
  const states = synapse === depressing ? ["x"] : ["x", "u"];
  const final = states.map((state) => `${state} = ${show(sim.synapseState(projection, state)[0]!)}`);
  console.log(`${name}: ${title}`);
  console.log(`peaks of v (mV) ${peaks.slice(0, 6).join(" ")}, last ${peaks.at(-1)}`);
  console.log(`v (mV) at 110, 150, 200, 400 ms ${at.join(" ")}`);
  console.log(`last v (mV) ${show(trace.at(-1)!)}, ${final.join(", ")}\n`);
  panels.push({ title, xLabel: "time (ms)", lines: [{ name: "v (mV)", x: [...v.times], y: [...trace] }] });
}
await saveFigure("short-term-plasticity", linePlot({ title: "Synapses that depress and facilitate", panels }));
