/** Values that the outputs of a network should have: for each sample, or for each step of a sample. */
export interface Targets {
  /** `[count, width]`, or `[count, steps, width]` if `perStep`. */
  readonly values: Float32Array;
  readonly width: number;
  readonly perStep: boolean;
}
