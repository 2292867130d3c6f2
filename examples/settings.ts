import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadDataset, type Splits } from "spikevine/data";
import { writeAtomically } from "spikevine/record";

/** Where data come from, as plain values: a point of a sweep says it to the thread that works on it. */
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
  /** Whether the size of the paper is wanted. */
  readonly full: boolean;
  /** Those of the example's own flags that were given. */
  readonly flags: ReadonlySet<string>;
  /** Points of a sweep to work on at the same time, one core each; undefined: as many as there are cores. */
  readonly threads: number | undefined;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly device: string;
}

/** How much an example does unless flags say otherwise. */
export interface Size {
  readonly epochs: number;
  readonly seeds: number;
  /** Samples. Default: all. */
  readonly train?: number;
  readonly test?: number;
}

/**
 * Reads `--data mnist --data-dir DIR --train N --test N --epochs N --seeds N --device NAME` and loads the data.
 * Without `--data` an example uses the digits that Spikevine draws itself. `--out` is for `outFolder`. Sweeps have a
 * `full` size; they take `--full`, which makes that size and MNIST the defaults, and `--threads N`.
 * @param defaults.flags names of flags that this example has besides
 */
export async function settings({
  full,
  flags = [],
  ...usual
}: Size & { readonly full?: Size; readonly flags?: readonly string[] }): Promise<Settings> {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      "data-dir": { type: "string" },
      train: { type: "string" },
      test: { type: "string" },
      epochs: { type: "string" },
      seeds: { type: "string" },
      device: { type: "string", default: "auto" },
      out: { type: "string" },
      ...(full === undefined ? {} : { full: { type: "boolean" } as const, threads: { type: "string" } as const }),
      ...Object.fromEntries(flags.map((flag) => [flag, { type: "boolean" } as const])),
    },
  });
  const isFull = full !== undefined && values.full === true;
  const size = isFull ? full : usual;
  const number = (text: string | undefined, fallback: number | undefined): number | null =>
    text === undefined ? (fallback ?? null) : Number(text);
  const source = {
    data: values.data ?? (isFull ? "mnist" : "digits"),
    dataDir: values["data-dir"] ?? null,
    train: number(values.train, size.train),
    test: number(values.test, size.test),
  };
  return {
    data: await loadSource(source),
    source,
    full: isFull,
    flags: new Set(flags.filter((flag) => flag in values)),
    threads: values.threads === undefined ? undefined : Number(values.threads),
    epochs: Number(values.epochs ?? size.epochs),
    seeds: Array.from({ length: Number(values.seeds ?? size.seeds) }, (_, i) => i + 1),
    device: values.device,
  };
}

/** The data of a source. */
export const loadSource = ({ data, dataDir, train, test }: Source): Promise<Splits> =>
  loadDataset(data, { dataDir: dataDir ?? undefined, train: train ?? undefined, test: test ?? undefined });

/** The folder `--out`, by default runs/examples/NAME. */
export function outFolder(name: string): string {
  const { values } = parseArgs({ options: { out: { type: "string" } }, strict: false });
  return typeof values.out === "string" ? values.out : join("runs", "examples", name);
}

/** Writes `NAME.svg` into `outFolder` and says where it is. */
export async function saveFigure(name: string, svg: string): Promise<void> {
  const path = join(outFolder(name), `${name}.svg`);
  await writeAtomically(path, svg);
  console.log(`\n${path}`);
}

/** `93.51 ± 0.21` of shares in [0, 1], as per cent: mean and standard deviation over seeds. */
export function percent(shares: readonly number[]): string {
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const deviation = Math.sqrt(shares.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, shares.length - 1));
  return shares.length === 1 ? (100 * mean).toFixed(2) : `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
}
