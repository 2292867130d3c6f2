import { writeFile } from "node:fs/promises";
import { defineNeuron, rk4 } from "spikevine/neurons";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";

const interneuron = defineNeuron({
  name: "fast-spiking-interneuron",
  source: "X.-J. Wang and G. Buzsaki, Journal of Neuroscience 16 (1996) 6402-6413",
  states: {
    V: { unit: "mV", initial: "-64 mV" },
    h: { initial: 0.78 },
    n: { initial: 0.09 },
  },
  parameters: {
    C: { value: "100 pF" },
    gNa: { value: "3500 nS" },
    gK: { value: "900 nS" },
    gL: { value: "10 nS" },
    phi: { value: 5 },
  },
  input: { symbol: "I", unit: "pA" },
  derived: {
    alphaM: "1 / ms / exprel(-0.1 * (V / mV + 35))",
    betaM: "4 / ms * exp(-(V / mV + 60) / 18)",
    mInf: "alphaM / (alphaM + betaM)",
    alphaH: "0.07 / ms * exp(-(V / mV + 58) / 20)",
    betaH: "1 / ms / (exp(-0.1 * (V / mV + 28)) + 1)",
    alphaN: "0.1 / ms / exprel(-0.1 * (V / mV + 34))",
    betaN: "0.125 / ms * exp(-(V / mV + 44) / 80)",
    INa: "gNa * mInf^3 * h * (V - 55 mV)",
    IK: "gK * n^4 * (V - (-90 mV))",
    IL: "gL * (V - (-65 mV))",
  },
  dynamics: {
    V: "(I - INa - IK - IL) / C",
    h: "phi * (alphaH * (1 - h) - betaH * h)",
    n: "phi * (alphaN * (1 - n) - betaN * n)",
  },
  integrator: rk4,
  spike: "V",
  refractory: "V > 0 mV",
});

// Currents from 0 to 5 uA/cm^2: 100 pA through 10^-4 cm^2 is 1 uA/cm^2.
const densities = Array.from({ length: 26 }, (_, i) => i / 5);
const sim = simulation({ dt: "0.01 ms" });
const cells = sim.population("cells", densities.length, interneuron);
sim.input(cells, { current: densities.map((density) => `${100 * density} pA`) });
const v = sim.monitor.state(cells, "V", { indices: [5], every: 5 });
const spikes = sim.monitor.spikes(cells);
await sim.run("1 s");

// Rates of the second half, after the start has settled.
const rates = spikes.trains().map((train) => train.filter((t) => t >= 500).length / 0.5);
for (const density of [0, 0.2, 1, 2, 5]) {
  console.log(`${density} uA/cm^2: ${rates[densities.indexOf(density)]!} Hz`);
}
const trace = v.trace(5).slice(0, 2000);
console.log(`at 1 uA/cm^2, V lies between ${Math.min(...trace).toFixed(1)} and ${Math.max(...trace).toFixed(1)} mV`);

const panels = [
  { title: "V at 1 uA/cm^2 (mV)", xLabel: "time (ms)", lines: [{ name: "V", x: v.times.slice(0, 2000), y: trace }] },
  { title: "Firing rate (Hz)", xLabel: "current (uA/cm^2)", lines: [{ name: "rate", x: densities, y: rates }] },
];
await writeFile("methods-interneuron.svg", linePlot({ title: "A fast-spiking interneuron", panels }));
