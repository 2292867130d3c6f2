import type { Expression } from "../../../equations/expression.js";
import type { AdjointScan } from "../../contract.js";
import { PANEL_ROW, type SignalPlace, type TensorPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { branchIf, f32, f32x4, get, i32, i32x4, set, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import type { KernelContext } from "./context.js";
import { FormulaEmitter } from "./formulas.js";
import { bindNeuron, loadParameters, lookUp } from "./neuron.js";

/**
 * The product that hands errors upstream, computed only where they will be heeded: for every unit below, its weights meet the
 * errors of the steps at which it listens, four steps at a time.
 */

/** Steps that share a load of the weights, half as many at the end; two sums for each hide the latency of an addition. */
const TILE = 4;
const UNITS = 4;
/** Share of the errors that may be heeded; with more, other products are faster. */
const WORTH_IT = 0.4;
/** Every so many steps are looked at to find that share. */
const COUNTED = 4;

/** Bytes of the two sums of every step of a tile. */
const SUMS_BYTES = 32 * TILE;

/** Bytes of working memory of one sample: the lists of steps of four units. */
export const heededBytes = ({ rows }: Pick<SignalPlace, "rows">): number => SUMS_BYTES + UNITS * listBytes(rows);
/** A word in front, where the last step of an empty list is looked for, and one behind, where the last is said again. */
const listBytes = (rows: number): number => (1 + rows + 1) * 4;

export interface Heeding {
  /** The scan that takes the errors. */
  readonly scan: AdjointScan;
  /** See `heedingFactors`. */
  readonly factors: readonly Expression[];
}

interface Operands {
  readonly input: SignalPlace;
  readonly output: SignalPlace;
  /** `[inputs, units]`, not transposed. */
  readonly weights: TensorPlace;
  /** Locals with the addresses of the sample's rows, and of its working memory. */
  readonly from: number;
  readonly to: number;
  readonly working: number;
  /** The address in a stored signal of the sample's first row. */
  stored(signal: string): Code;
}

/** Runs the body for every four units with a function that gives, as lane masks, who of them listens at a step. */
function eachQuad(
  f: FunctionBuilder,
  context: KernelContext,
  { scan, factors }: Heeding,
  { output, stored }: Operands,
  body: (unit: number, listens: (t: number) => Code) => void,
): void {
  const bound = bindNeuron(scan.neuron, scan.parameters);
  const starts = scan.neuron.adjointNeeds.map((name) => {
    const signal = scan.stored[name]!;
    return { name, place: context.signal(signal), start: f.let(TYPE.i32, stored(signal)) };
  });
  f.range(i32.const(0), i32.const(output.width * 4), UNITS * 4, (unit) => {
    const parameters = loadParameters(f, context, bound, unit, 0);
    body(unit, (t) => {
      const symbols = new Map<string, Code>();
      for (const { name, place, start } of starts) {
        const row = i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(place.rowBytes)));
        symbols.set(name, get(f.let(TYPE.v128, v128.load(0, row))));
      }
      const emitter = new FormulaEmitter(f, lookUp(symbols, parameters), context.host);
      return factors.map((factor) => emitter.mask(factor)).reduce((all, mask) => v128.and(all, mask));
    });
  });
}

/** Runs one of two bodies: `heeded` where few enough errors of a sample are, else `other`. */
export function whereHeeded(
  f: FunctionBuilder,
  context: KernelContext,
  heeding: Heeding,
  operands: Operands,
  { heeded, other }: { heeded: () => void; other: () => void },
): void {
  const { rows, width } = operands.output;
  const count = f.let(TYPE.i32, i32.const(0));
  eachQuad(f, context, heeding, operands, (_, listens) => {
    f.range(i32.const(0), i32.const(rows), COUNTED, (t) => {
      f.emit(set(count, i32.add(get(count), i32.popcnt(i32x4.bitmask(listens(t))))));
    });
  });
  f.ifElse(i32.ltU(get(count), i32.const(Math.floor(WORTH_IT * Math.ceil(rows / COUNTED) * width))), heeded, other);
}

