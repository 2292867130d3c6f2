/**
 * A loss of one sample: the difference between output and target.
 *
 * Writes dL/d`output` into `gradient` (same length as `output`) and returns the value, summed over outputs. The
 * reduction divides by outputs or samples (see `Loss` in src/device/contract.ts): `mean` divides value and gradient by
 * outputs times samples, `batch` by samples, `sum` by nothing.
 *
 * `output`, `target` and `gradient` may not share memory. A non-finite output gives a non-finite value, so divergence
 * is detected at once.
 */
export type LossFunction = (
  output: ArrayLike<number>,
  target: ArrayLike<number>,
  gradient: { [index: number]: number; readonly length: number },
) => number;
