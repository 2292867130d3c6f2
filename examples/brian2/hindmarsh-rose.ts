// Three currents let one model of a neuron rest, burst or fire steadily: a fast potential, a recovery and a slow adaptation.
// J. Hindmarsh and R. Rose, Proc. R. Soc. B 221 (1984) 87-102, figure 6; Brian2's example "frompapers/Hindmarsh_Rose_1984".
import { defineNeuron, rk4 } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "hindmarsh-rose",
  states: { x: { initial: -1.6 }, recovery: { initial: -11.8 }, adaptation: {} },
  parameters: { current: { value: 0, summary: "Input." } },
  dynamics: {
    x: "(recovery - x^3 + 3 * x^2 + current - adaptation) / (1 ms)",
    recovery: "(1 - 5 * x^2 - recovery) / (1 ms)",
    adaptation: "0.001 * (4 * (x + 1.6) - adaptation) / (1 ms)",
  },
  integrator: rk4,
  output: "x",
});

const currents = [0.4, 2, 4];
const sim = simulation();
const cells = sim.population("cells", 3, neuron, { parameters: { current: currents } });
const record = sim.monitor.state(cells, "x");
await sim.run("2100 ms");

const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log(
  "| input | crossings of 0 | first crossings (ms) | last crossing (ms) | final x | final recovery | final adaptation |",
);
console.log("|---|---|---|---|---|---|---|");
currents.forEach((current, i) => {
  const x = record.trace(i);
  const crossings = [...record.times.keys()].filter((k) => k > 0 && x[k]! >= 0 && x[k - 1]! < 0);
  const times = crossings.map((k) => record.times[k]!.toFixed(1));
  const final = ["x", "recovery", "adaptation"].map((state) => show(sim.state(cells, state)[i]!)).join(" | ");
  console.log(`| ${current} | ${times.length} | ${times.slice(0, 5).join(" ")} | ${times.at(-1) ?? "-"} | ${final} |`);
});

const panels = currents.map((current, i) => ({
  title: `x with the input ${current}`,
  xLabel: "time (ms)",
  lines: [{ name: "x", x: [...record.times], y: [...record.trace(i)] }],
}));
await saveFigure("hindmarsh-rose", linePlot({ title: "Rest, bursts, and steady firing", panels }));
