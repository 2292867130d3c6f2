import type { Tape } from "./tape.js";

/** The slope that stands for the derivative of a spike, from the papers of the surrogates; its jumps are reported to `tape`. */
export type Slope = (z: number, tape: Tape) => number;

/** By name, with the parameters that the test gives them. */
export const SLOPES = {
  tanhDerivative: { parameters: {}, slope: (z) => 1 - Math.tanh(z) ** 2 },
  fastSigmoid: { parameters: { slope: 6 }, slope: (z) => 1 / (1 + 6 * Math.abs(z)) ** 2 },
  arctan: { parameters: { slope: 3 }, slope: (z) => 1.5 / (1 + (1.5 * Math.PI * z) ** 2) },
  triangle: { parameters: { height: 0.7, width: 0.8 }, slope: (z) => 0.7 * Math.max(0, 1 - Math.abs(z) / 0.8) },
  boxcar: {
    parameters: { height: 1.2, width: 0.45 },
    slope: (z, tape) => {
      tape.near(Math.abs(z) - 0.45);
      return Math.abs(z) < 0.45 ? 1.2 : 0;
    },
  },
} as const satisfies Readonly<Record<string, { parameters: Readonly<Record<string, number>>; slope: Slope }>>;

export type SurrogateName = keyof typeof SLOPES;
