import { distance } from "fastest-levenshtein";

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

/** The known name closest to a misspelled one, or undefined if none is close. */
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

/** The fix for an unknown name, which ends a sentence: the nearest known name, or all of them where none is near. */
export function knownInstead(given: string, known: readonly string[]): string {
  const near = nearestName(given, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? "no name is known here." : `known are ${[...known].sort().join(", ")}.`;
}

/** `unknown neuron "snuu": did you mean "snu"?`, or where no name is near `unknown neuron "x": known are lif, snu, ssnu.` */
export const unknownName = (kind: string, given: string, known: readonly string[]): SpikevineError =>
  new SpikevineError(`unknown ${kind} "${given}": ${knownInstead(given, known)}`);
