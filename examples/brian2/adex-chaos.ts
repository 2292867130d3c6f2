// The reset potential decides whether a neuron with adaptation repeats a pattern of two, three or more spikes, or fires
// chaotically. J. Touboul and R. Brette, Biological Cybernetics 99 (2008) 319-334, figure 8B; Brian2's example
// "frompapers/Touboul_Brette_2008" with 25 instead of 200 reset potentials, and shorter.
import { defineNeuron, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "exponential",
  states: { v: { unit: "mV", initial: "-70.6 mV" }, w: { unit: "pA" } },
  parameters: { Vr: { value: "-48 mV", summary: "Reset potential." } },
  dynamics: {
    v: "(30 nS * (-70.6 mV - v) + 30 nS * 2 mV * exp((v + 50.4 mV) / (2 mV)) + 800 pA - w) / (281 pF)",
    w: "(4 nS * (v + 70.6 mV) - w) / (40 ms)",
  },
  integrator: forwardEuler,
  spike: "v + 40.4 mV",
  reset: { v: "y > 0 ? Vr : v", w: "y > 0 ? w + 80 pA : w" },
});

const size = 25;
const sim = simulation({ dt: "0.01 ms" });
const cells = sim.population("cells", size, neuron, { parameters: { Vr: "-48.3 mV + 0.6 mV * i / (N - 1)" } });
await sim.run("1 s");

// Monitors added in the middle of a run: the first second is not recorded.
const spikes = sim.monitor.spikes(cells);
const w = sim.monitor.state(cells, "w");
await sim.run("250 ms");

console.log("| | Vr (mV) | spikes | w at the spikes (nA) |\n|---|---|---|---|");
const [x, y]: [number[], number[]] = [[], []];
spikes.trains().forEach((train, i) => {
  const reset = -48.3 + (0.6 * i) / (size - 1);
  const values = [...train].map((time) => w.trace(i)[Math.round((time - 1000) / sim.dt)]! / 1000);
  for (const value of values) {
    // A value that is not a number separates the dots.
    x.push(reset, reset);
    y.push(value, Number.NaN);
  }
  const sorted = values.sort((a, b) => a - b).map((value) => value.toPrecision(5));
  console.log(`| ${i} | ${reset.toFixed(3)} | ${train.length} | ${sorted.join(" ")} |`);
});

const panel = { title: "w at a spike (nA)", xLabel: "reset potential (mV)", lines: [{ name: "w", x, y }], dots: true };
await saveFigure("adex-chaos", linePlot({ title: "Periods and chaos", panels: [panel] }));
