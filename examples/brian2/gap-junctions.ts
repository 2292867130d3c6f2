// Ten leaky neurons just above their threshold, coupled by resistive junctions, from different initial potentials. The
// model is that of Brian2's example "gapjunctions".
import { defineNeuron, defineSynapse, exactLinear } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "leaky",
  states: { v: {} },
  parameters: {
    drive: { value: 1.05, summary: "Input." },
    gap: { value: 0, summary: "Current through the junctions." },
  },
  dynamics: { v: "(drive - v + gap) / (10 * ms)" },
  integrator: exactLinear,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});
const junction = defineSynapse({
  name: "gap-junction",
  summary: "A resistance between two neurons.",
  source: "Brian2's example gapjunctions",
  summed: { gap_post: "weight * (v_pre - v_post)" },
});

const sim = simulation();
const cells = sim.population("cells", 10, neuron, { initial: { v: "i / 9" } });
sim.connect(cells, cells, { pattern: "all-to-all", weight: 0.02, synapse: junction });
const spikes = sim.monitor.spikes(cells);
const v = sim.monitor.state(cells, "v");
await sim.run("500 ms");

console.log("| neuron | spikes | first spikes (ms) | final v |\n|---|---|---|---|");
spikes.trains().forEach((train, i) => {
  const first = [...train.slice(0, 5)].map((time) => time.toFixed(1)).join(" ");
  console.log(`| ${i} | ${train.length} | ${first} | ${sim.state(cells, "v")[i]!.toPrecision(6)} |`);
});
console.log(`\n${spikes.count} spikes`);

const lines = [0, 5, 9].map((i) => ({ name: `neuron ${i}`, x: [...v.times], y: [...v.trace(i)] }));
const panel = { title: "v", xLabel: "time (ms)", lines };
await saveFigure("gap-junctions", linePlot({ title: "Neurons coupled by gap junctions", panels: [panel] }));
