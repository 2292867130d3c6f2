import { quantity } from "../equations/units.js";
import type { Field } from "../experiment/fields.js";
import { LARGEST_SEED } from "../random/seed.js";
import type { Invocation } from "./command.js";
import { UsageError } from "./usage-error.js";

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
  description: "how long to simulate, in the model's time",
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
  description: "number from which every random draw of a built-in network comes",
  expects: `a whole number from 0 to ${LARGEST_SEED}`,
});

const PRECISION = flag("precision", {
  kind: "text",
  default: "single",
  choices: ["single", "double"],
  description: "of a built-in network; double takes about twice the time",
  expects: "one of single, double",
});

const OUT = flag("out", {
  kind: "text",
  default: "runs",
  description: "folder in which the run gets a folder of its own",
  expects: "a folder",
});

export const SIMULATE_FLAGS: readonly Field[] = [DURATION, SIZE, SEED, PRECISION, OUT];

export interface SimulateSettings {
  readonly duration: string;
  readonly size: number;
  readonly seed: number;
  readonly precision: "single" | "double";
  readonly out: string;
}

/** @throws UsageError naming the flag whose value does not fit. */
export function simulateSettings({ own }: Invocation): SimulateSettings {
  const text = (field: Field): string => String(own(field) ?? field.default);
  const whole = (field: Field, least: number, most: number): number => {
    const value = own(field) ?? field.default;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${field.flag} is ${String(value)}; give ${field.expects}.`);
  };
  const precision = text(PRECISION);
  if (precision !== "single" && precision !== "double") {
    throw new UsageError(`--precision is "${precision}"; give ${PRECISION.expects}.`);
  }
  const duration = text(DURATION);
  try {
    quantity("--duration", duration, "ms");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return {
    duration,
    size: whole(SIZE, 100, Number.MAX_SAFE_INTEGER),
    seed: whole(SEED, 0, LARGEST_SEED),
    precision,
    out: text(OUT),
  };
}
