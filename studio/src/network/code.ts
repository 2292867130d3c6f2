import { settings } from "./state.js";

/** The script that simulates the network. */
export function networkCode(): string {
  const { model, size, inputs, rate, duration, seed } = settings.value;
  if (model !== "stdp") {
    return `import { balancedNetwork, meanIsiCv } from "spikevine/simulation";

const { simulation, spikes } = balancedNetwork({ synapses: "${model}", size: ${size}, seed: ${seed} });
await simulation.run("${duration} ms");
for (const { population, count } of spikes) {
  console.log(population.name, (1000 * count) / (population.size * ${duration}), "Hz");
}
console.log("CV of the intervals", meanIsiCv(spikes[0].trains()));
`;
  }
  return `import { cobaLif } from "spikevine/neurons";
import { stdp } from "spikevine/plasticity";
import { simulation, uniform } from "spikevine/simulation";

const largest = 150 / ${inputs};
const sim = simulation({ dt: "0.2 ms", seed: ${seed} });
const synapses = { tauE: "5 ms", tauI: "5 ms", excitation: "0 mV", inhibition: "-70 mV" };
const membrane = { rest: "-70 mV", threshold: "-54 mV", reset: "-60 mV", refractory: "0 ms" };
const cell = sim.population("cell", 1, cobaLif({ capacitance: "200 pF", leak: "10 nS", ...membrane, ...synapses }));
const excitatory = sim.source("inputs", ${inputs}, { poisson: "${rate} Hz" });
const plastic = sim.connect(excitatory, cell, {
  pattern: "all-to-all",
  target: "ge",
  weight: uniform("0 nS", \`\${largest} nS\`),
  synapse: stdp({ unit: "nS", maxWeight: \`\${largest} nS\`, aPlus: 0.005, aMinus: 0.00525 }),
});
sim.input(cell, { poisson: { rate: "2 kHz", weight: "0.5 nS", target: "gi" } });
const spikes = sim.monitor.spikes(cell);
await sim.run("${duration} ms");
const shares = [...sim.synapseState(plastic, "weight")].map((weight) => weight / largest);
console.log("the cell fires at", (1000 * spikes.count) / ${duration}, "Hz");
console.log("weights below a fifth:", shares.filter((share) => share < 0.2).length, "above four fifths:", shares.filter((share) => share > 0.8).length);
`;
}
