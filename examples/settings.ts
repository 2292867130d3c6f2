import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { openDevice, SpikevineError } from "spikevine";
import { loadDataset, type Splits } from "spikevine/data";
import { colouredDigits } from "./coloured-digits.js";
import { readFlags, type Size } from "./flags.js";

/** Source of data, as plain values that a point of a sweep sends to its thread. */
export interface Source {
  readonly data: string;
  readonly dataDir: string | null;
  readonly train: number | null;
  readonly test: number | null;
}

/** Command-line settings that every example shares. */
export interface Settings {
  readonly data: Splits;
  readonly source: Source;
  /** True for the size of the paper. */
  readonly full: boolean;
  /** Names of the example's own flags that were given. */
  readonly flags: ReadonlySet<string>;
  /** Points of a sweep to run at the same time, one core each; undefined: the number of cores. */
  readonly threads: number | undefined;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly device: string;
}

interface Defaults extends Size {
  readonly full?: Size;
  readonly flags?: Readonly<Record<string, string>>;
  /** True for experiments on colour images. */
  readonly colour?: boolean;
}

/**
 * Reads the command line (see `flags.ts`) and loads the data. An error is reported in one line and ends the process.
 * Without `--data` an example uses synthetic digits. Sweeps have a `full` size; they accept `--full`, which makes that size
 * and MNIST (in colour: CIFAR-10) the defaults, and `--threads N`.
 * @param defaults.flags additional switches of this example, with their help texts
 */
export async function settings(defaults: Defaults): Promise<Settings> {
  try {
    return await read(defaults);
  } catch (error) {
    if (!(error instanceof SpikevineError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

async function read({ full, flags = {}, colour = false, ...usual }: Defaults): Promise<Settings> {
  const [small, real] = colour ? [COLOURED_DIGITS, "cifar-10"] : ["digits", "mnist"];
  const given = readFlags(usual, full, flags, real);
  const size = full !== undefined && given.full ? full : usual;
  const source = {
    data: given.data ?? (given.full ? real : small),
    dataDir: given["data-dir"] ?? null,
    train: given.train ?? size.train ?? null,
    test: given.test ?? size.test ?? null,
  };
  const device = given.device ?? "auto";
  // Reported once here, not by every point of a sweep.
  await (await openDevice(device, { threads: 1 })).device.dispose();
  return {
    data: await loadSource(source),
    source,
    full: given.full,
    flags: given.own,
    threads: given.threads,
    epochs: given.epochs ?? size.epochs,
    seeds: Array.from({ length: given.seeds ?? size.seeds }, (_, i) => i + 1),
    device,
  };
}

/** Name of the synthetic colour images, which only examples know. */
const COLOURED_DIGITS = "coloured-digits";

/** The data of a source. */
export async function loadSource({ data, dataDir, train, test }: Source): Promise<Splits> {
  const counts = { ...(train === null ? {} : { train }), ...(test === null ? {} : { test }) };
  if (data === COLOURED_DIGITS && dataDir === null) return colouredDigits(counts);
  return loadDataset(data, { dataDir: dataDir ?? undefined, ...counts });
}

/** The folder `--out`, by default runs/examples/NAME. */
export function outFolder(name: string): string {
  const { values } = parseArgs({ options: { out: { type: "string" } }, strict: false });
  return typeof values.out === "string" ? values.out : join("runs", "examples", name);
}

/** Writes `NAME.svg` into `outFolder` and prints its path. */
export async function saveFigure(name: string, svg: string): Promise<void> {
  const path = join(outFolder(name), `${name}.svg`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, svg);
  console.log(`\n${path}`);
}

/** `93.51 ± 0.21` of fractions in [0, 1], as percentages: mean and standard deviation over seeds. */
export function percent(fractions: readonly number[]): string {
  const mean = fractions.reduce((a, b) => a + b, 0) / fractions.length;
  const deviation = Math.sqrt(
    fractions.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, fractions.length - 1),
  );
  return fractions.length === 1
    ? (100 * mean).toFixed(2)
    : `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
}
