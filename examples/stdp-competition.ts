// Competition between synapses by STDP (S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000) 919-926): Poisson inputs onto
// one integrate-and-fire neuron; the weights separate until most are near 0 or near the maximum.
// As published: 1,000 excitatory inputs with conductances up to 0.015 and 200 inhibitory ones of 0.05 at 10 Hz (in units of the leak,
// here 10 nS); tau 20 ms, rest -70 mV, threshold -54 mV, reset -60 mV, reversal 0 and -70 mV, synapses 5 ms; windows of 20 ms, A+ 0.005,
// A-/A+ 1.05. Reduced: the time, 300 s with steps of 0.2 ms, after which some weights are still between the two groups.
// Options: --inputs 1000 --rate "15 Hz" --duration "300 s" --dt "0.2 ms" --seed 1 --out DIR; with fewer inputs, each is
// stronger by the same factor.
import { parseArgs } from "node:util";
import { cobaLif } from "spikevine/neurons";
import { stdp } from "spikevine/plasticity";
import { linePlot } from "spikevine/plots";
import { simulation, uniform } from "spikevine/simulation";
import { saveFigure } from "./settings.js";

const text = (usual: string) => ({ type: "string", default: usual }) as const;
const { values: flags } = parseArgs({
  options: {
    inputs: text("1000"),
    duration: text("300 s"),
    rate: text("15 Hz"),
    dt: text("0.2 ms"),
    seed: text("1"),
    out: { type: "string" },
  },
});
const inputs = Number(flags.inputs);
const largest = 150 / inputs;

const sim = simulation({ dt: flags.dt, seed: Number(flags.seed) });
const synapses = { tauE: "5 ms", tauI: "5 ms", excitation: "0 mV", inhibition: "-70 mV" };
const membrane = { rest: "-70 mV", threshold: "-54 mV", reset: "-60 mV", refractory: "0 ms" };
const cell = sim.population("cell", 1, cobaLif({ capacitance: "200 pF", leak: "10 nS", ...membrane, ...synapses }));
const excitatory = sim.source("excitatory", inputs, { poisson: flags.rate });
const plastic = sim.connect(excitatory, cell, {
  pattern: "all-to-all",
  target: "ge",
  weight: uniform("0 nS", `${largest} nS`),
  synapse: stdp({ unit: "nS", maxWeight: `${largest} nS`, aPlus: 0.005, aMinus: 0.00525 }),
});
sim.input(cell, { poisson: { rate: "2 kHz", weight: "0.5 nS", target: "gi" } });
const rate = sim.monitor.rate(cell, { bin: "1 s" });
const before = sim.synapseState(plastic, "weight");
const { seconds } = await sim.run(flags.duration);
const after = sim.synapseState(plastic, "weight");

const fraction = (from: number, to: number, weights: Float64Array): number =>
  weights.filter((w) => w / largest >= from && (w / largest < to || to === 1)).length / inputs;
console.log(`| weights, as fractions of the maximum | at the start | after ${flags.duration} |\n|---|---|---|`);
for (const [from, to] of [[0, 0.2] as const, [0.2, 0.8] as const, [0.8, 1] as const]) {
  console.log(
    `| ${from} to ${to} | ${fraction(from, to, before).toFixed(3)} | ${fraction(from, to, after).toFixed(3)} |`,
  );
}
console.log(
  `\n${inputs} inputs at ${flags.rate}; the cell fires at ${rate.mean.toFixed(1)} Hz; ${seconds.toFixed(1)} s`,
);

/** The outline of a histogram: both corners of every bar. */
const outline = (name: string, weights: Float64Array) => {
  const bars = Array.from(
    { length: 20 },
    (_, k) => [k / 20, weights.filter((w) => Math.min(19, Math.floor((20 * w) / largest)) === k)] as const,
  );
  const points = bars.flatMap(([left, { length }]) =>
    [left, left + 0.05].map((x) => [x, (100 * length) / inputs] as const),
  );
  return { name, x: points.map(([x]) => x), y: points.map(([, y]) => y) };
};
const lines = [{ ...outline("at the start", before), dashed: true }, outline(`after ${flags.duration}`, after)];
const panel = { title: "Fraction of the synapses (%)", xLabel: "weight, as a fraction of the maximum", lines };
await saveFigure("stdp-competition", linePlot({ title: "Synapses compete under STDP", panels: [panel] }));
