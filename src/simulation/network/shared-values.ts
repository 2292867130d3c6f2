import { SpikevineError } from "../../errors.js";

/**
 * The value of a variable that is shared.
 * @param of Those that share it, e.g. "neurons".
 * @throws SpikevineError if the values differ.
 */
export function oneValue(values: number | Float64Array, of: string, where: string): number {
  if (typeof values === "number") return values;
  const first = values[0] ?? 0;
  if (values.every((value) => value === first)) return first;
  throw new SpikevineError(`${where}: it is shared by all ${of}, and these values differ; give one value for all.`);
}

/** @throws SpikevineError if some of the neurons that share a variable are to have another value. */
export function refuseSliceOfShared(name: string, size: number, all: number, population: string): void {
  if (size === all) return;
  throw new SpikevineError(
    `population "${population}": "${name}" is shared by all neurons; give the whole population, not a slice of it.`,
  );
}
