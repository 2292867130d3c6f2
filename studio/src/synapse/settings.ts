export interface SynapseSettings {
  /** ms */
  readonly tauM: number;
  readonly tauRho: number;
  readonly rhoRest: number;
  /** The gradient: one letter per value, of `LETTERS`. */
  readonly gradient: string;
  /** Definition for the STDP curve, an argument of `defineSynapse`. */
  readonly text: string;
  /** Pairs of spikes and their frequency, Hz. */
  readonly pairs: number;
  readonly frequency: number;
}

/** Values of the drawn gradient. */
export const POINTS = 60;
/** Time over which the gradient is drawn, ms. */
export const DURATION = 3000;
/** Largest size of the gradient. */
export const LARGEST = 1;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

export const writeGradient = (values: readonly number[]): string =>
  values.map((value) => LETTERS[Math.round(((value / LARGEST + 1) / 2) * (LETTERS.length - 1))]).join("");

/** @returns `POINTS` values; zeros for a text of another form */
export function readGradient(text: string): number[] {
  const values = [...text].map((letter) => ((2 * LETTERS.indexOf(letter)) / (LETTERS.length - 1) - 1) * LARGEST);
  const isWhole = values.length === POINTS && !/[^\w]/.test(text);
  return isWhole ? values.map((value) => (Math.abs(value) < 1e-9 ? 0 : value)) : new Array<number>(POINTS).fill(0);
}

const stepped = Array.from({ length: POINTS }, (_, i) => (i < 8 ? 0 : i < 24 ? 0.6 : i < 36 ? 0 : i < 48 ? -0.9 : 0.2));

export const RULES = {
  pair: `{
  name: "pair-stdp",
  summary: "Every pair of spikes changes the weight by its lag.",
  source: "S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000)",
  parameters: {
    tauPlus: { value: "20 ms" },
    tauMinus: { value: "20 ms" },
    aPlus: { value: 0.005 },
    aMinus: { value: 0.00525 },
  },
  states: { pre: {}, post: {} },
  dynamics: {
    pre: "-pre / tauPlus",
    post: "-post / tauMinus",
  },
  onPre: {
    weight: "weight - aMinus * post",
    pre: "pre + 1",
  },
  onPost: {
    weight: "weight + aPlus * pre",
    post: "post + 1",
  },
}`,
  triplet: `{
  name: "triplet-stdp",
  summary: "Minimal triplet rule, as fitted to visual cortex.",
  source: "J.-P. Pfister and W. Gerstner, J. Neuroscience 26 (2006)",
  parameters: {
    tauPlus: { value: "16.8 ms" },
    tauMinus: { value: "33.7 ms" },
    tauY: { value: "114 ms" },
    aMinus: { value: 0.0071 },
    aTriplet: { value: 0.0065 },
  },
  states: { r: {}, o: {}, slow: {} },
  dynamics: {
    r: "-r / tauPlus",
    o: "-o / tauMinus",
    slow: "-slow / tauY",
  },
  onPre: {
    weight: "weight - aMinus * o",
    r: "r + 1",
  },
  onPost: {
    weight: "weight + aTriplet * r * slow",
    o: "o + 1",
    slow: "slow + 1",
  },
}`,
} as const;

export const SYNAPSE_DEFAULTS: SynapseSettings = {
  tauM: 100,
  tauRho: 600,
  rhoRest: 10,
  gradient: writeGradient(stepped),
  text: RULES.pair,
  pairs: 60,
  frequency: 1,
};

export const SYNAPSE_LIMITS = {
  tauM: { least: 5, most: 1000 },
  tauRho: { least: 10, most: 3000 },
  rhoRest: { least: 1, most: 10000 },
  pairs: { least: 1, most: 200 },
  frequency: { least: 0.1, most: 100 },
};
