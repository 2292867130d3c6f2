// Astrocytes release a transmitter that lowers the release of synapses, and so turn depressing into facilitating synapses.
// M. Stimberg et al., in: Computational Glioscience (Springer 2019), figure 3; Brian2's example
// "frompapers/Stimberg_et_al_2018/example_3_io_synapse". Concentrations are numbers of umol/l.
import { defineNeuron, defineSynapse, exponentialEuler, rk4 } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const astrocyte = defineNeuron({
  name: "astrocyte",
  states: { ip3: { initial: 0.4 }, c: {}, h: { initial: 0.9 }, resources: { initial: 1 }, glio: {} },
  parameters: { bias: { value: 0, summary: "IP3 outside." } },
  derived: {
    production: "0.6 Hz / (1 + ip3 / 1.5) * c^2 / (c^2 + 0.1^2)",
    degradation: "4.5 Hz * c^4 / (c^4 + 0.7^4) * ip3 / (ip3 + 1)",
    exchange: "-1 Hz * (1 + tanh((abs(ip3 - bias) - 0.3) / 0.05)) * sign(ip3 - bias)",
    m: "ip3 / (ip3 + 0.13) * c / (c + 0.08)",
    q: "1.05 * (ip3 + 0.13) / (ip3 + 0.9434)",
  },
  dynamics: {
    ip3: "production - degradation - 0.05 Hz * ip3 + exchange",
    c: "(6 Hz * m^3 * h^3 + 0.1 Hz) * (2 - 1.18 * c) - 0.9 Hz * c^2 / (c^2 + 0.05^2)",
    h: "0.2 Hz * (q - (q + c) * h)",
    resources: "0.6 Hz * (1 - resources)",
    glio: "-60 Hz * glio",
  },
  integrator: rk4,
  // One release per rise of calcium above 0.5.
  refractory: "c > 0.5",
  spike: "c - 0.5",
  reset: {
    glio: "y > 0 ? glio + 130 * 0.6 * resources : glio",
    resources: "y > 0 ? resources - 0.6 * resources : resources",
  },
});
const controlled = defineSynapse({
  name: "controlled",
  summary: "Short-term plasticity whose first release falls with the receptors that an astrocyte's transmitter binds.",
  source: "M. Stimberg et al., in: Computational Glioscience (Springer 2019)",
  parameters: { glio: { value: 0, summary: "transmitter of the astrocyte that reaches the synapse" } },
  states: {
    transmitter: { summary: "concentration in the cleft" },
    bound: { summary: "fraction of receptors" },
    u: { summary: "utilization" },
    x: { summary: "resources" },
    released: { summary: "fraction of the last spike" },
  },
  dynamics: {
    transmitter: "-40 Hz * transmitter",
    bound: "1.5 Hz * glio * (1 - bound) - 0.5 / (60 s) * bound",
    u: "-3.33 Hz * u",
    x: "2 Hz * (1 - x)",
  },
  // Exact, because the astrocyte's transmitter is constant during a step.
  integrator: exponentialEuler,
  onPre: {
    u: "u + 0.6 * (1 - bound) * (1 - u)",
    released: "u * x",
    x: "x - released",
    transmitter: "transmitter + 2500 * released",
  },
});
const control = defineSynapse({
  name: "control",
  summary: "An astrocyte's transmitter reaches a synapse.",
  source: "M. Stimberg et al., in: Computational Glioscience (Springer 2019)",
  summed: { glio_post: "glio_pre" },
});

const times = [0, 50, 100, 150, 200, 300, 310, 320, 330, 340, 350, 360, 370, 380, 390, 400].map((t) => 16_500 + t);
const sim = simulation({ dt: "1 ms" });
const source = sim.source("source", 1, { spikes: times.map((time) => [`${time} ms`, 0]) });
const astrocytes = sim.population("astrocytes", 2, astrocyte, { parameters: { bias: [0.8, 1.25] } });
// Three synapses of the same neuron, which only release; no astrocyte reaches the first.
const synapses = sim.connect(source, source, { pattern: { pre: [0, 0, 0], post: [0, 0, 0] }, synapse: controlled });
sim.connect(astrocytes, synapses, { pattern: { condition: "j == i + 1" }, synapse: control });
const releases = sim.monitor.spikes(astrocytes);
const calcium = sim.monitor.state(astrocytes, "c");
const [released, bound] = [sim.monitor.synapses(synapses, "released"), sim.monitor.synapses(synapses, "bound")];
await sim.run("17.1 s");

const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log("| synapse | fractions released by the spikes 0, 1, 5, 10, 15 | bound at 16.5 s | final u | final x |");
console.log("|---|---|---|---|---|");
for (const s of [0, 1, 2]) {
  // A spike arrives one step after its time.
  const fractions = [0, 1, 5, 10, 15].map((k) => show(released.trace(s)[times[k]! + 1]!)).join(" ");
  const final = ["u", "x"].map((state) => show(sim.synapseState(synapses, state)[s]!)).join(" | ");
  console.log(`| ${s} | ${fractions} | ${show(bound.trace(s)[16_500]!)} | ${final} |`);
}
console.log("\n| astrocyte | releases (ms) | final calcium | final h | final IP3 | final resources |");
console.log("|---|---|---|---|---|---|");
releases.trains().forEach((train, a) => {
  const final = ["c", "h", "ip3", "resources"].map((state) => show(sim.state(astrocytes, state)[a]!)).join(" | ");
  console.log(`| ${a} | ${[...train].map((time) => time.toFixed(0)).join(" ")} | ${final} |`);
});

const astrocyteLines = [0, 1].map((a) => ({ name: `astrocyte ${a}`, x: [...calcium.times], y: [...calcium.trace(a)] }));
const releaseLines = ["no astrocyte", "astrocyte 0", "astrocyte 1"].map((name, s) => ({
  name,
  x: [...released.times.slice(16_500)],
  y: [...released.trace(s).slice(16_500)],
}));
const panels = [
  { title: "calcium (umol/l)", xLabel: "time (ms)", lines: astrocyteLines },
  { title: "fraction released", xLabel: "time (ms)", lines: releaseLines },
];
await saveFigure("gliotransmission", linePlot({ title: "Astrocytes control synapses", panels }));
