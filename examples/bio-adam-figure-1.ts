// Figure 1 of Yang and Li 2022 (arXiv 2212.09440): a synapse of Bio-Adam under a gradient of 0, 0.3, 0, -0.7, 0, each for
// 20 s; tau_m = tau_rho = 1000 ms, rho_rest = 1. For comparison: momentum and RMSprop's scale in continuous time.
import {
  bioAdamDynamics,
  defineSynapse,
  exponentialEuler,
  forwardEuler,
  semiImplicit,
  simulateSynapses,
} from "spikevine";
import { type Line, linePlot } from "spikevine/plots";
import { saveFigure } from "./settings.js";

const GRADIENTS = [0, 0.3, 0, -0.7, 0];
const AT_ENDS = [1, 0.7692, 1, 0.5882, 1];
const signal = (t: number): number => GRADIENTS[Math.min(4, Math.floor(t / 20_000))]!;
const protocol = { dt: "1 ms", duration: "100 s", signal } as const;

const optimizers = defineSynapse({
  name: "momentum-and-rmsprop",
  summary: "Running means of the gradient and of its square.",
  source: "the continuous time of momentum and of RMSprop (Tieleman and Hinton 2012)",
  signal: { symbol: "gradient", summary: "gradient of the loss by the weight" },
  parameters: {
    tau: { value: "1000 ms", min: 0, exclusiveMin: true, summary: "time constant" },
    epsilon: { value: 1, min: 0, exclusiveMin: true, summary: "1 / rho_rest" },
  },
  states: { momentum: { summary: "mean gradient" }, v: { summary: "mean squared gradient" } },
  dynamics: { momentum: "(gradient - momentum) / tau", v: "(gradient^2 - v) / tau" },
  derived: { scale: { equation: "1 / (sqrt(v) + epsilon)", summary: "RMSprop's scale of a step" } },
});

const bioAdam = (integrator: typeof semiImplicit) =>
  simulateSynapses(bioAdamDynamics({ tauM: "1000 ms", tauRho: "1000 ms", rhoRest: 1, integrator }), protocol);
const exact = bioAdam(exponentialEuler);
const others = simulateSynapses(optimizers, protocol).values;
const errorOfRho = ({ values }: typeof exact): number =>
  values.rho!.reduce((worst, rho, i) => Math.max(worst, Math.abs(rho - exact.values.rho![i]!)), 0);
const largestDifference = exact.values.rho!.reduce(
  (most, rho, i) => Math.max(most, Math.abs(rho - others.scale![i]!)),
  0,
);

console.log("| rho at the end of slice | closed form | here, exact | here, eq. 17 |\n|---|---|---|---|");
const eq17 = bioAdam(semiImplicit);
GRADIENTS.forEach((gradient, i) => {
  const [ours, semi] = [exact, eq17].map(({ values }) => values.rho![20_000 * (i + 1)]!.toFixed(4));
  console.log(`| ${i + 1} (gradient ${gradient}) | ${AT_ENDS[i]} | ${ours} | ${semi} |`);
});
console.log("\n| largest difference over 100 s at dt 1 ms | here |\n|---|---|");
console.log(`| rho by eq. 17, from the exact solution | ${errorOfRho(eq17).toExponential(1)} |`);
console.log(
  `| rho by forward Euler, from the exact solution | ${errorOfRho(bioAdam(forwardEuler)).toExponential(1)} |`,
);
console.log(`| rho from RMSprop's 1 / (sqrt(v) + eps) | ${largestDifference.toFixed(3)} |`);

// One point per 100 ms is enough for the plot.
const seen = exact.times.filter((_, i) => i % 100 === 0).map((t) => t / 1000);
const line = (name: string, values: Float64Array, dashed = false): Line => ({
  name,
  x: seen,
  y: values.filter((_, i) => i % 100 === 0),
  dashed,
});
const { mPlus, mMinus, m, rho } = exact.values;
const panel = (title: string, ...lines: Line[]) => ({ title, xLabel: "time (s)", lines });
await saveFigure(
  "bio-adam-figure-1",
  linePlot({
    title: "Bio-Adam in continuous time, momentum and RMSprop",
    panels: [
      panel("Gradient", line("g", exact.times.map(signal))),
      panel("The two substances", line("m+", mPlus!), line("m-", mMinus!)),
      panel("Their half difference", line("m", m!), line("momentum", others.momentum!, true)),
      panel("Scale of a step", line("rho", rho!), line("RMSprop, 1 / (sqrt(v) + eps)", others.scale!, true)),
    ],
  }),
);
