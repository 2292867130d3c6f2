/** Specification of a state variable. */
export interface StateSpec {
  /** Default: none (a plain number). */
  readonly unit?: string;
  /** Value before the first step: a quantity, or an equation of the parameters such as "v_rest". Default: 0. */
  readonly initial?: number | string;
  /** One value for all units: its equation names only variables that are shared. Default: false. */
  readonly shared?: boolean;
  readonly summary?: string;
}

/** A subexpression: an equation with a name, e.g. `"g * (E - v)"`. */
export type SubexpressionSpec =
  | string
  | {
      readonly equation: string;
      /** Unit that the equation must have. Default: the one that it has. */
      readonly unit?: string;
      readonly summary?: string;
    };
