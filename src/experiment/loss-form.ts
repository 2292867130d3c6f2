/** Form of a loss as a text. */
export const LOSS_FORM =
  'losses joined by " + ", each NAME or NAME(option=value, ...), e.g. cross-entropy(of=v) + l2-penalty(weight=1e-4)';
