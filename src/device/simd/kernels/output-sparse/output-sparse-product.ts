import { PANEL_ROW, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { branchIf, f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { KernelContext } from "../codegen/kernel-context.js";
import { LISTED_STEPS, LISTED_UNITS, listTiles, TILES_BYTES, type Tiles } from "./active-tiles.js";
import type { ActiveUnits, ActiveUnitTest } from "./active-units.js";

/**
 * The output-sparse product (SDDMM) computes the input gradient of active units only: for each unit below, its weights
 * times the errors of its active steps, several steps per load of the weights.
 */

/** Rows of errors per iteration: four steps of one unit, or two of each of two units. */
const ROWS = 4;
const REGISTERS_OF_PANEL = PANEL_ROW / 16;

/** Two sums per row hide the latency of an addition. */
const SUMS_BYTES = 2 * 16 * ROWS;

/** Bytes of the workspace, for any number of steps and units. */
export const OUTPUT_SPARSE_BYTES = SUMS_BYTES + TILES_BYTES;

interface Operands extends ActiveUnits {
  readonly input: SignalLayout;
  /** `[inputs, units]`, not transposed. */
  readonly weights: TensorLayout;
  /** Locals with the addresses of the sample's rows, and of the workspace. */
  readonly from: number;
  readonly to: number;
  readonly workspace: number;
}

/** to[t, i] = sum_n from[t, n] * weights[i, n] if unit i is active at step t, else 0, for all rows of a sample. */
export function outputSparseProduct(
  f: FunctionBuilder,
  context: KernelContext,
  activeTest: ActiveUnitTest,
  operands: Operands,
): void {
  const { input, output, stored, weights, from, to, workspace } = operands;
  const { rows, rowBytes, width } = output;
  f.range(get(to), i32.add(get(to), i32.const(rows * rowBytes)), 32, (at) => {
    for (const half of [16, 0]) f.emit(v128.store(half, get(at), f32x4.const(0)));
  });
  const lists = f.let(TYPE.i32, i32.add(get(workspace), i32.const(SUMS_BYTES)));
  const errors = f.let(TYPE.i32, get(from));
  inChunks(f, rows * rowBytes, LISTED_STEPS * rowBytes, (steps) => {
    inChunks(f, width * 4, LISTED_UNITS * 4, (units) => {
      const { fours, twos } = listTiles(f, context, activeTest, { output, stored, units, steps, workspace: lists });
      const row = i32.mul(i32.shrU(get(units[0]), i32.const(2)), i32.const(PANEL_ROW));
      const starts = {
        errors,
        weights: f.let(TYPE.i32, i32.add(row, i32.const(weights.address))),
        target: f.let(TYPE.i32, i32.add(i32.add(get(to), get(steps[0])), get(units[0]))),
      };
      eachIteration(f, fours, 1, (iteration) => multiply(f, context, operands, starts, iteration));
      eachIteration(f, twos, 2, (iteration) => multiply(f, context, operands, starts, iteration));
    });
    f.emit(set(errors, i32.add(get(errors), i32.const(LISTED_STEPS * input.rowBytes))));
  });
}

/** Runs the body for chunks of the range from 0 to `total`: locals with the start and the end of a chunk. */
function inChunks(
  f: FunctionBuilder,
  total: number,
  chunk: number,
  body: (ends: readonly [from: number, to: number]) => void,
): void {
  f.range(i32.const(0), i32.const(total), chunk, (from) => {
    const to = f.let(TYPE.i32, i32.add(get(from), i32.const(chunk)));
    if (total % chunk > 0) f.if(i32.gtU(get(to), i32.const(total)), () => f.emit(set(to, i32.const(total))));
    body([from, to]);
  });
}

/** One tile of four steps, or two of two: locals with the addresses of its steps and units, a byte each. */
interface Iteration {
  readonly steps: number;
  readonly units: number;
  /** Tiles of the iteration, each of a different unit. */
  readonly tiles: 1 | 2;
}

function eachIteration(
  f: FunctionBuilder,
  { steps, units, end }: Tiles,
  tiles: 1 | 2,
  body: (iteration: Iteration) => void,
): void {
  f.while(i32.ltU(get(units), get(end)), () => {
    body({ steps, units, tiles });
    f.emit(set(steps, i32.add(get(steps), i32.const(ROWS))), set(units, i32.add(get(units), i32.const(tiles))));
  });
}

/**
 * Locals with the addresses of the errors of step 0, of the weights of unit 0, and of the result of unit 0 at step 0.
 */
interface Starts {
  readonly errors: number;
  readonly weights: number;
  readonly target: number;
}

function multiply(
  f: FunctionBuilder,
  context: KernelContext,
  { input, output, weights, workspace }: Operands,
  starts: Starts,
  { steps, units, tiles }: Iteration,
): void {
  const rows = [...Array(ROWS).keys()];
  const tileOf = (row: number): number => Math.floor((row * tiles) / ROWS);
  const step = (row: number, bytes: number): Code => i32.mul(i32.load8u(row, get(steps)), i32.const(bytes));
  const unit = (tile: number, bytes: number): Code => i32.mul(i32.load8u(tile, get(units)), i32.const(bytes));
  const errors = rows.map((row) => f.let(TYPE.i32, i32.add(get(starts.errors), step(row, input.rowBytes))));
  const panels = [...Array(tiles).keys()].map((tile) =>
    f.let(TYPE.i32, i32.add(get(starts.weights), unit(tile, PANEL_ROW))),
  );
  const sums = rows.map(() => [f.let(TYPE.v128, f32x4.const(0)), f.let(TYPE.v128, f32x4.const(0))] as const);
  const loaded = panels.map(() => f.v128());
  const add = (registers: number): void => {
    for (let j = 0; j < registers; j++) {
      // Early exits that are never taken (see `accumulateRows`). Each has a condition of its own, so that none implies
      // another.
      if (j > 0 && (j % 2 === 0 || !context.wide)) f.emit(branchIf(1, i32.eq(get(panels[0]!), i32.const(j))));
      loaded.forEach((register, tile) => {
        f.emit(set(register, v128.load(16 * j, get(panels[tile]!))));
      });
      for (const row of rows) {
        const sum = sums[row]![j % 2]!;
        const error = v128.load(16 * j, get(errors[row]!));
        f.emit(set(sum, f.multiplyAdd(get(loaded[tileOf(row)]!), error, get(sum))));
      }
    }
  };
  const registers = input.width / 4;
  f.range(i32.const(0), i32.const(Math.floor(registers / REGISTERS_OF_PANEL)), 1, () => {
    add(REGISTERS_OF_PANEL);
    for (const panel of panels) f.emit(set(panel, i32.add(get(panel), i32.const(weights.panelBytes))));
    for (const error of errors) f.emit(set(error, i32.add(get(error), i32.const(PANEL_ROW))));
  });
  // A loop of one iteration, so that early exits have a target here too.
  const rest = registers % REGISTERS_OF_PANEL;
  if (rest > 0) f.range(i32.const(0), i32.const(1), 1, () => add(rest));
  const totals = f.let(TYPE.v128, sumsOfLanes(f, workspace, sums));
  for (const row of rows) {
    const target = i32.add(i32.add(get(starts.target), unit(tileOf(row), 4)), step(row, output.rowBytes));
    f.emit(v128.store32Lane(0, row, target, get(totals)));
  }
}

/** Adds the lanes of four pairs of sums, to one lane of the result each. */
export function sumsOfLanes(f: FunctionBuilder, workspace: number, sums: readonly (readonly [number, number])[]): Code {
  // Side by side in memory, so that an engine can add even and odd registers with one instruction.
  sums.forEach(([even, odd], row) => {
    f.emit(v128.store(32 * row + 16, get(workspace), get(odd)), v128.store(32 * row, get(workspace), get(even)));
  });
  const quads = sums.map((_, row) =>
    f.let(TYPE.v128, f32x4.add(v128.load(32 * row, get(workspace)), v128.load(32 * row + 16, get(workspace)))),
  );
  const neighbors = (a: number, b: number): number => {
    const [even, odd] = [
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ].map((lanes) => i32x4.shuffle(lanes, get(a), get(b)));
    return f.let(TYPE.v128, f32x4.add(even!, odd!));
  };
  return get(neighbors(neighbors(quads[0]!, quads[1]!), neighbors(quads[2]!, quads[3]!)));
}
