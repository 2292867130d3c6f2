/** An epoch of a run, as its metrics file has it. */
export interface EpochRecord {
  readonly epoch: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
}

export interface RunMetrics {
  readonly epochs: readonly EpochRecord[];
  /** The final test; a run that has one is finished. */
  readonly test: { readonly accuracy: number; readonly samples: number } | undefined;
}

/** Reads a metrics file. A last line without an end is being written and left out, like lines that are not objects. */
export function parseMetrics(text: string): RunMetrics {
  const records = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => objectOf(line));
  const test = records.find(({ kind }) => kind === "test");
  return {
    epochs: records
      .filter(({ kind }) => kind === "epoch")
      .map((record) => ({
        epoch: Number(record.epoch),
        loss: numberOf(record.loss),
        accuracy: numberOf(record.accuracy),
        testLoss: numberOf(record.testLoss),
        testAccuracy: numberOf(record.testAccuracy),
      })),
    test: test === undefined ? undefined : { accuracy: Number(test.accuracy), samples: Number(test.samples) },
  };
}

function objectOf(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** A table of a sweep. */
export interface SweepTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads CSV with quoted fields. */
export function parseCsv(text: string): SweepTable {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  const [heading = [], ...others] = rows.filter((row) => row.length > 1 || (row[0] !== undefined && row[0] !== ""));
  return { heading, rows: others };
}

/** Settings of a run that say what it is, from its configuration. */
export function describeConfig(text: string): readonly (readonly [name: string, value: string])[] {
  const config = objectOf(text)[0] ?? {};
  const at = (path: string): unknown =>
    path
      .split(".")
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], config);
  const named: readonly (readonly [string, string])[] = [
    ["data", "data.name"],
    ["neuron", "network.neuron"],
    ["layers", "network.layers"],
    ["hidden", "network.hidden"],
    ["steps", "network.steps"],
    ["optimizer", "training.optimizer"],
    ["GRAPES", "training.grapes"],
    ["epochs", "training.epochs"],
    ["seed", "seed"],
    ["command", "command"],
  ];
  return named.flatMap(([name, path]) => {
    const value = at(path);
    return value === undefined || value === null
      ? []
      : [[name, Array.isArray(value) ? value.join("-") : String(value)] as const];
  });
}
