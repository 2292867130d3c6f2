import type { SignalSpec } from "../../contract.js";

/** Bytes of a cache line. */
export const LINE = 64;

/**
 * Columns in memory per row of `columns` numbers: a multiple of 8 (two registers). From 33 columns on it is an odd
 * number of cache lines, so that a narrow slice of many rows spreads over the whole cache instead of a few of its
 * sets.
 */
export function paddedColumns(columns: number): number {
  if (columns <= 32) return computedColumns(columns);
  const lines = Math.ceil(columns / 16);
  return (lines % 2 === 0 ? lines + 1 : lines) * 16;
}

/** Columns that kernels compute: whole groups of eight. Padding after them is never read. */
export const computedColumns = (columns: number): number => roundUp(columns, 8);

/** Columns of a panel of a tensor, and bytes of a panel's row. */
export const PANEL_COLUMNS = 32;
export const PANEL_ROW = PANEL_COLUMNS * 4;

/**
 * Layout of a tensor. It is split into panels of 32 columns, each with contiguous rows, so that a slice of 32 columns
 * of many rows covers few pages: element (i, n) is at `address + floor(n / 32) * panelBytes + i * 128 + (n mod 32) *
 * 4`.
 */
export interface TensorLayout {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly panelBytes: number;
}

/**
 * Bytes of a tensor, and of one of its panels. A tensor of one row is contiguous, because kernels read the parameters
 * of units that way. There is padding after the last row, because the transpose reads four rows together. Panels are
 * an odd number of rows apart, so that accesses across them do not map to the same sets of a cache.
 */
export function tensorBytes(rows: number, columns: number): { bytes: number; panelBytes: number } {
  const panelBytes = (rows | 1) * PANEL_ROW;
  return { bytes: Math.ceil(columns / PANEL_COLUMNS) * panelBytes + 3 * PANEL_ROW, panelBytes };
}

/** Bytes of the transposed copy of a tensor, into which four rows are written together. */
export const transposedBytes = (rows: number, columns: number): { bytes: number; panelBytes: number } =>
  tensorBytes(roundUp(columns, 4), rows);

/**
 * Shape of a signal in memory, sample after sample. Values: rows of `rowBytes`. Spikes: contiguous lists of units, 16
 * bits each. The first list is the sample's baseline, the units that fire in most of its steps. Each step has two
 * lists of deltas: added spikes, then removed spikes. The table before the lists, of `endsBytes`, holds the end of
 * each list, 32 bits each, in bytes from the start of the sample. Spikes of an image (`isImage`) have no baseline: the
 * added spikes of a step are all its spikes, in ascending order. Numbers of units above 65535 have 32 bits.
 */
export interface SignalShape {
  readonly kind: "spikes" | "values";
  readonly width: number;
  /** A row of values consists of this many segments of `padded` numbers; more than one only for the carry of a scan. */
  readonly segments: number;
  /** Numbers in memory per segment of width / segments. */
  readonly padded: number;
  /** Rows per sample: the steps, or 1. */
  readonly rows: number;
  /** Bytes of a row of values; 0 for spikes. */
  readonly rowBytes: number;
  /** Bytes of the table before the lists of spikes; 0 for values. */
  readonly endsBytes: number;
  /** Bytes of a unit's number in the lists of spikes. */
  readonly numberBytes: 2 | 4;
  /** True for spikes that an operation on images reads: their lists have no baseline. */
  readonly isImage: boolean;
  readonly sampleBytes: number;
  /** Samples that are stored together; the capacity is a multiple of this. */
  readonly together: number;
}

/**
 * `batch`: at `address + b * sampleBytes`. `thread`: likewise for the samples of a block, in the scratch memory of a
 * thread.
 */
export interface SignalLayout extends SignalShape {
  readonly memory: "batch" | "thread";
  readonly address: number;
}

export const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** The largest number of a unit that 16 bits hold. */
export const MOST_UNITS = 65535;

export function signalShape(
  { kind, width, rows: kindOfRows }: Pick<SignalSpec, "kind" | "width" | "rows">,
  steps: number,
  { segments = 1, isImage = false }: { segments?: number; isImage?: boolean } = {},
): SignalShape {
  const rows = kindOfRows === "steps" ? steps : 1;
  const padded = paddedColumns(width / segments);
  const numberBytes = width > MOST_UNITS ? 4 : 2;
  const shape = { kind, width, segments, padded, rows, numberBytes, isImage, together: 1 } as const;
  if (kind === "values") {
    const rowBytes = segments * padded * 4;
    return { ...shape, rowBytes, endsBytes: 0, sampleBytes: rows * rowBytes };
  }
  const endsBytes = roundUp((1 + 2 * rows) * 4, 16);
  // No unit is in more than one list of a step. Lists are written eight numbers at a time.
  const lists = isImage ? rows : rows + 1;
  const sampleBytes = roundUp(endsBytes + (lists * width + 8) * numberBytes, 16);
  return { ...shape, rowBytes: 0, endsBytes, sampleBytes };
}

