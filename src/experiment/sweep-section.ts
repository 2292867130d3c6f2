import { z } from "zod";
import { SpikevineError } from "../errors.js";
import { nearestName } from "../nearest-name.js";
import { LARGEST_SEED } from "../random/seed.js";
import type { Field } from "./fields.js";
import { pointFields } from "./points.js";
import { RENAMED_FIELDS } from "./renamed-fields.js";

/** Values of each field that a sweep varies, and its seeds. */
export interface SweepSection {
  readonly vary: ReadonlyMap<Field, readonly unknown[]>;
  /** Default: the seed of the experiment. */
  readonly seeds?: readonly number[];
}

const section = z.strictObject({
  vary: z.record(z.string(), z.array(z.unknown()).min(1)).default({}),
  seeds: z.union([z.string(), z.array(z.int().min(0).max(LARGEST_SEED)).min(1)]).optional(),
});

/**
 * Reads the `sweep` section of an experiment file: `{ "vary": { "training.learningRate": [0.1, 0.3] }, "seeds": "0..4" }`.
 * @param where prefix of the messages, e.g. the file name
 * @throws SpikevineError naming the invalid entry
 */
export function parseSweepSection(input: unknown, where: string): SweepSection {
  const checked = section.safeParse(input);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw new SpikevineError(
      `${where}: ${["sweep", ...path].join(".")} is invalid (${message}); write { "vary": { "training.learningRate": [0.1, 0.3] }, "seeds": "0..4" }.`,
    );
  }
  const { vary, seeds } = checked.data;
  return {
    vary: new Map(Object.entries(vary).map(([name, values]) => [sweepField(name, `${where}: sweep.vary`), values])),
    ...(seeds === undefined
      ? {}
      : { seeds: typeof seeds === "string" ? parseSeeds(seeds, `${where}: sweep.seeds`) : seeds }),
  };
}

/**
 * Finds the field of an experiment by its path or its flag.
 * @throws SpikevineError if no field that a sweep can vary has this name
 */
export function sweepField(name: string, where: string): Field {
  const found = pointFields.find(({ path, flag }) => path === name || flag === name);
  if (found !== undefined) return found;
  const renamed = RENAMED_FIELDS.find(({ from, flag }) => from === name || flag === name);
  if (renamed !== undefined) {
    const now = renamed.from === name ? renamed.to : renamed.newFlag;
    throw new SpikevineError(`${where}: field "${name}" is called "${now}" now; rename it.`);
  }
  if (name === "seed")
    throw new SpikevineError(`${where}: "seed" cannot be varied like a setting; give the seeds separately.`);
  const near = nearestName(
    name,
    pointFields.flatMap(({ path, flag }) => [path, flag]),
  );
  throw new SpikevineError(
    `${where}: "${name}" is not a field that changes a training${near === undefined ? "; see spikevine sweep --help." : `: did you mean "${near}"?`}`,
  );
}

/**
 * Reads seeds: `3`, `1,2,5`, `0..4` or a combination. A range includes its last number.
 * @throws SpikevineError if the text is not a list of whole numbers of at least 0
 */
export function parseSeeds(text: string, where: string): number[] {
  const seeds = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:\.\.(\d+))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || !(to >= from) || to - from >= 10_000 || to > LARGEST_SEED) {
      throw new SpikevineError(
        `${where} is "${text}"; give whole numbers up to ${LARGEST_SEED} such as "0..4" or "1,2,5".`,
      );
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return [...new Set(seeds)];
}
