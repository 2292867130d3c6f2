// Eight firing patterns of one neuron model with eight sets of parameters. R. Naud, N. Marcille, C. Clopath and W. Gerstner,
// Biological Cybernetics 99 (2008) 335-347; Brian2's example "frompapers/Naud_et_al_2008_adex_firing_patterns".
import { defineNeuron, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "exponential",
  states: { v: { unit: "mV" }, w: { unit: "pA" } },
  parameters: {
    C: { value: "200 pF", summary: "Capacitance." },
    gL: { value: "10 nS", summary: "Leak conductance." },
    EL: { value: "-70 mV", summary: "Leak potential." },
    a: { value: "2 nS", summary: "Adaptation to the potential." },
    tau: { value: "30 ms", summary: "Time constant of adaptation." },
    b: { value: "0 pA", summary: "Adaptation per spike." },
    Vr: { value: "-58 mV", summary: "Reset potential." },
    drive: { value: "500 pA", summary: "Injected current." },
  },
  dynamics: {
    v: "(gL * (EL - v) + gL * 2 mV * exp((v + 50 mV) / (2 mV)) + drive - w) / C",
    w: "(a * (v - EL) - w) / tau",
  },
  integrator: forwardEuler,
  spike: "v",
  reset: { v: "y > 0 ? Vr : v", w: "y > 0 ? w + b : w" },
});

// Name, C (pF), gL (nS), EL (mV), a (nS), tau (ms), b (pA), Vr (mV), drive (pA).
const patterns: [string, ...number[]][] = [
  ["tonic spiking", 200, 10, -70, 2, 30, 0, -58, 500],
  ["adaptation", 200, 12, -70, 2, 300, 60, -58, 500],
  ["initial burst", 130, 18, -58, 4, 150, 120, -50, 400],
  ["regular bursting", 200, 10, -58, 2, 120, 100, -46, 210],
  ["delayed accelerating", 200, 12, -70, -10, 300, 0, -58, 300],
  ["delayed regular bursting", 100, 10, -65, -10, 90, 30, -47, 110],
  ["transient spiking", 100, 10, -65, 10, 90, 100, -47, 180],
  ["irregular spiking", 100, 12, -60, -11, 130, 30, -48, 160],
];
const column = (k: number, unit: string): { values: number[]; unit: string } => ({
  values: patterns.map((pattern) => pattern[k] as number),
  unit,
});

const sim = simulation();
const cells = sim.population("cells", patterns.length, neuron, {
  parameters: {
    C: column(1, "pF"),
    gL: column(2, "nS"),
    EL: column(3, "mV"),
    a: column(4, "nS"),
    tau: column(5, "ms"),
    b: column(6, "pA"),
    Vr: column(7, "mV"),
    drive: column(8, "pA"),
  },
  initial: { v: "EL" },
});
const spikes = sim.monitor.spikes(cells);
const v = sim.monitor.state(cells, "v");
await sim.run("600 ms");

console.log("| | pattern | spikes | first spikes (ms) | final w (pA) |\n|---|---|---|---|---|");
spikes.trains().forEach((train, i) => {
  const first = [...train.slice(0, 8)].map((time) => time.toFixed(1)).join(" ");
  console.log(
    `| ${i} | ${patterns[i]![0]} | ${train.length} | ${first} | ${sim.state(cells, "w")[i]!.toPrecision(6)} |`,
  );
});
console.log(`\n${spikes.count} spikes`);

const panels = patterns.map(([title], i) => ({
  title,
  xLabel: "time (ms)",
  lines: [{ name: "v (mV)", x: [...v.times], y: [...v.trace(i)] }],
}));
await saveFigure("firing-patterns", linePlot({ title: "Firing patterns", columns: 2, panels }));
