import { writeFile } from "node:fs/promises";
import { simulateSynapses } from "spikevine";
import { stdp } from "spikevine/plasticity";
import { linePlot } from "spikevine/plots";

// One synapse per time difference between the postsynaptic and the presynaptic spike.
const differences = Array.from({ length: 81 }, (_, i) => 2 * i - 80).filter((ms) => ms !== 0);
const { values, synapses } = simulateSynapses(stdp(), {
  dt: "0.1 ms",
  duration: "300 ms",
  synapses: differences.length,
  weight: 0.5,
  pre: differences.map(() => [150]),
  post: differences.map((ms) => [150 + ms]),
  every: 3000,
});
const changes = Array.from(values.weight!.slice(-synapses), (weight) => weight - 0.5);

for (const ms of [-40, -10, 10, 40]) {
  console.log(`post - pre = ${ms} ms: weight ${changes[differences.indexOf(ms)]!.toFixed(5)}`);
}
const side = (name: string, sign: number) => ({
  name,
  x: differences.filter((ms) => ms * sign > 0),
  y: changes.filter((_, i) => differences[i]! * sign > 0),
});
const lines = [side("post before pre", -1), side("pre before post", 1)];
const panel = { title: "Change of the weight", xLabel: "post - pre (ms)", lines };
await writeFile("plasticity-window.svg", linePlot({ title: "The window of STDP", panels: [panel] }));
