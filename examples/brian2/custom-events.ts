// A neuron with two events of its own beside its spikes: when the conductance passes 1 upwards, and when it falls below again.
// Spikes and the first event reach another neuron by projections of their own. The model is that of Brian2's example
// "advanced/custom_events" with regular instead of random input, so that nothing is random.
import { defineNeuron, exactLinear } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const first = defineNeuron({
  name: "first",
  states: { v: {}, g: {}, ready: { initial: 1, summary: "1 until g passes 1, 0 until it falls below." } },
  dynamics: { v: "(g - v) / (50 * ms)", g: "-g / (10 * ms)" },
  update: { ready: "ready" },
  integrator: exactLinear,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v", g: "y > 0 ? 0 : g", ready: "y > 0 ? 1 : ready" },
  events: {
    rise: { when: "g > 1 and ready > 0", changes: { ready: "0" } },
    fall: { when: "g < 1 and not (ready > 0)", changes: { ready: "1" } },
  },
});
const second = defineNeuron({
  name: "second",
  states: { x: {}, y1: {} },
  dynamics: { x: "-x / (10 * ms)", y1: "-y1 / (10 * ms)" },
  integrator: exactLinear,
  output: "x",
});

const sim = simulation();
const input = sim.source("input", 1, { spikes: Array.from({ length: 124 }, (_, k) => [`${4 * k + 1} ms`, 0]) });
const [a, b] = [sim.population("first", 1, first), sim.population("second", 1, second)];
const [rise, fall] = [sim.event(a, "rise"), sim.event(a, "fall")];
sim.connect(input, a, { pattern: "one-to-one", target: "g", weight: 0.5 });
sim.connect(a, b, { pattern: "one-to-one", target: "x", weight: 1 });
sim.connect(rise, b, { pattern: "one-to-one", target: "y1", weight: 1 });
const events = { spikes: sim.monitor.spikes(a), rises: sim.monitor.spikes(rise), falls: sim.monitor.spikes(fall) };
const states = [
  { name: "v", monitor: sim.monitor.state(a, "v") },
  { name: "g", monitor: sim.monitor.state(a, "g") },
  { name: "x", monitor: sim.monitor.state(b, "x") },
  { name: "y", monitor: sim.monitor.state(b, "y1") },
];
await sim.run("500 ms");

for (const [name, { count, times }] of Object.entries(events)) {
  console.log(`${count} ${name}, first at ${[...times.slice(0, 5)].map((time) => time.toFixed(1)).join(" ")} ms`);
}
const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log("\n| | largest | final |\n|---|---|---|");
for (const { name, monitor } of states) {
  const trace = monitor.trace(0);
  const population = name === "v" || name === "g" ? a : b;
  const final = sim.state(population, name === "y" ? "y1" : name)[0]!;
  console.log(`| ${name} | ${show(trace.reduce((high, value) => Math.max(high, value)))} | ${show(final)} |`);
}

const line = ({ name, monitor }: (typeof states)[number]) => ({
  name,
  x: [...monitor.times],
  y: [...monitor.trace(0)],
});
const panels = [
  { title: "first neuron", xLabel: "time (ms)", lines: states.slice(0, 2).map(line) },
  { title: "second neuron", xLabel: "time (ms)", lines: states.slice(2).map(line) },
];
await saveFigure("custom-events", linePlot({ title: "Events of one's own", panels }));
