import { balancedNetwork } from "../../src/simulation/index.js";
import { stdpNetwork, vogelsNetwork } from "./plastic-networks.js";

// One round of Spikevine, in a process of its own: node contestant.js coba 4000 single THREADS
const [kind, given, asked, shared] = process.argv.slice(2);
const size = Number(given);
const threads = Number(shared);
const precision = asked === "single" ? "single" : "double";
const network = (): ReturnType<typeof stdpNetwork> => {
  if (kind === "stdp") return stdpNetwork(size, precision, threads);
  if (kind === "vogels") return vogelsNetwork(size, precision, threads);
  return balancedNetwork({ synapses: kind === "cuba" ? "cuba" : "coba", size, seed: 1, precision, threads });
};
const { simulation, spikes } = network();
const began = performance.now();
await simulation.run("0.1 ms");
const build = (performance.now() - began) / 1000;
const before = process.cpuUsage();
const { seconds } = await simulation.run("1 s");
const { user, system } = process.cpuUsage(before);
const count = spikes.reduce((sum, monitor) => sum + monitor.count, 0);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: seconds, build, rate: count / size }));
