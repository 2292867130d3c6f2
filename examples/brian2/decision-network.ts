// Two pools of neurons compete for a decision through slow recurrent excitation and shared inhibition.
// X.-J. Wang, Neuron 36 (2002) 955-968; Brian2's example "frompapers/Wang_2002", here with 400 instead of 2,000 neurons
// and for 2 s.
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const membrane = {
  states: {
    v: { unit: "mV", initial: "-52 mV" },
    ampa: { unit: "nS" },
    gaba: { unit: "nS" },
    external: { unit: "nS" },
  },
  parameters: { nmda: { value: 0, summary: "Weighted sum of the open NMDA channels." } },
  dynamics: { ampa: "-ampa / (2 ms)", gaba: "-gaba / (5 ms)", external: "-external / (2 ms)" },
  unlessRefractory: ["v"],
  integrator: forwardEuler,
  spike: "v + 50 mV",
  reset: { v: "y > 0 ? -55 mV : v" },
};
/** Current in pA, with the block of NMDA channels by magnesium. */
const current = (leak: string, nmda: string): string =>
  `${leak} * (-70 mV - v) - (ampa + external) * v - gaba * (v + 70 mV)` +
  ` - ${nmda} * nmda * v / (1 + exp(-0.062 * v / (1 mV)) / 3.57)`;
const pyramidal = defineNeuron({
  ...membrane,
  name: "pyramidal",
  states: { ...membrane.states, open: {}, x: {} },
  dynamics: {
    ...membrane.dynamics,
    v: `(${current("25 nS", "0.825 nS")}) / (0.5 nF)`,
    open: "-open / (100 ms) + 0.5 kHz * x * (1 - open)",
    x: "-x / (2 ms)",
  },
  // Brian2's periods of 2 ms and 1 ms hold one step fewer.
  refractory: "1.9 ms",
});
const interneuron = defineNeuron({
  ...membrane,
  name: "interneuron",
  dynamics: { ...membrane.dynamics, v: `(${current("20 nS", "0.65 nS")}) / (0.2 nF)` },
  refractory: "0.9 ms",
});
const pool = defineNeuron({
  name: "pool",
  states: { open: {} },
  parameters: { total: { value: 0, summary: "Open NMDA channels of all neurons of the pool." } },
  update: { open: "total" },
  output: "open",
});
const stimulus = defineNeuron({
  name: "stimulus",
  states: { rate: { unit: "Hz" } },
  update: { rate: "rate" },
  spike: "rate * dt - rand()",
});
const sum = defineSynapse({
  name: "sum",
  summary: "Adds up the open channels of a pool.",
  source: "X.-J. Wang, Neuron 36 (2002) 955-968",
  summed: { total_post: "open_pre" },
});
const spread = defineSynapse({
  name: "spread",
  summary: "Weighs the sum of a pool.",
  source: "X.-J. Wang, Neuron 36 (2002) 955-968",
  summed: { nmda_post: "weight * open_pre" },
});

/** Relative strength of synapses from pool `from`: strong within a pool, weak between pools, 1 to neurons without one. */
const strength = (from: string): string => `(pool_post == 2 ? 1 : ${from} == pool_post ? 1.7 : 1 - 0.15 * 0.7 / 0.85)`;

const names = ["pool 1", "pool 2", "rest", "inhibitory"];
const sizes = [48, 48, 224, 80];
const windows = [
  [100, 500],
  [500, 1000],
  [1000, 1500],
  [1500, 2000],
] as const;
console.log("| seed | population | rate in 0.1-0.5 s (Hz) | 0.5-1 s | 1-1.5 s | 1.5-2 s |\n|---|---|---|---|---|---|");
let figure = "";
for (const seed of [1, 2, 3]) {
  const sim = simulation({ seed });
  const cells = sim.population("cells", 320, pyramidal, { positions: { pool: "min(floor(i / 48), 2)" } });
  const inhibitory = sim.population("inhibitory", 80, interneuron);
  const pools = sim.population("pools", 3, pool);
  // Brian2's delay of 0.5 ms acts one step later.
  const all = { pattern: "all-to-all", delay: "0.6 ms" } as const;
  sim.connect(cells, cells, { ...all, target: "ampa", weight: `0.25 nS * ${strength("pool_pre")}` });
  sim.connect(cells, inhibitory, { ...all, target: "ampa", weight: "0.2 nS" });
  sim.connect(inhibitory, cells, { ...all, target: "gaba", weight: "6.5 nS" });
  sim.connect(inhibitory, inhibitory, { ...all, target: "gaba", weight: "5 nS" });
  // The channels belong to the presynaptic neuron, so that each pool needs one sum.
  sim.connect(cells, cells, { pattern: "one-to-one", delay: "0.6 ms", target: "x", weight: 1 });
  sim.connect(cells, pools, { pattern: { condition: "pool_pre == j" }, weight: 1, synapse: sum });
  sim.connect(pools, cells, { pattern: "all-to-all", weight: strength("i"), synapse: spread });
  sim.connect(pools, inhibitory, { pattern: "all-to-all", weight: 1, synapse: spread });
  sim.input(cells, { poisson: { rate: "2.4 kHz", weight: "2.1 nS", target: "external" } });
  sim.input(inhibitory, { poisson: { rate: "2.4 kHz", weight: "1.62 nS", target: "external" } });
  const stimuli = [0, 1].map((k) => {
    const source = sim.population(`stimulus ${k + 1}`, 48, stimulus);
    const one = { pattern: "one-to-one", target: "external", weight: "2.1 nS", delay: "0.1 ms" } as const;
    sim.connect(source, cells.slice(48 * k, 48 * (k + 1)), one);
    return source;
  });
  const parts = [cells.slice(0, 48), cells.slice(48, 96), cells.slice(96), inhibitory];
  const spikes = parts.map((part) => sim.monitor.spikes(part));

  await sim.run("500 ms");
  // Every 50 ms each source draws a rate; the first pool gets the stronger stimulus.
  const ends = ["45.12 Hz", "34.88 Hz"].map((rate, k) =>
    sim.runRegularly(stimuli[k]!, { rate: `${rate} + 4 Hz * randn()` }, { every: "50 ms" }),
  );
  await sim.run("1 s");
  for (const end of ends) end();
  for (const source of stimuli) sim.set(source, "rate", "0 Hz");
  await sim.run("500 ms");

  const rate = (times: Float64Array, from: number, to: number, size: number): number =>
    times.filter((time) => time > from - 0.05 && time < to - 0.05).length / (size * (to - from) * 1e-3);
  spikes.forEach(({ times }, k) => {
    const rates = windows.map(([from, to]) => rate(times, from, to, sizes[k]!).toFixed(2));
    console.log(`| ${seed} | ${names[k]} | ${rates.join(" | ")} |`);
  });
  const x = Array.from({ length: 40 }, (_, k) => 50 * k);
  const lines = [0, 1].map((k) => ({ name: names[k]!, x, y: x.map((t) => rate(spikes[k]!.times, t, t + 50, 48)) }));
  const panel = { title: "rate (Hz)", xLabel: "time (ms)", lines };
  figure ||= linePlot({ title: "A decision between two pools", panels: [panel] });
}
await saveFigure("decision-network", figure);