/** Shape of a signal of values whose rows have `rowBytes` and whose samples have `sampleBytes`, as a kernel defines them. */
export function rowsShape(rows: number, rowBytes: number, sampleBytes = rows * rowBytes): SignalShape {
  const numbers = rowBytes / 4;
  const shape = { kind: "values", width: numbers, segments: 1, padded: numbers, rows, rowBytes, sampleBytes } as const;
  return { ...shape, endsBytes: 0, numberBytes: 2, isImage: false, together: 1 };
}

/** Rows of packed errors per sample: one per step, and their sum. */
export const packedRows = (steps: number): number => steps + 1;

/** Shape of errors that `packErrors` writes: see `packedGroups`. */
export function packedShape(width: number, steps: number): SignalShape {
  const panels = Math.ceil(width / PANEL_COLUMNS);
  const padded = panels * PANEL_COLUMNS;
  const rows = packedRows(steps);
  const sampleBytes = rows * panels * PANEL_ROW;
  const together = groupSamples(steps);
  return {
    kind: "values",
    width,
    segments: 1,
    padded,
    rows,
    rowBytes: PANEL_ROW,
    endsBytes: 0,
    numberBytes: 2,
    isImage: false,
    sampleBytes,
    together,
  };
}

/** Most samples of a block. */
export const BLOCK_SAMPLES = 8;
/**
 * Bytes of a group's packed errors of one panel, which stay in the first-level cache with all data that passes through
 * it.
 */
const GROUP_BYTES = 28 * 1024;

/**
 * Samples whose errors are summed together: as many as fit, in whole blocks if at least one block fits. Sums run group
 * by group, so this must not depend on the number of threads.
 */
export function groupSamples(steps: number): number {
  const fit = Math.floor(GROUP_BYTES / (packedRows(steps) * PANEL_ROW));
  return fit < BLOCK_SAMPLES ? Math.max(1, fit) : fit - (fit % BLOCK_SAMPLES);
}

/** Groups of a batch. */
export const groupsOf = (batch: number, steps: number): number => Math.ceil(batch / groupSamples(steps));

/**
 * Layout of packed errors: groups of samples, each in panels of 32 columns, each panel in samples, each sample in
 * rows.
 */
export function packedGroups({ rows, padded, together }: Pick<SignalShape, "rows" | "padded" | "together">): {
  readonly groupBytes: number;
  readonly panelBytes: number;
  /** Bytes of a sample in one panel. */
  readonly sampleBytes: number;
} {
  const sampleBytes = rows * PANEL_ROW;
  const panelBytes = together * sampleBytes;
  return { groupBytes: (padded / PANEL_COLUMNS) * panelBytes, panelBytes, sampleBytes };
}

/** Allocates consecutive addresses, each at the start of a cache line. */
export class Arena {
  #end: number;

  constructor(start: number) {
    this.#end = start;
  }

  take(bytes: number): number {
    const address = roundUp(this.#end, LINE);
    this.#end = address + bytes;
    return address;
  }

  get end(): number {
    return this.#end;
  }
}

/** A buffer that is in use from one operation to another, both included. */
export interface Lifetime {
  readonly name: string;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Assigns offsets in one region so that buffers in use at the same time do not overlap; first fit by start. */
export function packLifetimes(lifetimes: readonly Lifetime[]): { offsets: Map<string, number>; bytes: number } {
  const placed: (Lifetime & { offset: number; size: number })[] = [];
  const offsets = new Map<string, number>();
  let total = 0;
  for (const item of [...lifetimes].sort((a, b) => a.first - b.first)) {
    const size = roundUp(item.bytes, LINE);
    const rivals = placed
      .filter((p) => p.last >= item.first && item.last >= p.first)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const rival of rivals) {
      if (rival.offset >= offset + size) break;
      offset = Math.max(offset, rival.offset + rival.size);
    }
    placed.push({ ...item, offset, size });
    offsets.set(item.name, offset);
    total = Math.max(total, offset + size);
  }
  return { offsets, bytes: total };
}
