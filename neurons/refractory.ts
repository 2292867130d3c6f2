import type { ParameterSpec } from "../src/equations/definitions/parameters.js";
import type { StateSpec } from "../src/equations/definitions/state-spec.js";

/**
 * An absolute refractory period as equations: a state `r` counts the steps that are left, `v` is held meanwhile and the
 * neuron does not fire. The period is the nearest whole number of steps; whole numbers stay exact however many there are,
 * which a sum of many dt does not.
 */
export const refractoriness = {
  state: { initial: -1, summary: "remaining refractory steps after the step; below 0 if v is free" },
  parameter: (value: string): ParameterSpec => ({ value, min: 0, summary: "time for which v is held after a spike" }),
  /** dv/dt, from its value where v is free. */
  held: (rate: string): string => `r > 0 ? 0 : ${rate}`,
  update: "max(r - 1, -1)",
  /** The condition to fire, from its value where v is free. */
  spike: (excess: string): string => `r >= 0 ? -1 : ${excess}`,
  reset: "y > 0 ? floor(refractory / dt + 0.5) : r",
} as const satisfies { readonly state: StateSpec } & Record<string, unknown>;
