// Moving bars deflect whiskers, and plastic synapses make neurons of layer 2/3 selective for directions.
// Y. Kremer et al., J. Neurosci. 31 (2011) 10689-10700; Brian2's example "frompapers/Kremer_et_al_2011_barrel_cortex", here
// with 4 instead of 25 barrels, a seventeenth of the neurons of layer 2/3 in each, whose lateral synapses are stronger by as
// much, and with bars whose directions are not random.
import { defineNeuron, defineSynapse, exponentialEuler, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

/** Neurons per barrel: layer 4, and layer 2/3 along one side. */
const [layer4Size, excitatorySide, inhibitorySide] = [484, 6, 3];

const layer4Neuron = defineNeuron({
  name: "layer-4",
  states: { none: {} },
  parameters: {
    barrelX: { value: 0, summary: "Place of the barrel." },
    barrelY: { value: 0, summary: "Place of the barrel." },
    preferred: { value: 0, summary: "Direction with the highest rate." },
  },
  derived: {
    // A bar every 25 ms; it moves by a barrel in 5 ms.
    bar: "floor(t / (25 ms) + 1e-6)",
    direction: "mod(bar * 0.618034, 1) * 2 * pi",
    along: "(t - bar * 25 ms) / (5 ms) - 2.5",
    barX: "1 + cos(direction) * along",
    barY: "1 + sin(direction) * along",
    distance: "(barrelX + 0.5 - barX) * cos(direction) + (barrelY + 0.5 - barY) * sin(direction)",
    rate: "abs(distance) < 0.5 ? clip(cos(direction - preferred), 0, 1) * 100 Hz : 0 Hz",
  },
  update: { none: "none" },
  spike: "rate * dt - rand()",
});
const layer23Neuron = defineNeuron({
  name: "layer-2/3",
  states: {
    v: { unit: "mV", initial: "-70 mV" },
    ge: { unit: "mV" },
    gi: { unit: "mV" },
    vt: { unit: "mV", initial: "-55 mV" },
  },
  dynamics: {
    v: "(ge + gi - 70 mV - v) / (10 ms)",
    ge: "-ge / (2 ms)",
    gi: "-gi / (25 ms)",
    vt: "(-55 mV - vt) / (50 ms)",
  },
  integrator: forwardEuler,
  // Brian2's period of 2 ms holds one step fewer.
  refractory: "1.9 ms",
  spike: "v - vt",
  reset: { v: "y > 0 ? -70 mV : v", vt: "y > 0 ? vt + 2 mV : vt" },
});
/** Currents whose potentials peak at 1 mV and -1 mV. */
const [epsc, ipsc] = [0.2 ** -1.25, -(2.5 ** (10 / 15))];
const learning = defineSynapse({
  name: "forward",
  summary: "Weights grow if the presynaptic spike comes first, and fall if it comes second.",
  source: "Y. Kremer et al., J. Neurosci. 31 (2011) 10689-10700",
  weight: { unit: "mV" },
  parameters: { largest: { value: `${epsc} mV`, summary: "Largest weight." } },
  states: {
    before: { unit: "mV", summary: "presynaptic trace" },
    after: { unit: "mV", summary: "postsynaptic trace" },
  },
  dynamics: { before: "-before / (5 ms)", after: "-after / (25 ms)" },
  integrator: exponentialEuler,
  onPre: {
    ge_post: "ge_post + weight",
    before: "before + 0.05 * largest",
    weight: "clip(weight + after, 0 mV, largest)",
  },
  onPost: { after: "after - 0.04 * largest", weight: "clip(weight + before, 0 mV, largest)" },
});

const sim = simulation({ seed: 1 });
const layer4 = sim.population("layer 4", 4 * layer4Size, layer4Neuron, {
  parameters: {
    barrelX: `mod(floor(i / ${layer4Size}), 2)`,
    barrelY: `floor(i / ${2 * layer4Size})`,
    preferred: `mod(i, ${layer4Size}) / ${layer4Size} * 2 * pi`,
  },
});
/** Positions in widths of a barrel. */
const grid = (side: number) => ({ x: `mod(i, ${2 * side}) / ${side}`, y: `floor(i / ${2 * side}) / ${side}` });
const excitatory = sim.population("excitatory", 4 * excitatorySide ** 2, layer23Neuron, {
  positions: grid(excitatorySide),
});
const inhibitory = sim.population("inhibitory", 4 * inhibitorySide ** 2, layer23Neuron, {
  positions: grid(inhibitorySide),
});
const forward = sim.connect(layer4, excitatory, {
  pattern: { condition: `floor(i / ${layer4Size}) == floor(x_post) + 2 * floor(y_post)`, probability: 0.5 },
  weight: `${0.5 * epsc} mV`,
  delay: "0 ms",
  synapse: learning,
});
const squared = "((x_pre - x_post)^2 + (y_pre - y_post)^2)";
const nearby = (target: "ge" | "gi", probability: string, weight: number) =>
  ({ pattern: { probability }, target, weight: `${weight} mV`, delay: "0.1 ms" }) as const;
const near = `0.15 * exp(-0.5 * ${squared} / 0.16)`;
const lateral = [
  sim.connect(excitatory, excitatory, nearby("ge", near, 5 * epsc)),
  sim.connect(excitatory, inhibitory, nearby("ge", near, 17 * epsc)),
];
const inhibition = sim.connect(inhibitory, excitatory, nearby("gi", `exp(-0.5 * ${squared} / 0.04)`, 16 * ipsc));
const spikes = [layer4, excitatory, inhibitory].map((cells) => sim.monitor.spikes(cells));
await sim.run("2 s");

// A neuron's selectivity: the mean of its inputs' directions as unit vectors, weighted.
const weights = sim.synapseState(forward, "weight").map((w) => w / epsc);
const [real, imaginary, incoming] = [0, 0, 0].map(() => new Float64Array(excitatory.size)) as [
  Float64Array,
  Float64Array,
  Float64Array,
];
for (const [s, { pre, post }] of [...forward.synapses()].entries()) {
  const angle = ((pre % layer4Size) / layer4Size) * 2 * Math.PI;
  real[post]! += weights[s]! * Math.cos(angle);
  imaginary[post]! += weights[s]! * Math.sin(angle);
  incoming[post]!++;
}
const mean = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => a + b) / numbers.length;
const selectivity = mean(real.map((x, n) => Math.hypot(x, imaginary[n]!) / incoming[n]!));
const center = mean(weights);
const deviation = Math.sqrt(mean(weights.map((w) => (w - center) ** 2)));
const sizes = `${forward.size} ${lateral[0]!.size + lateral[1]!.size} ${inhibition.size}`;
const rates = [layer4, excitatory, inhibitory].map((cells, k) => (spikes[k]!.count / 2 / cells.size).toFixed(3));
console.log(
  "| seed | synapses forward, lateral, inhibitory | rates of layer 4, excitatory, inhibitory (Hz) | | | mean weight | deviation | selectivity |",
);
console.log("|---|---|---|---|---|---|---|---|");
console.log(
  `| 1 | ${sizes} | ${rates.join(" | ")} | ${center.toFixed(4)} | ${deviation.toFixed(4)} | ${selectivity.toFixed(4)} |`,
);

const directions = real.map((x, n) => ((Math.atan2(imaginary[n]!, x) * 180) / Math.PI + 360) % 360);
const lines = [
  {
    name: "direction",
    x: Array.from({ length: excitatory.size }, (_, n) => n),
    y: [...directions].sort((a, b) => a - b),
  },
];
await saveFigure(
  "barrel-cortex",
  linePlot({
    title: "Preferred directions after 2 s",
    panels: [{ title: "direction (degrees)", xLabel: "neuron, in order", lines }],
  }),
);
