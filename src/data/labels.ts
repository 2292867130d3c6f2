import { show } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { isBytes } from "./pixels.js";

/**
 * Labels as a data set stores them, and the number of classes; default: the largest label + 1.
 * @throws SpikevineError if there is none, for the first that is not a whole number from 0 to 255, or one beyond the classes
 */
export function readLabels(given: ArrayLike<number>, classes?: number): { labels: Uint8Array; classes: number } {
  if (given.length === 0) throw new SpikevineError("data: labels is empty; give at least one sample.");
  let largest = 0;
  for (let i = 0; i < given.length; i++) {
    const label: unknown = given[i];
    if (!Number.isInteger(label) || (label as number) < 0 || (label as number) > 255) {
      throw new SpikevineError(`data: labels[${i}] is ${show(label)}; give whole numbers from 0 to classes - 1.`);
    }
    largest = Math.max(largest, label as number);
  }
  const most = classes ?? largest + 1;
  if (largest >= most) {
    throw new SpikevineError(`data: a label is ${largest}, but there are ${most} classes (0 to ${most - 1}).`);
  }
  return { labels: asBytes(given), classes: most };
}

function asBytes(given: ArrayLike<number>): Uint8Array {
  if (!isBytes(given)) return new Uint8Array(given);
  return given.constructor === Uint8Array ? given : new Uint8Array(given.buffer, given.byteOffset, given.length);
}
