import { basename } from "node:path";
import { parseArgs } from "node:util";
import { SpikevineError } from "spikevine";

/** Default size of an example. */
export interface Size {
  readonly epochs: number;
  readonly seeds: number;
  /** Samples. Default: all. */
  readonly train?: number;
  readonly test?: number;
}

/** Checked values of the flags that were given. */
export interface Flags {
  readonly data?: string;
  readonly "data-dir"?: string;
  readonly train?: number;
  readonly test?: number;
  readonly epochs?: number;
  readonly seeds?: number;
  readonly device?: string;
  readonly out?: string;
  readonly threads?: number;
  readonly full: boolean;
  /** Names of the example's own flags that were given. */
  readonly own: ReadonlySet<string>;
}

const TEXTS = {
  data: "NAME      data set, e.g. mnist; default: synthetic digits",
  "data-dir": "DIR   folder with the data set's files",
  device: "NAME    device that computes; default: auto",
  out: "DIR        output folder",
};
const COUNTS = {
  train: "N        training images",
  test: "N         test images",
  epochs: "N       epochs",
  seeds: "N        number of networks, with the seeds 1 to N",
};
const THREADS = { threads: "N      points to run at the same time, one core each; default: all cores" };

/**
 * Reads the command line of an example.
 * @param own the example's own switches and their help texts
 * @param real the data set of the full size
 * @throws SpikevineError for an invalid command line
 */
export function readFlags(
  usual: Size,
  full: Size | undefined,
  own: Readonly<Record<string, string>>,
  real: string,
): Flags {
  const counts = { ...COUNTS, ...(full === undefined ? {} : THREADS) };
  const switches = { ...(full === undefined ? {} : { full: `the size of the paper, on ${real}` }), ...own };
  const option = (type: "string" | "boolean") => (name: string) => [name, { type }] as const;
  const options = Object.fromEntries([
    ...[...Object.keys(TEXTS), ...Object.keys(counts)].map(option("string")),
    ...[...Object.keys(switches), "help"].map(option("boolean")),
  ]);
  const values = parsed(options);
  if (values.help === true) {
    console.log(helpText({ ...TEXTS, ...counts, ...switches }, usual, full, real));
    process.exit(0);
  }
  const read = Object.entries(values).map(([name, value]) => [
    name,
    name in counts ? wholeNumber(name, String(value)) : value,
  ]);
  return {
    ...(Object.fromEntries(read) as Omit<Flags, "full" | "own">),
    full: values.full === true,
    own: new Set(Object.keys(own).filter((name) => values[name] === true)),
  };
}

function parsed(options: Record<string, { type: "string" | "boolean" }>): Record<string, unknown> {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    // Only its first sentence describes the error; the others are advice that does not apply here.
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new SpikevineError(`${sentence}; --help lists the flags.`);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 1) {
    throw new SpikevineError(`--${name} is "${text}"; give a whole number of at least 1.`);
  }
  return value;
}

function helpText(flags: Readonly<Record<string, string>>, usual: Size, full: Size | undefined, real: string): string {
  const sizeText = ({ epochs, seeds, train, test }: Size): string =>
    `--epochs ${epochs} --seeds ${seeds}${train === undefined ? "" : ` --train ${train}`}${test === undefined ? "" : ` --test ${test}`}`;
  return [
    `node ${basename(process.argv[1]!)} [flags]`,
    ...Object.entries(flags).map(([name, text]) => `  --${name} ${text}`),
    `default: ${sizeText(usual)}`,
    ...(full === undefined ? [] : [`--full:  --data ${real} ${sizeText(full)}`]),
  ].join("\n");
}
