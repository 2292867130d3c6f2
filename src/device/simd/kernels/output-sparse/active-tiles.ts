import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i8x16, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { KernelContext } from "../codegen/kernel-context.js";
import { positionsOf } from "../spikes/index-lists.js";
import { type ActiveUnits, type ActiveUnitTest, eachEight } from "./active-units.js";

/**
 * Lists of (unit, steps) tiles, so that the product loops have known trip counts. The active steps of a unit are split
 * into tiles of four, and the remainder, if any, into one tile of two. All tiles of four of a group of units are
 * contiguous, and so are all tiles of two. The lists are written without branches.
 */

/** Steps per list: one per bit of a lane. Within a list a byte identifies a step. */
export const LISTED_STEPS = 32;
/** Units per list. Within a list a byte identifies a unit. */
export const LISTED_UNITS = 128;

/** Padding for stores of eight bytes past the end of a list. */
const SLACK = 16;
/**
 * Offsets in the workspace: the active steps, one word per unit of eight; then, for tiles of four and of two, the
 * steps and the unit of each tile.
 */
const WORDS = 0;
const STEPS_OF_FOURS = WORDS + 32;
const UNITS_OF_FOURS = STEPS_OF_FOURS + LISTED_UNITS * LISTED_STEPS + SLACK;
const STEPS_OF_TWOS = UNITS_OF_FOURS + (LISTED_UNITS * LISTED_STEPS) / 4 + SLACK;
const UNITS_OF_TWOS = STEPS_OF_TWOS + LISTED_UNITS * 2 + SLACK;
export const TILES_BYTES = UNITS_OF_TWOS + LISTED_UNITS + SLACK;

/**
 * Contiguous tiles: locals with the addresses of their steps and of their units, a byte each, and the end of the
 * units.
 */
export interface Tiles {
  readonly steps: number;
  readonly units: number;
  readonly end: number;
}

interface Listed extends ActiveUnits {
  /** Locals with the byte offsets in a row of numbers of the first unit and past the last unit. */
  readonly units: readonly [from: number, to: number];
  /** Locals with the byte offsets of the first step's row and past the last step's row. */
  readonly steps: readonly [from: number, to: number];
  /** Local with the address of the workspace. */
  readonly workspace: number;
}

/** Lists the active steps of a group of units. Steps and units are counted from the first one. */
export function listTiles(
  f: FunctionBuilder,
  context: KernelContext,
  activeTest: ActiveUnitTest,
  { output, stored, units, steps, workspace }: Listed,
): { fours: Tiles; twos: Tiles } {
  const at = (offset: number): number => f.let(TYPE.i32, i32.add(get(workspace), i32.const(offset)));
  const fours = { steps: at(STEPS_OF_FOURS), units: at(UNITS_OF_FOURS) };
  const twos = { steps: at(STEPS_OF_TWOS), units: at(UNITS_OF_TWOS) };
  const bytes = Math.ceil(Math.min(output.rows, LISTED_STEPS) / 8);
  const [from, to] = [get(units[0]), get(units[1])];
  eachEight(f, context, activeTest, { output, stored, from, to }, (unit, isActive) => {
    const words = [0, 1].map(() => f.let(TYPE.v128, i32x4.const(0)));
    const bit = f.let(TYPE.v128, i32x4.splat(i32.const(1)));
    f.range(get(steps[0]), get(steps[1]), output.rowBytes, (row) => {
      isActive(row).forEach((mask, quad) => {
        f.emit(set(words[quad]!, v128.or(get(words[quad]!), v128.and(get(bit), mask))));
      });
      f.emit(set(bit, i32x4.add(get(bit), get(bit))));
    });
    words.forEach((word, quad) => {
      f.emit(v128.store(WORDS + 16 * quad, get(workspace), get(word)));
    });
    for (let k = 0; k < 8; k++) {
      const word = [...Array(bytes).keys()].map((byte) => i32.load8u(WORDS + 4 * k + byte, get(workspace)));
      const number = i32.add(i32.shrU(i32.sub(get(unit), get(units[0])), i32.const(2)), i32.const(k));
      listUnit(f, context.listTables, word, f.let(TYPE.i32, number), { fours, twos });
    }
  });
  // Two tiles of two are processed per iteration, so the last tile is repeated.
  f.emit(i32.store16(0, get(twos.steps), i32.load16u(0, i32.sub(get(twos.steps), i32.const(2)))));
  f.emit(i32.store8(0, get(twos.units), i32.load8u(0, i32.sub(get(twos.units), i32.const(1)))));
  return {
    fours: { steps: at(STEPS_OF_FOURS), units: at(UNITS_OF_FOURS), end: fours.units },
    twos: { steps: at(STEPS_OF_TWOS), units: at(UNITS_OF_TWOS), end: twos.units },
  };
}

/** Locals with the addresses of the next tile's steps and unit. */
type End = Omit<Tiles, "end">;

/** Appends the tiles of the unit with the index in local `unit`; the bits of `word` are its active steps. */
function listUnit(
  f: FunctionBuilder,
  tables: number,
  word: readonly Code[],
  unit: number,
  { fours, twos }: { fours: End; twos: End },
): void {
  const move = (end: number, by: Code): void => f.emit(set(end, i32.add(get(end), by)));
  const end = f.let(TYPE.i32, get(fours.steps));
  word.forEach((byte, index) => {
    const bits = f.let(TYPE.i32, byte);
    const positions = positionsOf(tables, bits);
    const numbers = index === 0 ? positions : i8x16.add(positions, v128.const(Array(16).fill(8 * index)));
    f.emit(v128.store64Lane(0, 0, get(end), numbers));
    move(end, i32.popcnt(get(bits)));
  });
  const last = f.let(TYPE.i32, i32.load8u(0, i32.sub(get(end), i32.const(1))));
  // Short tiles repeat their last step; computing it twice gives the same value.
  f.emit(i32.store8(0, get(end), get(last)));
  // Three remaining steps form a tile of four, one or two form a tile of two.
  const padded = f.let(TYPE.i32, i32.add(i32.sub(get(end), get(fours.steps)), i32.const(1)));
  const isTwo = f.let(TYPE.i32, i32.and(i32.shrU(get(padded), i32.const(1)), i32.const(1)));
  const count = f.let(TYPE.i32, i32.shrU(get(padded), i32.const(2)));
  f.emit(v128.store64Lane(0, 0, get(fours.units), i8x16.splat(get(unit))));
  move(fours.units, get(count));
  move(fours.steps, i32.shl(get(count), i32.const(2)));
  f.emit(i32.store8(0, get(twos.steps), i32.load8u(0, get(fours.steps))), i32.store8(1, get(twos.steps), get(last)));
  f.emit(i32.store8(0, get(twos.units), get(unit)));
  move(twos.units, get(isTwo));
  move(twos.steps, i32.shl(get(isTwo), i32.const(1)));
}
