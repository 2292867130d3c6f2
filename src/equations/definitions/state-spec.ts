/** Specification of a state variable. */
export interface StateSpec {
  /** Default: none (a plain number). */
  readonly unit?: string;
  /** Value before the first step: a quantity, or an equation of the parameters such as "v_rest". Default: 0. */
  readonly initial?: number | string;
  readonly summary: string;
}
