import { settings } from "./state.js";

/** The script that simulates the neuron with its current. */
export function neuronCode(): string {
  const { text, shape, amplitude, duration, dt } = settings.value;
  const current = {
    step: "amplitude",
    ramp: "amplitude * share",
    pulses: "(share * 5) % 1 < 0.3 ? amplitude : 0",
    sine: "amplitude * 0.5 * (1 - Math.cos(8 * Math.PI * share))",
    noise: "amplitude * (0.5 + 0.87 * (Math.random() + Math.random() + Math.random() + Math.random() - 2))",
  }[shape];
  return `import { defineNeuron } from "spikevine/neurons";
import { simulation } from "spikevine/simulation";

const neuron = defineNeuron(${text});

const [duration, dt, amplitude] = [${duration}, ${dt}, ${amplitude}];
const current = Array.from({ length: Math.round(duration / dt) }, (_, k) => {
  const share = ((k * dt) / duration - 0.1) / 0.8;
  return share < 0 || share >= 1 ? 0 : ${current};
});
const sim = simulation({ dt: \`\${dt} ms\` });
const cell = sim.population("cell", 1, neuron);
sim.input(cell, { array: current, dt: \`\${dt} ms\` });
const spikes = sim.monitor.spikes(cell);
const states = Object.keys(neuron.states).map((name) => sim.monitor.state(cell, name));
await sim.run(\`\${Number((current.length * dt).toPrecision(12))} ms\`);
console.log("spikes at", [...spikes.times].join(", "), "ms");
for (const { variable, unit, values } of states) console.log(variable, "at the end", values.at(-1), unit ?? "");
`;
}
