/** Neurons to start from; their texts are arguments of `defineNeuron`. */
export const PRESETS = {
  adex: `{
  name: "adaptive-exponential",
  input: { unit: "pA" },
  states: {
    v: { unit: "mV", initial: "rest" },
    w: { unit: "pA" },
  },
  parameters: {
    C: { value: "281 pF" },
    leak: { value: "30 nS" },
    rest: { value: "-70.6 mV" },
    threshold: { value: "-50.4 mV" },
    slope: { value: "2 mV" },
    peak: { value: "0 mV" },
    tauW: { value: "144 ms" },
    a: { value: "4 nS" },
    b: { value: "80.5 pA" },
  },
  dynamics: {
    v: "(leak * (rest - v) + leak * slope * exp((min(v, peak) - threshold) / slope) - w + I) / C",
    w: "(a * (v - rest) - w) / tauW",
  },
  spike: "(v - peak) / slope",
  reset: {
    v: "y > 0 ? rest : v",
    w: "w + b * y",
  },
}`,
  lif: `{
  name: "leaky-integrate-and-fire",
  input: { unit: "pA" },
  states: {
    v: { unit: "mV", initial: "rest" },
  },
  parameters: {
    tau: { value: "20 ms" },
    rest: { value: "-65 mV" },
    threshold: { value: "-50 mV" },
    R: { value: "30 MOhm" },
  },
  dynamics: {
    v: "(rest - v + R * I) / tau",
  },
  spike: "(v - threshold) / (threshold - rest)",
  reset: {
    v: "v + (rest - v) * y",
  },
}`,
  izhikevich: `{
  // E. Izhikevich, IEEE Transactions on Neural Networks 14 (2003); 1 mV of input is 50 pA here.
  name: "izhikevich",
  input: { unit: "pA" },
  states: {
    v: { unit: "mV", initial: "c" },
    u: { unit: "mV", initial: "b * c" },
  },
  parameters: {
    a: { value: 0.02 },
    b: { value: 0.2 },
    c: { value: "-65 mV" },
    d: { value: "8 mV" },
    peak: { value: "30 mV" },
    R: { value: "20 MOhm" },
  },
  dynamics: {
    v: "(0.04 * v^2 / mV + 5 * v + 140 * mV - u + R * I) / ms",
    u: "a * (b * v - u) / ms",
  },
  spike: "(v - peak) / mV",
  reset: {
    v: "y > 0 ? c : v",
    u: "u + d * y",
  },
}`,
} as const;
