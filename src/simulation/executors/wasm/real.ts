import { FormulaEmitter, LaneFormulas } from "../../../device/simd/kernels/codegen/formulas.js";
import * as single from "../../../device/simd/kernels/codegen/math.js";
import { f64, f64x2, i64x2 } from "../../../device/simd/wasm/doubles.js";
import type { Code } from "../../../device/simd/wasm/encoding.js";
import { f32, f32x4, i32, i32x4, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../../device/simd/wasm/module.js";
import type { Expression } from "../../../equations/language/expression.js";
import * as double from "./double-math.js";

/** Writes formulas of as many neurons as a register holds. */
export interface Emitter {
  value(e: Expression): Code;
  mask(e: Expression): Code;
}

/** Makes the emitter of formulas in a function, from the code of each symbol. */
export type Emitters = (f: FunctionBuilder, symbols: (name: string) => Code) => Emitter;

/** Storage and arithmetic of numbers: the differences between single and double precision. */
export interface Real {
  readonly bytes: 4 | 8;
  /** Base-2 logarithm of `bytes`. */
  readonly shift: 2 | 3;
  /** One number at a time. */
  readonly load: (offset: number, address: Code) => Code;
  readonly store: (offset: number, address: Code, value: Code) => Code;
  readonly add: (a: Code, b: Code) => Code;
  readonly const: (value: number) => Code;
  /** A weight from memory, where weights are in single precision. */
  readonly loadWeight: (offset: number, address: Code) => Code;
  /** A register full of numbers. */
  readonly lanes: {
    readonly count: 4 | 2;
    readonly add: (a: Code, b: Code) => Code;
    readonly mul: (a: Code, b: Code) => Code;
    readonly abs: (a: Code) => Code;
    readonly gt: (a: Code, b: Code) => Code;
    readonly const: (value: number) => Code;
    /** All lanes from one number in memory. */
    readonly loadSplat: (offset: number, address: Code) => Code;
    /** From the first of four numbers in single precision. */
    readonly fromSingle: (four: Code) => Code;
    readonly bitmask: (mask: Code) => Code;
    /** An unsigned integer times a number, in all lanes. */
    readonly times: (integer: Code, factor: number) => Code;
    /** The integer in a lane, times a power of two. */
    readonly byteOf: (lane: number, numbers: Code, shift: number) => Code;
    readonly replaceFromMemory: (lane: number, numbers: Code, offset: number, address: Code) => Code;
  };
  /** Declares the imports of the emitters, and returns a function that makes emitters. */
  readonly emitters: (module: ModuleBuilder) => Emitters;
}

export const SINGLE: Real = {
  bytes: 4,
  shift: 2,
  load: f32.load,
  store: f32.store,
  add: f32.add,
  const: f32.const,
  loadWeight: f32.load,
  lanes: {
    count: 4,
    add: f32x4.add,
    mul: f32x4.mul,
    abs: f32x4.abs,
    gt: f32x4.gt,
    const: f32x4.const,
    loadSplat: v128.load32Splat,
    fromSingle: (four) => four,
    bitmask: i32x4.bitmask,
    times: (integer, factor) => f32x4.mul(f32x4.convertI32x4u(i32x4.splat(integer)), f32x4.const(factor)),
    byteOf: (lane, numbers, shift) => i32.shl(i32.truncSatF32U(f32x4.extract(lane, numbers)), i32.const(shift)),
    replaceFromMemory: (lane, numbers, offset, address) => f32x4.replace(lane, numbers, f32.load(offset, address)),
  },
  emitters(module) {
    const host = single.importHostFunctions(module);
    return (f, symbols) => new FormulaEmitter(f, symbols, host);
  },
};

export const DOUBLE: Real = {
  bytes: 8,
  shift: 3,
  load: f64.load,
  store: f64.store,
  add: f64.add,
  const: f64.const,
  loadWeight: (offset, address) => f64.promoteF32(f32.load(offset, address)),
  lanes: {
    count: 2,
    add: f64x2.add,
    mul: f64x2.mul,
    abs: f64x2.abs,
    gt: f64x2.gt,
    const: f64x2.const,
    loadSplat: f64x2.loadSplat,
    fromSingle: f64x2.promoteLow,
    bitmask: i64x2.bitmask,
    times: (integer, factor) => f64x2.mul(f64x2.convertLow(i32x4.splat(integer)), f64x2.const(factor)),
    byteOf: (lane, numbers, shift) => i32.shl(i32.truncSatF64U(f64x2.extract(lane, numbers)), i32.const(shift)),
    replaceFromMemory: (lane, numbers, offset, address) => f64x2.replace(lane, numbers, f64.load(offset, address)),
  },
  emitters(module) {
    const host = double.importHostFunctions(module);
    return (f, symbols) => new LaneFormulas(f, symbols, double.DOUBLE_LANES, host);
  },
};
