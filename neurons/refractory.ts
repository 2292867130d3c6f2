import type { StateSpec } from "../src/equations/neuron-spec.js";
import type { ParameterSpec } from "../src/equations/parameters.js";

/**
 * An absolute refractory period as equations: a state `r` counts the time that is left, `v` is held meanwhile and the
 * neuron does not fire. The period is rounded to whole steps.
 */
export const refractoriness = {
  state: { unit: "ms", initial: "-1 ms", summary: "refractory time left after the step; below 0 where v is free" },
  parameter: (value: string): ParameterSpec => ({ value, min: 0, summary: "time for which v is held after a spike" }),
  /** dv/dt, from what it is where v is free. */
  held: (rate: string): string => `r > dt / 2 ? 0 : ${rate}`,
  update: "max(r - dt, -dt)",
  /** The condition to fire, from what it is where v is free. */
  spike: (excess: string): string => `r > -dt / 2 ? -1 : ${excess}`,
  reset: "y > 0 ? refractory : r",
} as const satisfies { readonly state: StateSpec } & Record<string, unknown>;
