import { SpikevineError } from "../errors.js";
import { sha256 } from "../model/hash.js";

/** A value that a sweep varies or holds; null where a field is left out, a list for a field such as the hidden layers. */
export type Setting = string | number | boolean | null | readonly (string | number)[];
export type Settings = Readonly<Record<string, Setting>>;

/** One unit of a sweep's work. It depends on no other, and its settings and seed are all that its result comes from. */
export interface Point {
  /** Follows from settings and seed alone; it is the name of the file that keeps the result. */
  readonly id: string;
  readonly settings: Settings;
  readonly seed: number;
}

/**
 * A point of a sweep. Put into its settings everything that its result depends on, also what does not vary: a kept result is
 * taken again only where all of it is the same.
 * @throws SpikevineError naming the setting or seed that JSON cannot hold exactly
 */
export function sweepPoint(settings: Settings, seed: number): Point {
  if (!Number.isSafeInteger(seed)) throw new SpikevineError(`sweep: seed is ${seed}; give a whole number.`);
  for (const [name, value] of Object.entries(settings)) {
    if ([value].flat().every(isPlain)) continue;
    throw new SpikevineError(
      `sweep: setting "${name}" is ${String(value)}; give a finite number, a text, true, false, null or a list of numbers or texts.`,
    );
  }
  // Two objects with the same fields in another order are the same settings.
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  const id = `seed-${seed}-${sha256(JSON.stringify([sorted, seed])).slice(0, 16)}`;
  return { id, settings: structuredClone(settings), seed };
}

const isPlain = (value: unknown): boolean =>
  typeof value === "number" ? Number.isFinite(value) : value === null || ["string", "boolean"].includes(typeof value);

/**
 * Every combination of settings with every seed, the last name and then the seed moving fastest.
 * @param options.fixed what all points share
 * @param options.vary the values of each name
 * @throws SpikevineError for a name without values, a name that is both fixed and varied, or no seeds
 */
export function sweepPoints(options: {
  readonly fixed?: Settings;
  readonly vary: Readonly<Record<string, readonly Setting[]>>;
  readonly seeds: readonly number[];
}): Point[] {
  const { fixed = {}, vary, seeds } = options;
  if (seeds.length === 0) throw new SpikevineError("sweep: seeds is empty; give at least one.");
  let combinations: Settings[] = [{ ...fixed }];
  for (const [name, values] of Object.entries(vary)) {
    if (values.length === 0) throw new SpikevineError(`sweep: "${name}" has no values; give at least one.`);
    if (Object.hasOwn(fixed, name)) {
      throw new SpikevineError(`sweep: "${name}" is both fixed and varied; leave it out of one of them.`);
    }
    combinations = combinations.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })));
  }
  return combinations.flatMap((settings) => seeds.map((seed) => sweepPoint(settings, seed)));
}
