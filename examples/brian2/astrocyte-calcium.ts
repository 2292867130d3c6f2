// The transmitter of a synapse drives calcium oscillations in astrocytes, one without noise and twenty with multiplicative
// noise in their channels. M. Stimberg et al., in: Computational Glioscience (Springer 2019), figure 2; Brian2's example
// "frompapers/Stimberg_et_al_2018/example_2_gchi_astrocyte". Concentrations are numbers of umol/l.
import { defineNeuron, defineSynapse, exponentialEuler, forwardEuler, milstein } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const clock = defineNeuron({
  name: "clock",
  states: { phase: {} },
  dynamics: { phase: "0.5 Hz" },
  integrator: forwardEuler,
  spike: "phase - 1",
  reset: { phase: "y > 0 ? 0 : phase" },
});
const astrocyte = defineNeuron({
  name: "astrocyte",
  states: { bound: {}, ip3: {}, c: {}, h: { initial: 0.9 } },
  parameters: {
    transmitter: { value: 0, summary: "Concentration outside the cell." },
    noise: { value: 0, summary: "Size of the noise." },
  },
  derived: {
    production: "0.2 Hz / (1 + ip3 / 1.5) * c^2 / (c^2 + 0.3^2)",
    degradation: "4.5 Hz * c^4 / (c^4 + 0.5^4) * ip3 / (ip3 + 1)",
    exchange: "-0.045 Hz * (1 + tanh((abs(ip3) - 0.3) / 0.05)) * sign(ip3)",
    open: "clip(h, 0, 1)",
    m: "ip3 / (ip3 + 0.13) * c / (c + 0.08)",
    q: "1.05 * (ip3 + 0.13) / (ip3 + 0.9434)",
    tau: "1 / (0.2 Hz * (q + c))",
  },
  dynamics: {
    bound: "0.3 Hz * transmitter * (1 - bound) - 0.5 Hz * (1 + 10 * c / (c + 0.5)) * bound",
    ip3: "5 Hz * bound + production - degradation - 0.1 Hz * ip3 + exchange",
    c: "(6 Hz * m^3 * open^3 + 0.1 Hz) * (2 - 1.18 * c) - 0.9 Hz * c^2 / (c^2 + 0.1^2)",
    h: "(q / (q + c) - open) / tau * (1 + noise * xi * tau^0.5)",
  },
  integrator: milstein,
  output: "c",
});
const cleft = defineSynapse({
  name: "cleft",
  summary: "Transmitter that a spike releases and the cleft clears.",
  source: "M. Stimberg et al., in: Computational Glioscience (Springer 2019)",
  states: { released: { summary: "concentration" } },
  dynamics: { released: "-40 Hz * released" },
  integrator: exponentialEuler,
  onPre: { released: "released + 500" },
  summed: { transmitter_post: "released" },
});

const sim = simulation({ dt: "1 ms", seed: 1 });
const source = sim.population("source", 1, clock);
const astrocytes = sim.population("astrocytes", 21, astrocyte, { parameters: { noise: "min(i, 1)" } });
sim.connect(source, astrocytes, { pattern: "all-to-all", weight: 0, synapse: cleft });
const record = (state: string) => sim.monitor.state(astrocytes, state);
const [c, h, ip3, bound] = [record("c"), record("h"), record("ip3"), record("bound")];
await sim.run("30 s");

console.log("| s | calcium | h | IP3 | receptors bound |\n|---|---|---|---|---|");
for (const time of [5, 10, 15, 20, 25, 29.999]) {
  const row = [c, h, ip3, bound].map((monitor) => Number(monitor.trace(0)[Math.round(1000 * time)]!.toPrecision(6)));
  console.log(`| ${time} | ${row.join(" | ")} |`);
}
const mean = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => a + b) / numbers.length;
const noisy = Array.from({ length: 20 }, (_, k) => k + 1);
const rises = (astrocyte: number): number =>
  c.trace(astrocyte).filter((value, k, trace) => k > 0 && value >= 0.4 && trace[k - 1]! < 0.4).length;
const calcium = noisy.flatMap((a) => [...c.trace(a)]);
const center = mean(calcium);
const deviation = Math.sqrt(mean(calcium.map((value) => (value - center) ** 2)));
console.log(
  `\n20 astrocytes with noise: ${mean(noisy.map(rises)).toFixed(2)} rises of calcium above 0.4 each, ` +
    `mean ${center.toFixed(4)}, deviation ${deviation.toFixed(4)}, ` +
    `mean h ${mean(noisy.map((a) => mean(h.trace(a)))).toFixed(4)}; without noise ${rises(0)} rises`,
);

const lines = [0, 1].map((a) => ({ name: ["no noise", "noise"][a]!, x: [...c.times], y: [...c.trace(a)] }));
const panel = { title: "calcium (umol/l)", xLabel: "time (ms)", lines };
await saveFigure("astrocyte-calcium", linePlot({ title: "Calcium oscillations of astrocytes", panels: [panel] }));