/** to[t, i] = sum_n from[t, n] * weights[i, n] where unit i listens at step t, else 0, for all rows of a sample. */
export function heededProduct(f: FunctionBuilder, context: KernelContext, heeding: Heeding, operands: Operands): void {
  const { input, output, weights, to, working } = operands;
  const { rows } = output;
  f.range(get(to), i32.add(get(to), i32.const(rows * output.rowBytes)), 16, (at) => {
    f.emit(v128.store(0, get(at), f32x4.const(0)));
  });
  const lists = [...Array(UNITS).keys()].map((k) =>
    f.let(TYPE.i32, i32.add(get(working), i32.const(SUMS_BYTES + 4 + k * listBytes(rows)))),
  );
  const ends = lists.map(() => f.i32());
  eachQuad(f, context, heeding, operands, (unit, listens) => {
    ends.forEach((end, k) => {
      f.emit(set(end, get(lists[k]!)));
    });
    f.range(i32.const(0), i32.const(rows), 1, (t) => {
      const bits = f.let(TYPE.i32, i32x4.bitmask(listens(t)));
      ends.forEach((end, k) => {
        f.emit(i32.store(0, get(end), get(t)));
        const listening = i32.and(i32.shrU(get(bits), i32.const(k)), i32.const(1));
        f.emit(set(end, i32.add(get(end), i32.shl(listening, i32.const(2)))));
      });
    });
    ends.forEach((end, k) => {
      const row = f.let(TYPE.i32, i32.mul(i32.shrU(get(unit), i32.const(2)), i32.const(PANEL_ROW)));
      const weight = f.let(TYPE.i32, i32.add(get(row), i32.const(weights.address + k * PANEL_ROW)));
      const target = f.let(TYPE.i32, i32.add(i32.add(get(to), get(unit)), i32.const(4 * k)));
      const entry = f.let(TYPE.i32, get(lists[k]!));
      // A list is made even with its last step: what is computed twice is the same.
      f.emit(i32.store(0, get(end), i32.load(0, i32.sub(get(end), i32.const(4)))));
      const multiply = (tile: number): void => {
        const steps = [...Array(tile).keys()].map((r) => f.let(TYPE.i32, i32.load(4 * r, get(entry))));
        dotProducts(f, operands, weight, steps).forEach((sum, r) => {
          f.emit(f32.store(0, i32.add(get(target), i32.mul(get(steps[r]!), i32.const(output.rowBytes))), sum));
        });
        f.emit(set(entry, i32.add(get(entry), i32.const(4 * tile))));
      };
      f.while(i32.ltU(i32.add(get(entry), i32.const(4 * (TILE / 2))), get(end)), () => multiply(TILE));
      f.if(i32.ltU(get(entry), get(end)), () => multiply(TILE / 2));
    });
  });

  /** Code of the products of one row of weights with the errors of some steps. */
  function dotProducts(f: FunctionBuilder, { from }: Operands, weight: number, steps: readonly number[]): Code[] {
    const sums = steps.map(() => [f.let(TYPE.v128, f32x4.const(0)), f.let(TYPE.v128, f32x4.const(0))] as const);
    const errors = steps.map((t) => f.let(TYPE.i32, i32.add(get(from), i32.mul(get(t), i32.const(input.rowBytes)))));
    const panel = f.let(TYPE.i32, get(weight));
    const loaded = f.v128();
    const add = (registers: number): void => {
      for (let j = 0; j < registers; j++) {
        // Ways out that are never taken (see `addListedRows`), each with a condition of its own, so that none implies another.
        if (j > 0 && (j % 2 === 0 || !context.wide)) f.emit(branchIf(1, i32.eq(get(panel), i32.const(j))));
        f.emit(set(loaded, v128.load(16 * j, get(panel))));
        sums.forEach((pair, r) => {
          const sum = pair[j % 2]!;
          f.emit(set(sum, f32x4.add(get(sum), f32x4.mul(get(loaded), v128.load(16 * j, get(errors[r]!))))));
        });
      }
    };
    const registersOfPanel = PANEL_ROW / 16;
    const registers = input.width / 4;
    const full = Math.floor(registers / registersOfPanel);
    f.range(i32.const(0), i32.const(full), 1, () => {
      add(registersOfPanel);
      f.emit(set(panel, i32.add(get(panel), i32.const(weights.panelBytes))));
      for (const error of errors) f.emit(set(error, i32.add(get(error), i32.const(PANEL_ROW))));
    });
    // Once, so that there is a way out of it too.
    if (registers % registersOfPanel > 0)
      f.range(i32.const(0), i32.const(1), 1, () => add(registers % registersOfPanel));
    // Side by side in memory, so that an engine that can adds even and odd registers with one instruction.
    sums.forEach(([even, odd], r) => {
      f.emit(v128.store(32 * r, get(working), get(even)), v128.store(32 * r + 16, get(working), get(odd)));
    });
    return sums.map((_, r) => {
      const halves = [v128.load(32 * r, get(working)), v128.load(32 * r + 16, get(working))] as const;
      const sum = f.let(TYPE.v128, f32x4.add(...halves));
      const lane = (k: number): Code => f32x4.extract(k, get(sum));
      return get(f.let(TYPE.f32, f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)))));
    });
  }
}
