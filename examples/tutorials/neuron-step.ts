import { writeFile } from "node:fs/promises";
import { lif } from "spikevine/neurons";
import { membraneTraces } from "spikevine/plots";
import { simulation } from "spikevine/simulation";

const neuron = lif({ tau: "20 ms", rest: "-65 mV", threshold: "-50 mV", resistance: "100 MOhm" });

const sim = simulation({ dt: "0.1 ms" });
const cells = sim.population("cells", 3, neuron);
sim.input(cells, { current: ["140 pA", "160 pA", "240 pA"] });
const v = sim.monitor.state(cells, "v");
const spikes = sim.monitor.spikes(cells);
await sim.run("200 ms");

const trains = spikes.trains();
trains.forEach((train, i) => {
  console.log(`neuron ${i}: ${train.length} spikes, the first at ${train[0]?.toFixed(1) ?? "-"} ms`);
});

const traces = trains.map((train, i) => ({
  name: ["140 pA", "160 pA", "240 pA"][i]!,
  values: v.trace(i),
  threshold: -50,
  spikes: v.times.map((t) => (train.some((spike) => Math.abs(spike - t) < sim.dt / 2) ? 1 : 0)),
}));
await writeFile("neuron-step.svg", membraneTraces({ title: "Three currents", unit: "mV", stepMs: sim.dt, traces }));
