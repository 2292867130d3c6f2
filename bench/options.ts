import { parseArgs } from "node:util";
import { SpikevineError, unknownName } from "../src/errors.js";

/** Parts of the bench, in the order in which they run. */
export const SECTIONS = ["a", "b", "c", "roofline", "scaling", "devices"] as const;
export type Section = (typeof SECTIONS)[number];

export interface Options {
  readonly only: readonly Section[];
  readonly threads: readonly number[];
  /** Tiny sizes and a few steps: shows that everything runs, measures nothing. */
  readonly quick: boolean;
  /** Make this run's ratios the ones that later runs are compared with. */
  readonly record: boolean;
}

export const USAGE = `npm run bench -- [--only a,roofline] [--threads 1,2] [--quick] [--record]

  --only     parts to run: ${SECTIONS.join(", ")} (default: all)
  --threads  numbers of threads of the simd device (default: 1,2)
  --quick    tiny sizes, to see that everything runs; compares with nothing
  --record   keep this run's ratios in bench/baseline.json`;

/**
 * Reads the command's arguments.
 * @throws SpikevineError for a name or a number that is not one.
 */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      threads: { type: "string", default: "1,2" },
      quick: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const only = (values.only?.split(",") ?? [...SECTIONS]).map((name) => {
    const section = SECTIONS.find((known) => known === name);
    if (section === undefined) throw unknownName("bench part", name, [...SECTIONS]);
    return section;
  });
  const threads = values.threads.split(",").map((text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new SpikevineError(`bench: threads is "${text}"; give whole numbers of at least 1, e.g. 1,2.`);
    }
    return number;
  });
  return { only, threads, quick: values.quick, record: values.record };
}
