import { DURATION, readGradient } from "./settings.js";
import { settings } from "./state.js";

/** The script that runs Bio-Adam on the drawn gradient and finds the STDP curve. */
export function synapseCode(): string {
  const { tauM, tauRho, rhoRest, gradient, text, pairs, frequency } = settings.value;
  const drawn = readGradient(gradient).map((value) => Number(value.toFixed(3)));
  return `import { simulateSynapses } from "spikevine";
import { bioAdamDynamics, defineSynapse } from "spikevine/plasticity";

const drawn = [${drawn.join(", ")}];
const synapse = bioAdamDynamics({ tauM: "${tauM} ms", tauRho: "${tauRho} ms", rhoRest: ${rhoRest}, mRest: 1 });
const { values } = simulateSynapses(synapse, {
  dt: 2,
  duration: ${DURATION},
  signal: (t) => drawn[Math.min(drawn.length - 1, Math.floor((t / ${DURATION}) * drawn.length))],
});
console.log("m and rho at the end", values.m.at(-1), values.rho.at(-1));

const rule = defineSynapse(${text});
const lags = Array.from({ length: 81 }, (_, i) => 2 * i - 80);
const starts = Array.from({ length: ${pairs} }, (_, k) => 80 + (k * 1000) / ${frequency});
const steps = Math.ceil((160 + (${pairs} * 1000) / ${frequency}) / 0.5);
const { values: pairing } = simulateSynapses(rule, {
  dt: 0.5,
  duration: steps * 0.5,
  synapses: lags.length,
  weight: 0.5,
  pre: lags.map(() => starts),
  post: lags.map((lag) => starts.map((start) => start + lag)),
  record: ["weight"],
  every: steps,
});
lags.forEach((lag, i) => console.log("lag", lag, "ms: change", pairing.weight[lags.length + i] - 0.5));
`;
}
