import { choice, flag, optional, quantity } from "../src/arguments/index.js";
import { SURROGATE, type SurrogateDefinition } from "../src/equations/definitions/surrogate.js";

/** Options that snnTorch's neurons share. */
export interface FieldUnitOptions {
  /** Decay of the membrane potential per step, in [0, 1]. Default: 0.9. */
  readonly beta?: number;
  /** Default: 1. */
  readonly threshold?: number;
  /**
   * Reset by the spike of the previous step, at the beginning of a step.
   * - `subtract`: the threshold is subtracted.
   * - `zero`: the potential is set to 0.
   * - `none`: no reset.
   */
  readonly reset?: "subtract" | "zero" | "none";
  /** False: derivatives pass through the reset as well. Default: true, as in snnTorch. */
  readonly detachReset?: boolean;
  /** Default: `arctan()`, snnTorch's `atan(alpha=2)`. */
  readonly surrogate?: SurrogateDefinition;
}

export const FIELD_RESETS = ["subtract", "zero", "none"] as const;

/** The kinds of these options. */
export const FIELD_UNIT_OPTIONS = {
  beta: optional(quantity),
  threshold: optional(quantity),
  reset: optional(choice(FIELD_RESETS)),
  detachReset: optional(flag),
  surrogate: optional(SURROGATE),
};

export const FIELD_UNIT_PARAMETERS = {
  beta: { value: 0.9, min: 0, max: 1, summary: "decay of the potential per step" },
  threshold: { value: 1, summary: "firing threshold" },
} as const;

/** The previous output as a reset reads it. */
export const resetting = (detachReset: boolean): string => (detachReset ? "detach(y)" : "y");
