import type { Ratios } from "../ratios.js";

/** Results of a section of the bench. */
export interface Report {
  readonly title: string;
  /** Text for the terminal. */
  readonly text: string;
  /** All figures, for the file. */
  readonly data: object;
  /** Speed relative to the plain implementation, by case, if the section compares with it. */
  readonly ratios?: Ratios;
}
