import { availableParallelism } from "node:os";
import { SpikevineError } from "../../errors.js";
import type { Field } from "../../experiment/fields.js";
import { parseSeeds, type SweepSection, sweepField } from "../../experiment/sweep-section.js";
import type { Shard } from "../../sweep/index.js";
import { sweptValues } from "../command-line/arguments.js";
import type { Invocation } from "../command-line/command.js";
import { jsonOutput } from "../command-line/json-output.js";
import { UsageError } from "../command-line/usage-error.js";

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
    "FIELD=VALUE,VALUE,...: values of a field to try, combined with those of every other --set; + joins the numbers of a list, as in hidden=256,256+256",
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
  absent: "one per core",
  description: "trainings to run at the same time, each on one thread",
  expects: "a whole number of at least 1",
});

export const JSON_OUTPUT = jsonOutput("the finished points, the statistics of every setting and the failures");

export const QUEUE = flag("queue", {
  kind: "text",
  default: null,
  absent: "none",
  description:
    "address of a Redis or Valkey server, e.g. redis://host:6379: points are put into a queue there and trained by every `spikevine worker` that uses it",
  expects: 'an address such as "redis://localhost:6379"',
});

const SHARD = flag("shard", {
  kind: "text",
  default: null,
  absent: "all points",
  description:
    "train one fraction of the points, e.g. 3/32 for job 3 of 32 jobs that write into the same folder; --collect then writes the tables",
  expects: 'a fraction such as "3/32"',
});

const COLLECT = flag("collect", {
  kind: "switch",
  default: false,
  description: "train nothing; only write the tables of the finished points",
  expects: "",
});

export const SWEEP_FLAGS: readonly Field[] = [SET, SEEDS, JOBS, QUEUE, SHARD, COLLECT, JSON_OUTPUT];

/** Flags of `spikevine worker`. */
export const WORKER_FLAGS: readonly Field[] = [QUEUE, JOBS];

/** Distribution of the points of a sweep over processes and machines. */
export interface Workplace {
  /** Address of the queue's server. */
  readonly queue?: string;
  readonly shard?: Shard;
  readonly collect: boolean;
}

/**
 * Reads `--queue`, `--shard` and `--collect`.
 * @throws UsageError if the fraction is invalid or the flags contradict each other
 */
export function workplace({ own }: Invocation): Workplace {
  const queue = own(QUEUE);
  const shard = own(SHARD);
  const collect = own(COLLECT) === true;
  const given = [
    [queue !== undefined, "--queue"],
    [shard !== undefined, "--shard"],
    [collect, "--collect"],
  ].flatMap(([is, name]) => (is ? [name] : []));
  if (given.length > 1) throw new UsageError(`${given.join(" and ")} cannot be combined; give only one of them.`);
  if (collect && own(JOBS) !== undefined)
    throw new UsageError("--jobs and --collect cannot be combined; leave out --jobs.");
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(typeof shard === "string" ? shard : "") ?? [];
  if (shard !== undefined && (index === undefined || Number(index) < 1 || Number(index) > Number(of))) {
    throw new UsageError(`--shard is "${String(shard)}"; give ${SHARD.expects}, counted from 1.`);
  }
  return {
    collect,
    ...(typeof queue === "string" ? { queue } : {}),
    ...(index === undefined ? {} : { shard: { index: Number(index), of: Number(of) } }),
  };
}

/**
 * Fields, values and seeds that the sweep varies; flags override the file.
 * @throws UsageError naming a flag that is invalid, or a field that is both given and varied
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
    if (gave(field))
      throw new UsageError(`--${field.flag} is both given and varied by the sweep; leave out one of them.`);
  }
  const seeds = own(SEEDS);
  const given = typeof seeds === "string" ? asUsage(() => parseSeeds(seeds, "--seeds")) : file.seeds;
  return { vary, ...(given === undefined ? {} : { seeds: given }) };
}

/** Number of trainings at the same time. */
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
