import { fields, kind, list, named, optional, signature, text } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { sha256 } from "../io/sha256.js";

/** A value of a setting; null for an omitted field, a list for a field such as the hidden layers. */
export type Setting = string | number | boolean | null | readonly (string | number)[];
export type Settings = Readonly<Record<string, Setting>>;

/** One unit of a sweep's work. Points do not depend on each other; a result depends only on settings and seed. */
export interface Point {
  /** Derived from settings and seed alone; name of the file with the result. */
  readonly id: string;
  readonly settings: Settings;
  readonly seed: number;
}

const isPlain = (value: unknown): boolean =>
  typeof value === "number" ? Number.isFinite(value) : value === null || ["string", "boolean"].includes(typeof value);

/** A value of a setting as an argument. */
export const SETTING = kind("a finite number, a text, true, false, null or a list of numbers or texts", (value) =>
  Array.isArray(value) ? value.every(isPlain) : isPlain(value),
);
const SETTINGS = named(SETTING, "an object from settings to values");

const SWEEP_SEED = kind("a whole number", Number.isSafeInteger);

/** A point as an argument. */
export const POINT = fields<Point>({ id: text(), settings: SETTINGS, seed: SWEEP_SEED });

interface SweepPointsOptions {
  readonly fixed?: Settings;
  readonly vary: Readonly<Record<string, readonly Setting[]>>;
  readonly seeds: readonly number[];
}

const checkPoint = signature("sweep", { settings: SETTINGS, seed: SWEEP_SEED });
const checkPoints = signature("sweep", {
  options: fields<SweepPointsOptions>(
    {
      fixed: optional(SETTINGS),
      vary: named(list(SETTING, 1), "an object from settings to lists of values"),
      seeds: list(SWEEP_SEED, 1),
    },
    { root: "options" },
  ),
});

/**
 * A point of a sweep. Its settings must contain everything that its result depends on, including constants: a saved
 * result is used again only if all settings are equal.
 * @throws SpikevineError naming the setting or seed that JSON cannot represent exactly
 */
export function sweepPoint(settings: Settings, seed: number): Point {
  checkPoint([settings, seed]);
  // Objects with the same fields in another order are the same settings.
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  const id = `seed-${seed}-${sha256(JSON.stringify([sorted, seed])).slice(0, 16)}`;
  return { id, settings: structuredClone(settings), seed };
}

/**
 * Every combination of settings with every seed; the seed varies fastest, then the last name.
 * @param options.fixed settings that all points share
 * @param options.vary the values of each name
 * @throws SpikevineError for a name without values, a name that is both fixed and varied, or no seeds
 */
export function sweepPoints(options: SweepPointsOptions): Point[] {
  checkPoints([options]);
  const { fixed = {}, vary, seeds } = options;
  let combinations: Settings[] = [{ ...fixed }];
  for (const [name, values] of Object.entries(vary)) {
    if (Object.hasOwn(fixed, name)) {
      throw new SpikevineError(`sweep: "${name}" is both fixed and varied; leave it out of one of them.`);
    }
    combinations = combinations.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })));
  }
  return combinations.flatMap((settings) => seeds.map((seed) => sweepPoint(settings, seed)));
}
