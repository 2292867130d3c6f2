import { simulateSynapses } from "spikevine";
import { bioAdamDynamics, defineSynapse, type SynapseSpec } from "spikevine/plasticity";
import { DURATION, readGradient, type SynapseSettings } from "../../synapse/settings.js";

export type GradientJob = Pick<SynapseSettings, "tauM" | "tauRho" | "rhoRest" | "gradient">;

/** Values over time `[times]`. */
export interface GradientResult {
  readonly times: Float64Array;
  readonly gradient: Float64Array;
  readonly mPlus: Float64Array;
  readonly mMinus: Float64Array;
  readonly m: Float64Array;
  readonly rho: Float64Array;
  readonly momentum: Float64Array;
  /** Mean square of the gradient, and the factor 1 / sqrt of it. */
  readonly factor: Float64Array;
}

const STEP_MS = 2;
/** Keeps the factor of RMSprop finite, as rhoRest keeps rho. */
const epsilonOf = (rhoRest: number): number => 1 / rhoRest;

/** Momentum and RMSprop in continuous time, with the same time constants. */
const momentumAndRmsprop = defineSynapse({
  name: "momentum-and-rmsprop",
  summary: "Momentum and the mean square of RMSprop in continuous time.",
  source: "B. Polyak, USSR Computational Mathematics 4 (1964); T. Tieleman and G. Hinton, Coursera lecture 6.5 (2012)",
  signal: { symbol: "gradient", summary: "gradient of the loss by the weight" },
  parameters: { tauM: { value: "10 ms" }, tauRho: { value: "1000 ms" } },
  states: { momentum: {}, square: {} },
  dynamics: { momentum: "(gradient - momentum) / tauM", square: "(gradient * gradient - square) / tauRho" },
});

/** Runs Bio-Adam beside momentum and RMSprop on a drawn gradient. */
export async function gradientLab({ tauM, tauRho, rhoRest, gradient }: GradientJob): Promise<GradientResult> {
  const drawn = readGradient(gradient);
  const signal = (t: number): number => drawn[Math.min(drawn.length - 1, Math.floor((t / DURATION) * drawn.length))]!;
  const run = { dt: STEP_MS, duration: DURATION, signal };
  const times = { tauM: `${tauM} ms`, tauRho: `${tauRho} ms` };
  const bio = simulateSynapses(bioAdamDynamics({ ...times, rhoRest, mRest: 1 }), run);
  const others = simulateSynapses(momentumAndRmsprop, { ...run, parameters: times });
  return {
    times: bio.times,
    gradient: bio.times.map(signal),
    mPlus: bio.values.mPlus!,
    mMinus: bio.values.mMinus!,
    m: bio.values.m!,
    rho: bio.values.rho!,
    momentum: others.values.momentum!,
    factor: others.values.square!.map((square) => 1 / (Math.sqrt(square) + epsilonOf(rhoRest))),
  };
}

export interface StdpJob extends Pick<SynapseSettings, "pairs" | "frequency"> {
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface StdpResult {
  /** Time of the postsynaptic spike after the presynaptic one, ms. */
  readonly lags: Float64Array;
  /** Change of the weight by all pairs. */
  readonly changes: Float64Array;
}

const LARGEST_LAG = 80;
const LAG_MS = 2;
const DT_MS = 0.5;
const WEIGHT = 0.5;

/** The change of a weight by pairs of spikes, for every lag: one synapse each. */
export async function stdpLab({ spec, pairs, frequency }: StdpJob): Promise<StdpResult> {
  const rule = defineSynapse(spec as unknown as SynapseSpec);
  const lags = Float64Array.from({ length: (2 * LARGEST_LAG) / LAG_MS + 1 }, (_, i) => i * LAG_MS - LARGEST_LAG);
  const period = 1000 / frequency;
  const starts = Array.from({ length: pairs }, (_, k) => LARGEST_LAG + k * period);
  const steps = Math.ceil((2 * LARGEST_LAG + pairs * period) / DT_MS);
  const { values } = simulateSynapses(rule, {
    dt: DT_MS,
    duration: steps * DT_MS,
    synapses: lags.length,
    weight: WEIGHT,
    pre: Array.from(lags, () => starts),
    post: Array.from(lags, (lag) => starts.map((start) => start + lag)),
    record: ["weight"],
    every: steps,
  });
  const weights = values.weight!.subarray(lags.length);
  return { lags, changes: Float64Array.from(weights, (weight) => weight - WEIGHT) };
}
