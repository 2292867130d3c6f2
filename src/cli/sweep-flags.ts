import { availableParallelism } from "node:os";
import { SpikevineError } from "../errors.js";
import type { Field } from "../experiment/fields.js";
import { parseSeeds, type SweepSection, sweepField } from "../experiment/sweep-section.js";
import { sweptValues } from "./arguments.js";
import type { Invocation } from "./command.js";
import { UsageError } from "./usage-error.js";

const flag = (
  name: string,
  rest: Pick<Field, "kind" | "default" | "absent" | "description" | "expects" | "repeated">,
): Field => ({
  keys: [name],
  path: name,
  flag: name,
  group: "Sweep",
  ...rest,
});

const SET = flag("set", {
  kind: "text",
  default: null,
  description:
    "FIELD=VALUE,VALUE,...: values that a field takes in turn, in every combination with those of other fields; the units of a list are joined by +, as in hidden=256,256+256",
  expects: 'a field and its values, e.g. "learning-rate=0.1,0.3"',
  repeated: true,
});

const SEEDS = flag("seeds", {
  kind: "text",
  default: null,
  absent: "the experiment's",
  description: 'seeds of every combination, e.g. "0..4" or "1,2,5"',
  expects: 'whole numbers such as "0..4" or "1,2,5"',
});

const JOBS = flag("jobs", {
  kind: "number",
  default: null,
  absent: "one a core",
  description: "trainings at the same time, each on one thread",
  expects: "a whole number of at least 1",
});

export const SWEEP_FLAGS: readonly Field[] = [SET, SEEDS, JOBS];

/**
 * What the flags vary, over what the file does.
 * @throws UsageError naming the flag that does not fit, or a field that is both given and varied
 */
export function sweptByFlags({ own, gave }: Invocation, file: SweepSection): SweepSection {
  const vary = new Map(file.vary);
  for (const text of (own(SET) ?? []) as string[]) {
    const [, name, values] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || values === undefined) throw new UsageError(`--set is "${text}"; give ${SET.expects}.`);
    const field = asUsage(() => sweepField(name, "--set"));
    vary.set(field, sweptValues(field, values));
  }
  for (const field of vary.keys()) {
    if (gave(field)) throw new UsageError(`--${field.flag} is given and varied by the sweep; leave out one of them.`);
  }
  const seeds = own(SEEDS);
  const given = typeof seeds === "string" ? asUsage(() => parseSeeds(seeds, "--seeds")) : file.seeds;
  return { vary, ...(given === undefined ? {} : { seeds: given }) };
}

/** Trainings at the same time. */
export function jobs({ own }: Invocation): number {
  const given = own(JOBS) ?? availableParallelism();
  if (typeof given === "number" && Number.isInteger(given) && given >= 1 && given <= 1024) return given;
  throw new UsageError(`--jobs is ${String(given)}; give ${JOBS.expects}.`);
}

function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SpikevineError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
