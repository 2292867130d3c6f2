/**
 * Every error a person can cause. The message is one sentence that names the field, the value and the fix;
 * commands print it without a stack trace and exit with a non-zero code.
 */
export class SpikevineError extends Error {
  override readonly name: string = "SpikevineError";
}

/**
 * The values of a network exceeded single precision. This is an error in a single run, but a result in a comparison of many
 * settings.
 */
export class DivergenceError extends SpikevineError {
  override readonly name = "DivergenceError";
}
