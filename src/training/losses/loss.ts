/**
 * A loss of one sample: how far what a network says is from what it should say.
 *
 * Writes dL/d`output` into `gradient` (same length as `output`) and returns the value, summed over outputs. Dividing by
 * outputs or samples is the reduction's business (see `Loss` in src/device/contract.ts): `mean` divides value and
 * gradient by outputs times samples, `batch` by samples, `sum` by nothing.
 *
 * `output`, `target` and `gradient` may not share memory. A non-finite output gives a non-finite value, so that a run
 * which has diverged is seen at once.
 */
export type LossFunction = (
  output: ArrayLike<number>,
  target: ArrayLike<number>,
  gradient: { [index: number]: number; readonly length: number },
) => number;
