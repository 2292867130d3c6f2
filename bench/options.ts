import { parseArgs } from "node:util";
import { SpikevineError } from "../src/errors.js";
import { unknownName } from "../src/nearest-name.js";

/** Sections of the bench, in the order in which they run. */
export const SECTIONS = ["a", "b", "c", "d", "roofline", "convolution", "scaling", "devices"] as const;
export type Section = (typeof SECTIONS)[number];

/** Devices that the workloads can be timed on against the plain implementation. */
export const TIMED_DEVICES = ["simd", "simd:wide", "simd:fused"] as const;
export type TimedDevice = (typeof TIMED_DEVICES)[number];

export interface Options {
  readonly only: readonly Section[];
  readonly threads: readonly number[];
  /** Devices of sections a to d. */
  readonly devices: readonly TimedDevice[];
  /** Tiny sizes and a few steps: tests that everything runs, without useful figures. */
  readonly quick: boolean;
  /** Records this run's ratios as the baseline of later runs. */
  readonly record: boolean;
}

export const USAGE = `npm run bench -- [--only a,roofline] [--threads 1,2] [--devices simd,simd:wide] [--quick] [--record]

  --only     sections to run: ${SECTIONS.join(", ")} (default: all)
  --threads  numbers of threads of the simd device (default: 1,2)
  --devices  devices of sections a to d: ${TIMED_DEVICES.join(", ")} (default: simd)
  --quick    tiny sizes, to see that everything runs; compares with nothing
  --record   write this run's ratios to bench/baseline.json`;

/**
 * Reads the command's arguments.
 * @throws SpikevineError for an unknown name or an invalid number.
 */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      threads: { type: "string", default: "1,2" },
      devices: { type: "string", default: "simd" },
      quick: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const only = (values.only?.split(",") ?? [...SECTIONS]).map((name) => {
    const section = SECTIONS.find((known) => known === name);
    if (section === undefined) throw unknownName("bench section", name, [...SECTIONS]);
    return section;
  });
  const threads = values.threads.split(",").map((text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new SpikevineError(`bench: threads is "${text}"; give whole numbers of at least 1, e.g. 1,2.`);
    }
    return number;
  });
  const devices = values.devices.split(",").map((name) => {
    const device = TIMED_DEVICES.find((known) => known === name);
    if (device === undefined) throw unknownName("device of the bench", name, [...TIMED_DEVICES]);
    return device;
  });
  return { only, threads, devices, quick: values.quick, record: values.record };
}
