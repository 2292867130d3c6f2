import type { ParameterSpec } from "../src/equations/definitions/parameters.js";
import type { StateSpec } from "../src/equations/definitions/state-spec.js";

/**
 * An absolute refractory period as equations: a state `r` counts the remaining steps, in which `v` is constant and the neuron\n
 * * does not fire. The period is the nearest whole number of steps. Whole numbers are counted exactly, unlike a sum of many dt.
 */
export const refractoriness = {
  state: { initial: -1, summary: "remaining refractory steps after the step; below 0 if v is free" },
  parameter: (value: string): ParameterSpec => ({
    value,
    min: 0,
    summary: "time for which v is constant after a spike",
  }),
  /** dv/dt, from its value outside the refractory period. */
  held: (rate: string): string => `r > 0 ? 0 : ${rate}`,
  update: "max(r - 1, -1)",
  /** The firing condition, from its value outside the refractory period. */
  spike: (excess: string): string => `r >= 0 ? -1 : ${excess}`,
  reset: "y > 0 ? floor(refractory / dt + 0.5) : r",
} as const satisfies { readonly state: StateSpec } & Record<string, unknown>;
