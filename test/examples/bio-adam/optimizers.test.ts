import { describe, expect, it } from "vitest";
import { DEFAULT_CONSTANTS, type OPTIMIZERS, optimizerOf } from "#spikevine/examples/bio-adam/optimizers";

/** A weight after two updates by the same gradient, from 0, and the parameters of the optimizer. */
const valuesOf = (optimizer: (typeof OPTIMIZERS)[number]): Record<string, number> => {
  const { parameters } = optimizerOf({ ...DEFAULT_CONSTANTS, tauM: 5, tauRho: 100, optimizer, learningRate: 0.01 });
  return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
};

describe("the optimizers of the Bio-Adam paper", () => {
  it("have the same memories: a decay of 1 - 1 / tau, and an epsilon of 1 / rho_rest", () => {
    const close = (value: number) => expect.closeTo(value, 12);
    expect(valuesOf("SGD, momentum")).toEqual({ learningRate: 0.01, momentum: close(0.8) });
    expect(valuesOf("RMSprop")).toEqual({ learningRate: 0.01, decay: close(0.99), epsilon: close(1e-6) });
    expect(valuesOf("Adam")).toMatchObject({ beta1: close(0.8), beta2: close(0.99), epsilon: close(1e-6) });
    expect(valuesOf("Bio-Adam")).toMatchObject({ tauM: 5, tauRho: 100, rhoRest: 1e6, learningRate: 0.01 });
  });
});
