import type { Ratios } from "../ratios.js";

/** What a part of the bench found. */
export interface Report {
  readonly title: string;
  /** For people. */
  readonly text: string;
  /** For the file: everything behind the text. */
  readonly data: object;
  /** Times the plain implementation's speed, by case, where the part compares with it. */
  readonly ratios?: Ratios;
}
