import type { Tape, Value } from "./tape.js";

/** An image as planes: channel, row, column. Cells of padding are undefined. */
type Planes = readonly (readonly (readonly (Value | undefined)[])[])[];

/** Height and width. */
type Pair = readonly [number, number];

export interface Sliding {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Units of an image with its channels last, as planes. */
function planesOf(units: readonly Value[], [channels, height, width]: readonly [number, number, number]): Planes {
  return range(channels).map((c) =>
    range(height).map((y) => range(width).map((x) => units[(y * width + x) * channels + c])),
  );
}

const unitsOf = (planes: readonly (readonly (readonly Value[])[])[]): Value[] =>
  planes[0]!.flatMap((row, y) => row.flatMap((_, x) => planes.map((plane) => plane[y]![x]!)));

function padded(planes: Planes, [above, beside]: Pair): Planes {
  const margin = new Array<undefined>(beside).fill(undefined);
  return planes.map((plane) => {
    const rows = plane.map((row) => [...margin, ...row, ...margin]);
    const empty = new Array<undefined>(rows[0]!.length).fill(undefined);
    return [...range(above).map(() => empty), ...rows, ...range(above).map(() => empty)];
  });
}

/** Every stride-th place at which a window still fits. */
const places = (cells: number, size: number, stride: number, dilation: number): number[] =>
  range(cells).filter((at) => at % stride === 0 && at + dilation * (size - 1) < cells);

/** The cells of every window of a plane: [output row, output column, cell]. */
function windowsOf(plane: Planes[number], { size, stride, dilation }: Sliding): (Value | undefined)[][][] {
  return places(plane.length, size[0], stride[0], dilation[0]).map((top) =>
    places(plane[0]!.length, size[1], stride[1], dilation[1]).map((left) =>
      range(size[0]).flatMap((i) => range(size[1]).map((j) => plane[top + i * dilation[0]]![left + j * dilation[1]])),
    ),
  );
}

const sum = (tape: Tape, values: readonly Value[]): Value =>
  values.length === 0 ? tape.leaf(0) : values.reduce((a, b) => tape.add(a, b));

export type Shape = readonly [channels: number, height: number, width: number];

/**
 * Cross-correlation of a padded image with one kernel per output channel, by patches. `kernel` gives the weight of an output
 * channel, an input channel of its group and a cell of the window.
 */
export function convolve(
  tape: Tape,
  units: readonly Value[],
  shape: Shape,
  sliding: Sliding,
  { outputs, groups }: { readonly outputs: number; readonly groups: number },
  kernel: (output: number, input: number, cell: number) => Value,
): Value[] {
  const patches = padded(planesOf(units, shape), sliding.padding).map((plane) => windowsOf(plane, sliding));
  const perGroup = patches.length / groups;
  const planes = range(outputs).map((o) => {
    const group = Math.floor((o * groups) / outputs);
    const own = patches.slice(group * perGroup, (group + 1) * perGroup);
    return own[0]!.map((row, y) =>
      row.map((_, x) => {
        const products = own.flatMap((windows, c) =>
          windows[y]![x]!.flatMap((cell, k) => (cell === undefined ? [] : [tape.multiply(cell, kernel(o, c, k))])),
        );
        return sum(tape, products);
      }),
    );
  });
  return unitsOf(planes);
}

/** The first largest cell of every window, or `scale` times the sum of its cells. */
export function pooled(
  tape: Tape,
  units: readonly Value[],
  shape: Shape,
  sliding: Sliding,
  kind: "max" | "sum",
  scale: number,
): Value[] {
  const planes = padded(planesOf(units, shape), sliding.padding).map((plane) =>
    windowsOf(plane, sliding).map((row) =>
      row.map((window) => {
        const cells = window.filter((cell) => cell !== undefined);
        return kind === "sum" ? tape.scale(sum(tape, cells), scale) : largest(tape, cells);
      }),
    ),
  );
  return unitsOf(planes);
}

function largest(tape: Tape, cells: readonly Value[]): Value {
  const found = cells.reduce((a, b) => (b.value > a.value ? b : a));
  for (const { value } of cells) tape.near(found.value - value);
  return found;
}

/** Batch normalization (Ioffe and Szegedy 2015, algorithm 1) of rows of units, per channel. */
export function normalized(
  tape: Tape,
  rows: readonly (readonly Value[])[],
  gain: readonly Value[],
  shift: readonly Value[],
  epsilon: number,
): Value[][] {
  const channels = gain.length;
  const statistics = range(channels).map((c) => {
    const own = rows.flatMap((row) => row.filter((_, n) => n % channels === c));
    const mean = tape.scale(sum(tape, own), 1 / own.length);
    const squares = own.map((value) => {
      const deviation = tape.subtract(value, mean);
      return tape.multiply(deviation, deviation);
    });
    return { mean, deviation: tape.sqrt(tape.add(tape.scale(sum(tape, squares), 1 / own.length), tape.leaf(epsilon))) };
  });
  return rows.map((row) =>
    row.map((value, n) => {
      const { mean, deviation } = statistics[n % channels]!;
      const normal = tape.divide(tape.subtract(value, mean), deviation);
      return tape.add(tape.multiply(gain[n % channels]!, normal), shift[n % channels]!);
    }),
  );
}
