import { availableParallelism } from "node:os";
import { SpikevineError } from "../../errors.js";
import type { Field } from "../../experiment/fields.js";
import { parseSeeds, type SweepSection, sweepField } from "../../experiment/sweep-section.js";
import type { Shard } from "../../sweep/index.js";
import { sweptValues } from "../command-line/arguments.js";
import type { Invocation } from "../command-line/command.js";
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

export const QUEUE = flag("queue", {
  kind: "text",
  default: null,
  absent: "none",
  description:
    "address of a Redis or Valkey server, e.g. redis://host:6379: points go to a queue from which every `spikevine worker` takes",
  expects: 'an address such as "redis://localhost:6379"',
});

const SHARD = flag("shard", {
  kind: "text",
  default: null,
  absent: "all points",
  description:
    "work on a share of the points, e.g. 3/32, for a job array whose jobs share the folder; --collect makes the tables",
  expects: 'a share such as "3/32"',
});

const COLLECT = flag("collect", {
  kind: "switch",
  default: false,
  description: "train nothing: make the tables of the points that are finished",
  expects: "",
});

export const SWEEP_FLAGS: readonly Field[] = [SET, SEEDS, JOBS, QUEUE, SHARD, COLLECT];

/** Flags of `spikevine worker`. */
export const WORKER_FLAGS: readonly Field[] = [QUEUE, JOBS];

/** Where the points of a sweep are worked on. */
export interface Workplace {
  /** Address of the queue's server. */
  readonly queue?: string;
  readonly shard?: Shard;
  readonly collect: boolean;
}

/**
 * What `--queue`, `--shard` and `--collect` say.
 * @throws UsageError for a share that is none, or flags that contradict each other
 */
export function workplace({ own }: Invocation): Workplace {
  const queue = own(QUEUE);
  const share = own(SHARD);
  const collect = own(COLLECT) === true;
  const given = [
    [queue !== undefined, "--queue"],
    [share !== undefined, "--shard"],
    [collect, "--collect"],
  ].flatMap(([is, name]) => (is ? [name] : []));
  if (given.length > 1) throw new UsageError(`${given.join(" and ")} do not go together; give one of them.`);
  if (collect && own(JOBS) !== undefined)
    throw new UsageError("--jobs and --collect do not go together; leave out --jobs.");
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(typeof share === "string" ? share : "") ?? [];
  if (share !== undefined && (index === undefined || Number(index) < 1 || Number(index) > Number(of))) {
    throw new UsageError(`--shard is "${String(share)}"; give ${SHARD.expects}, counted from 1.`);
  }
  return {
    collect,
    ...(typeof queue === "string" ? { queue } : {}),
    ...(index === undefined ? {} : { shard: { index: Number(index), of: Number(of) } }),
  };
}

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
