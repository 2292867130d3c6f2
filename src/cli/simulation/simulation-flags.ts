import { INTERVAL_PATTERN, parseInterval } from "../../checkpoint/index.js";
import { quantity } from "../../equations/language/units.js";
import type { Field } from "../../experiment/fields.js";
import { LARGEST_SEED } from "../../random/seed.js";
import type { Invocation } from "../command-line/command.js";
import { jsonOutput } from "../command-line/json-output.js";
import { UsageError } from "../command-line/usage-error.js";
import type { SimulationConfig } from "./simulation-config.js";

const flag = (name: string, rest: Pick<Field, "kind" | "default" | "description" | "expects" | "choices">): Field => ({
  keys: [name],
  path: name,
  flag: name,
  group: "Simulation",
  ...rest,
});

const DURATION = flag("duration", {
  kind: "text",
  default: "1 s",
  description: "simulated time",
  expects: 'a time such as "1 s"',
});

const SIZE = flag("size", {
  kind: "number",
  default: 4000,
  description: "neurons of a built-in network",
  expects: "a whole number of at least 100",
});

const SEED = flag("seed", {
  kind: "number",
  default: 1,
  description: "seed of every random draw of a built-in network",
  expects: `a whole number from 0 to ${LARGEST_SEED}`,
});

const PRECISION = flag("precision", {
  kind: "text",
  default: "double",
  choices: ["single", "double"],
  description: "floating-point precision of the states of a built-in network; single is faster",
  expects: "one of single, double",
});

const THREADS = flag("threads", {
  kind: "number",
  default: 1,
  description: "threads of a built-in network; the results are the same for any number of them",
  expects: "a whole number from 1 to 64",
});

const OUT = flag("out", {
  kind: "text",
  default: "runs",
  description: "folder in which the run folder is created",
  expects: "a folder",
});

const CHECKPOINT = flag("checkpoint-every", {
  kind: "text",
  default: "30 s",
  description: "time between saved states; off: only at the end and when stopped",
  expects: 'a wall-clock time such as "30 s", or "off"',
});

export const JSON_OUTPUT = jsonOutput("the figures of every population, the run folder and the files left out");

export const RESUME = flag("resume", {
  kind: "text",
  default: null,
  description:
    "run folder of a simulation to resume from its newest undamaged state; the results are bit-identical to those of an uninterrupted run",
  expects: "a run folder",
});

export const SIMULATE_FLAGS: readonly Field[] = [
  ...[DURATION, SIZE, SEED, PRECISION, THREADS, OUT],
  ...[CHECKPOINT, RESUME, JSON_OUTPUT],
];

export interface SimulateSettings {
  /** Name or path of the network; absent if neither it nor --resume was given. */
  readonly network?: string;
  readonly duration: string;
  readonly size: number;
  readonly seed: number;
  readonly precision: "single" | "double";
  /** No part of a run's configuration: a resumed simulation may have another number. */
  readonly threads: number;
  readonly out: string;
  /** Time between two saved states; null: only the last state is saved. */
  readonly checkpointEvery: string | null;
}

/**
 * Settings of a simulation: those of the flags, then those of the earlier simulation, then the defaults.
 * @throws UsageError naming a flag whose value is invalid, or that a resumed simulation does not accept.
 */
export function simulateSettings({ own, argument }: Invocation, begun?: SimulationConfig): SimulateSettings {
  for (const field of [SIZE, SEED, PRECISION, OUT]) {
    if (begun === undefined || own(field) === undefined) continue;
    throw new UsageError(
      `--${field.flag} and --resume: a resumed simulation keeps its own value; leave --${field.flag} out.`,
    );
  }
  const given = (field: Field, of: unknown): unknown => own(field) ?? of ?? field.default;
  const text = (field: Field, of?: string): string => String(given(field, of));
  const whole = (field: Field, of: number | undefined, least: number, most: number): number => {
    const value = given(field, of);
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${field.flag} is ${String(value)}; give ${field.expects}.`);
  };
  const precision = text(PRECISION, begun?.precision);
  if (precision !== "single" && precision !== "double") {
    throw new UsageError(`--precision is "${precision}"; give ${PRECISION.expects}.`);
  }
  const duration = text(DURATION, begun?.duration);
  try {
    quantity("--duration", duration, "ms");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  const network = begun?.network ?? argument;
  return {
    ...(network === undefined ? {} : { network }),
    duration,
    size: whole(SIZE, begun?.size, 100, Number.MAX_SAFE_INTEGER),
    seed: whole(SEED, begun?.seed, 0, LARGEST_SEED),
    precision,
    threads: whole(THREADS, undefined, 1, 64),
    out: text(OUT, begun?.out),
    checkpointEvery: checkpointInterval(text(CHECKPOINT, begun && (begun.checkpointEvery ?? "off"))),
  };
}

/** @throws UsageError if the value is not a time */
function checkpointInterval(value: string): string | null {
  if (value === "off") return null;
  if (INTERVAL_PATTERN.test(value) && parseInterval(value).unit === "seconds") return value;
  throw new UsageError(`--${CHECKPOINT.flag} is "${value}"; give ${CHECKPOINT.expects}.`);
}
