import { writeFile } from "node:fs/promises";
import { bioAdamDynamics, simulateSynapses } from "spikevine";
import { linePlot } from "spikevine/plots";

// The gradient that the synapse receives: 0, 0.3, 0, -0.7, 0, each for 20 s.
const gradients = [0, 0.3, 0, -0.7, 0];
const gradient = (ms: number) => gradients[Math.min(4, Math.floor(ms / 20_000))]!;

const { times, values } = simulateSynapses(bioAdamDynamics({ tauM: "1 s", tauRho: "1 s", rhoRest: 1 }), {
  dt: "1 ms",
  duration: "100 s",
  signal: gradient,
  every: 100,
});

gradients.forEach((g, slice) => {
  const end = 200 * (slice + 1);
  const rest = 1 / (1 + Math.abs(g));
  console.log(
    `gradient ${g}: m ${(Math.round(1000 * values.m![end]!) / 1000 + 0).toFixed(3)}, rho ${values.rho![end]!.toFixed(3)}; 1 / (1 + |g|) is ${rest.toFixed(3)}`,
  );
});

const x = times.map((ms) => ms / 1000);
const line = (name: string, y: Float64Array) => ({ name, x, y });
const panel = (title: string, lines: ReturnType<typeof line>[]) => ({ title, xLabel: "time (s)", lines });
const panels = [
  panel("Gradient", [line("g", times.map(gradient))]),
  panel("The two substances", [line("m+", values.mPlus!), line("m-", values.mMinus!)]),
  panel("Mean gradient m", [line("m", values.m!)]),
  panel("Resource rho", [line("rho", values.rho!)]),
];
await writeFile("bio-adam-synapse.svg", linePlot({ title: "A synapse of Bio-Adam", panels }));
