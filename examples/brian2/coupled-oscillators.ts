// A hundred phase oscillators with different frequencies, each coupled to all others (the model of Kuramoto), at four
// strengths. The model is that of Brian2's example "coupled_oscillators", with evenly spaced instead of random phases and
// frequencies, so that nothing is random.
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const oscillator = defineNeuron({
  name: "oscillator",
  states: { phase: {} },
  parameters: {
    frequency: { value: "0.5 s^-1", summary: "Rate of the phase when alone." },
    strength: { value: "1 s^-1", summary: "Strength of the coupling." },
    pull: { value: 0, summary: "Sum over the other oscillators." },
  },
  dynamics: { phase: "frequency + strength / N * pull" },
  integrator: forwardEuler,
  output: "phase",
});
const coupling = defineSynapse({
  name: "coupling",
  summary: "Pulls the phases together.",
  source: "Brian2's example coupled_oscillators",
  summed: { pull_post: "sin(phase_pre - phase_post)" },
});

/** Length of the mean of the points exp(i phase): 1 if all phases are equal. */
function coherence(phases: Iterable<number>): number {
  let [x, y, count] = [0, 0, 0];
  for (const phase of phases) {
    x += Math.cos(phase);
    y += Math.sin(phase);
    count++;
  }
  return Math.hypot(x, y) / count;
}

const seconds = 1;
console.log("| strength (1/s) | coherence at 0 s | at 1 s |\n|---|---|---|");
const lines = [];
for (const strength of [0, 1, 2, 4]) {
  const sim = simulation({ dt: "1 ms" });
  const oscillators = sim.population("oscillators", 100, oscillator, {
    parameters: { frequency: "0.2 s^-1 + 0.6 s^-1 * i / N", strength: `${strength} s^-1` },
    initial: { phase: "0.75 * 2 * pi * i / N" },
  });
  sim.connect(oscillators, oscillators, { pattern: "all-to-all", weight: 1, synapse: coupling });
  const [x, y] = [[0], [coherence(sim.state(oscillators, "phase"))]];
  for (let k = 1; k <= 10 * seconds; k++) {
    await sim.run("100 ms");
    x.push(k / 10);
    y.push(coherence(sim.state(oscillators, "phase")));
  }
  lines.push({ name: `strength ${strength}/s`, x, y });
  console.log(`| ${strength} | ${y[0]!.toFixed(6)} | ${y.at(-1)!.toFixed(6)} |`);
}
await saveFigure(
  "coupled-oscillators",
  linePlot({ title: "Coupled oscillators", panels: [{ title: "coherence", xLabel: "time (s)", lines }] }),
);
