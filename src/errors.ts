import { distance } from "fastest-levenshtein";

/**
 * Every error a person can cause. The message is one sentence that names the field, the value and the fix;
 * commands print it without a stack trace and exit with a non-zero code.
 */
export class SpikevineError extends Error {
  override readonly name: string = "SpikevineError";
}

/**
 * The values of a network have outgrown single precision: a person's error in one run, a result where many settings are
 * compared.
 */
export class DivergenceError extends SpikevineError {
  override readonly name = "DivergenceError";
}

/** The known name closest to a misspelt one, or undefined when nothing is near. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(given.length / 2)) + 1;
  for (const name of known) {
    const d = distance(given.toLowerCase(), name.toLowerCase());
    if (d < bestDistance) {
      best = name;
      bestDistance = d;
    }
  }
  return best;
}

/** `unknown neuron "snuu": did you mean "snu"? Known: lif, snu, ssnu.` */
export function unknownName(kind: string, given: string, known: readonly string[]): SpikevineError {
  const near = nearestName(given, known);
  const hint = near === undefined ? "" : ` did you mean "${near}"?`;
  return new SpikevineError(`unknown ${kind} "${given}":${hint} Known: ${[...known].sort().join(", ")}.`);
}
