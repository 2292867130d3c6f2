import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadDataset, type Splits } from "spikevine/data";
import { writeAtomically } from "spikevine/record";

/** Command-line settings that every example shares. */
export interface Settings {
  readonly data: Splits;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly device: string;
}

/**
 * Reads `--data mnist --data-dir DIR --train N --test N --epochs N --seeds N --device NAME` and loads the data.
 * Without `--data` an example uses the digits that Spikevine draws itself. `--out` is for `saveFigure`.
 */
export async function settings(defaults: {
  epochs: number;
  seeds: number;
  train?: number;
  test?: number;
}): Promise<Settings> {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: "digits" },
      "data-dir": { type: "string" },
      train: { type: "string" },
      test: { type: "string" },
      epochs: { type: "string", default: String(defaults.epochs) },
      seeds: { type: "string", default: String(defaults.seeds) },
      device: { type: "string", default: "auto" },
      out: { type: "string" },
    },
  });
  const size = (text: string | undefined, usual: number | undefined): number | undefined =>
    text === undefined ? usual : Number(text);
  return {
    data: await loadDataset(values.data, {
      dataDir: values["data-dir"],
      train: size(values.train, defaults.train),
      test: size(values.test, defaults.test),
    }),
    epochs: Number(values.epochs),
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
    device: values.device,
  };
}

/** Writes `NAME.svg` into the folder `--out`, by default runs/examples/NAME, and says where it is. */
export async function saveFigure(name: string, svg: string): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" } }, strict: false });
  const folder = typeof values.out === "string" ? values.out : join("runs", "examples", name);
  const path = join(folder, `${name}.svg`);
  await writeAtomically(path, svg);
  console.log(`\n${path}`);
}

/** `93.51 ± 0.21` of shares in [0, 1], as per cent: mean and standard deviation over seeds. */
export function percent(shares: readonly number[]): string {
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const deviation = Math.sqrt(shares.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, shares.length - 1));
  return shares.length === 1 ? (100 * mean).toFixed(2) : `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
}
