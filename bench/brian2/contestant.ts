import { balancedNetwork } from "../../src/simulation/index.js";

// One round of Spikevine, in a process of its own: node contestant.js coba 4000 single
const [synapses, size, precision] = process.argv.slice(2);
const { simulation, spikes } = balancedNetwork({
  synapses: synapses === "cuba" ? "cuba" : "coba",
  size: Number(size),
  seed: 1,
  precision: precision === "single" ? "single" : "double",
});
const began = performance.now();
await simulation.run("0.1 ms");
const build = (performance.now() - began) / 1000;
const before = process.cpuUsage();
const { seconds } = await simulation.run("1 s");
const { user, system } = process.cpuUsage(before);
const count = spikes.reduce((sum, monitor) => sum + monitor.count, 0);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: seconds, build, rate: count / Number(size) }));
