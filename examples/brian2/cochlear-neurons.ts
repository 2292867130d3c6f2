// Six types of neurons of the cochlear nucleus differ in the conductances of their potassium channels: two types fire
// throughout a current of 250 pA, others only at its onset. J. S. Rothman and P. B. Manis, Journal of Neurophysiology 89
// (2003) 3097-3113; Brian2's example "frompapers/Rothman_Manis_2003", with all types side by side.
import { defineNeuron, exponentialEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const conductance = (summary: string): { value: string; summary: string } => ({ value: "0 nS", summary });
const neuron = defineNeuron({
  name: "cochlear",
  states: {
    v: { unit: "mV", initial: "-65 mV" },
    m: {},
    h: {},
    n: {},
    p: {},
    r: {},
    w: {},
    z: {},
    a: {},
    b: {},
    c: {},
    s: {},
  },
  parameters: {
    gNa: conductance("Sodium."),
    gHT: conductance("Potassium of high threshold."),
    gLT: conductance("Potassium of low threshold."),
    gA: conductance("Transient potassium."),
    gH: conductance("Hyperpolarization-activated current."),
    gO: conductance("Hyperpolarization-activated current of octopus cells."),
    drive: { value: "0 pA", summary: "Injected current." },
  },
  derived: {
    u: "v / (1 mV)",
    x: "u + 60",
    // RT/F in mV, of the rates of the octopus cells' current.
    thermal: "8.315 * (273.16 + 22) / 9.648e4 * 1000",
    sodium: "gNa * m^3 * h * (50 mV - v)",
    potassium: "(gHT * (0.85 * n^2 + 0.15 * p) + gLT * w^4 * z + gA * a^4 * b * c) * (-70 mV - v)",
    cation: "(gH * r + gO * s) * (-43 mV - v)",
  },
  functions: {
    "towards(gate, value, tau)": "(value - gate) / (tau * 1 ms)",
    // A gate that opens, or with a negative width closes, at a potential (mV).
    "open(u, half, width)": "1 / (1 + exp((half - u) / width))",
  },
  dynamics: {
    v: "(2 nS * (-65 mV - v) + sodium + potassium + cation + drive) / (12 pF)",
    m: "towards(m, open(u, -38, 7), 10 / (5 * exp(x / 18) + 36 * exp(-x / 25)) + 0.04)",
    h: "towards(h, open(u, -65, -6), 100 / (7 * exp(x / 11) + 10 * exp(-x / 25)) + 0.6)",
    n: "towards(n, sqrt(open(u, -15, 5)), 100 / (11 * exp(x / 24) + 21 * exp(-x / 23)) + 0.7)",
    p: "towards(p, open(u, -23, 6), 100 / (4 * exp(x / 32) + 5 * exp(-x / 22)) + 5)",
    r: "towards(r, open(u, -76, -7), 1e5 / (237 * exp(x / 12) + 17 * exp(-x / 14)) + 25)",
    w: "towards(w, open(u, -48, 6)^0.25, 100 / (6 * exp(x / 6) + 16 * exp(-x / 45)) + 1.5)",
    z: "towards(z, 0.5 + 0.5 * open(u, -71, -10), 1000 / (exp(x / 20) + exp(-x / 8)) + 50)",
    a: "towards(a, open(u, -31, 6)^0.25, 100 / (7 * exp(x / 14) + 29 * exp(-x / 24)) + 0.1)",
    b: "towards(b, sqrt(open(u, -66, -7)), 1000 / (14 * exp(x / 27) + 29 * exp(-x / 24)) + 1)",
    c: "towards(c, sqrt(open(u, -66, -7)), 90 * open(u, -66, 17) + 10)",
    s: "towards(s, open(u, -66, -7), exp(1.8 * (u + 84) / thermal) / (4.5^-1.1 * 0.0029 * (1 + exp(3 * (u + 84) / thermal))))",
  },
  integrator: exponentialEuler,
  output: "v",
});

// Name, gNa, gHT, gLT, gA, gH, gO (nS).
const types: [string, ...number[]][] = [
  ["I classic", 1000, 150, 0, 0, 0.5, 0],
  ["I transient", 1000, 80, 0, 65, 0.5, 0],
  ["I-II", 1000, 150, 20, 0, 2, 0],
  ["II-I", 1000, 150, 35, 0, 3.5, 0],
  ["II", 1000, 150, 200, 0, 20, 0],
  ["octopus", 1000, 150, 600, 0, 0, 40],
];
const column = (k: number): { values: number[]; unit: string } => ({
  values: types.map((type) => type[k] as number),
  unit: "nS",
});

const sim = simulation();
const cells = sim.population("cells", types.length, neuron, {
  parameters: { gNa: column(1), gHT: column(2), gLT: column(3), gA: column(4), gH: column(5), gO: column(6) },
});
await sim.run("50 ms");
const rest = sim.state(cells, "v").slice();
const v = sim.monitor.state(cells, "v");
sim.set(cells, "drive", "250 pA");
await sim.run("100 ms");

console.log("| | type | v at rest (mV) | passes of 0 mV (ms) | largest v (mV) | final v (mV) | final w |");
console.log("|---|---|---|---|---|---|---|");
const show = (x: number): string => String(Number(x.toPrecision(6)));
types.forEach(([type], i) => {
  const trace = v.trace(i);
  const passes = [...v.times].filter((_, k) => k > 0 && trace[k]! >= 0 && trace[k - 1]! < 0);
  const first = passes
    .slice(0, 5)
    .map((time) => time.toFixed(1))
    .join(" ");
  const final = `${show(sim.state(cells, "v")[i]!)} | ${show(sim.state(cells, "w")[i]!)}`;
  const largest = show(trace.reduce((a, b) => Math.max(a, b)));
  console.log(`| ${i} | ${type} | ${show(rest[i]!)} | ${passes.length}: ${first} | ${largest} | ${final} |`);
});

const panels = types.map(([title], i) => ({
  title,
  xLabel: "time (ms)",
  lines: [{ name: "v (mV)", x: [...v.times], y: [...v.trace(i)] }],
}));
await saveFigure("cochlear-neurons", linePlot({ title: "Neurons of the cochlear nucleus", columns: 2, panels }));
