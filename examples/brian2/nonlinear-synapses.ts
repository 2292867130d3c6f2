// Two synapses that saturate like NMDA receptors: a spike raises x, and x drives the conductance g towards 1. The model is
// that of Brian2's example "synapses/nonlinear".
import { defineNeuron, defineSynapse, exactLinear, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const clock = defineNeuron({
  name: "clock",
  states: { v: {} },
  dynamics: { v: "1 / (10 * ms)" },
  integrator: forwardEuler,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});
const cell = defineNeuron({
  name: "cell",
  states: { v: {} },
  parameters: { g: { value: 0, summary: "Sum of the conductances." } },
  dynamics: { v: "(g - v) / (10 * ms)" },
  integrator: exactLinear,
  output: "v",
});
const saturating = defineSynapse({
  name: "saturating",
  summary: "A conductance that saturates.",
  source: "Brian2's example synapses/nonlinear",
  states: { g: { summary: "conductance" }, x: { summary: "transmitter" } },
  dynamics: { g: "(x * (1 - g) - g) / (10 * ms)", x: "-x / (10 * ms)" },
  integrator: forwardEuler,
  onPre: { x: "x + weight" },
  summed: { g_post: "g" },
});

const sim = simulation();
const clocks = sim.population("clocks", 2, clock, { initial: { v: [0, 0.5] } });
const target = sim.population("target", 1, cell);
const synapses = sim.connect(clocks, target, {
  pattern: {
    pairs: [
      [0, 0],
      [1, 0],
    ],
  },
  weight: [1, 10],
  synapse: saturating,
});
const spikes = sim.monitor.spikes(clocks);
const g = sim.monitor.synapses(synapses, "g");
await sim.run("1 s");

const [first, second] = [g.trace(0), g.trace(1)];
const [finalG, finalX] = [sim.synapseState(synapses, "g"), sim.synapseState(synapses, "x")];
const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log("| synapse | spikes | first spikes (ms) | g at 49.9, 499.9, 999.9 ms | largest g | final g | final x |");
console.log("|---|---|---|---|---|---|---|");
[first, second].forEach((trace, s) => {
  const train = spikes.trains()[s]!;
  const early = [...train.slice(0, 5)].map((time) => time.toFixed(1)).join(" ");
  const at = [499, 4999, 9999].map((step) => show(trace[step]!)).join(" ");
  const largest = show(trace.reduce((a, b) => Math.max(a, b), 0));
  console.log(`| ${s} | ${train.length} | ${early} | ${at} | ${largest} | ${show(finalG[s]!)} | ${show(finalX[s]!)} |`);
});
const sum = first.map((value, step) => value + second[step]!);
const largestSum = show(sum.reduce((a, b) => Math.max(a, b), 0));
console.log(`\nlargest sum ${largestSum}, final v ${show(sim.state(target, "v")[0]!)}`);

const x = [...g.times.slice(0, 1000)];
const lines = [first, second, sum].map((trace, s) => ({
  name: ["weight 1", "weight 10", "sum"][s]!,
  x,
  y: [...trace.slice(0, 1000)],
}));
await saveFigure(
  "nonlinear-synapses",
  linePlot({ title: "Synapses that saturate", panels: [{ title: "g", xLabel: "time (ms)", lines }] }),
);
