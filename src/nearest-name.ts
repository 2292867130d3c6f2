import { distance } from "fastest-levenshtein";
import { SpikevineError } from "./errors.js";

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
