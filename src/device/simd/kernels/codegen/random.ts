import { HEADER } from "../../compile/header.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { KernelContext } from "./kernel-context.js";

/** The constants of src/random/counter.ts, which these functions repeat bit for bit. */
const MULTIPLIERS = [0x21f0aaad, 0xd35a2d97] as const;

/** h ^ (h >>> by) */
function fold(f: FunctionBuilder, h: number, by: number): Code {
  f.emit(set(h, i32.xor(get(h), i32.shrU(get(h), i32.const(by)))));
  return get(h);
}

function mix(f: FunctionBuilder, value: Code): Code {
  const h = f.let(TYPE.i32, value);
  f.emit(set(h, i32.mul(fold(f, h, 16), i32.const(MULTIPLIERS[0]))));
  f.emit(set(h, i32.mul(fold(f, h, 15), i32.const(MULTIPLIERS[1]))));
  return fold(f, h, 15);
}

/** Keys of a row of draws, in locals of four equal lanes, so that no engine re-creates them per unit. */
export interface RowKeys {
  readonly k0: number;
  readonly k1: number;
  readonly multipliers: readonly [number, number];
  /** Scale from the highest 24 bits to [0, 1). */
  readonly scale: number;
}

/** Computes the keys of a row from its counters, like `rowKey`. */
export function rowKeys(f: FunctionBuilder, counters: readonly Code[]): RowKeys {
  const k0 = f.let(TYPE.i32, i32.const(0x9e3779b9));
  const k1 = f.let(TYPE.i32, i32.const(0x7f4a7c15));
  for (const counter of counters) {
    const c = f.let(TYPE.i32, counter);
    f.emit(set(k0, mix(f, i32.xor(get(k0), get(c)))));
    f.emit(set(k1, mix(f, i32.xor(i32.add(get(k1), i32.mul(get(c), i32.const(0x85ebca6b))), get(k0)))));
  }
  const lanes = (value: Code): number => f.let(TYPE.v128, i32x4.splat(value));
  return {
    k0: lanes(get(k0)),
    k1: lanes(get(k1)),
    multipliers: [lanes(i32.const(MULTIPLIERS[0])), lanes(i32.const(MULTIPLIERS[1]))],
    scale: f.let(TYPE.v128, f32x4.const(2 ** -24)),
  };
}

function mix4(f: FunctionBuilder, { multipliers }: RowKeys, value: Code): Code {
  const h = f.let(TYPE.v128, value);
  const fold4 = (by: number): Code => {
    f.emit(set(h, v128.xor(get(h), i32x4.shrU(get(h), i32.const(by)))));
    return get(h);
  };
  f.emit(set(h, i32x4.mul(fold4(16), get(multipliers[0]))));
  f.emit(set(h, i32x4.mul(fold4(15), get(multipliers[1]))));
  return fold4(15);
}

const bits4 = (f: FunctionBuilder, keys: RowKeys, units: Code, first: number, second: number): Code =>
  mix4(f, keys, v128.xor(mix4(f, keys, i32x4.add(units, get(first))), get(second)));

const highest24 = (keys: RowKeys, bits: Code): Code =>
  f32x4.mul(f32x4.convertI32x4s(i32x4.shrU(bits, i32.const(8))), get(keys.scale));

/** Uniform numbers in [0, 1) for four units, whose indices are 32-bit lanes: like `drawUniform`. */
export const uniforms = (f: FunctionBuilder, keys: RowKeys, units: Code): Code =>
  get(f.let(TYPE.v128, highest24(keys, bits4(f, keys, units, keys.k0, keys.k1))));

/** Uniform numbers with more bits for small values: like `drawFineUniform`. One of 1024 registers needs them. */
export function fineUniforms(f: FunctionBuilder, keys: RowKeys, units: Code, mirrored = false): Code {
  const drawn = bits4(f, keys, units, keys.k0, keys.k1);
  const bits = f.let(TYPE.v128, mirrored ? v128.not(drawn) : drawn);
  const numbers = f.let(TYPE.v128, highest24(keys, get(bits)));
  const few = f.let(TYPE.v128, f32x4.lt(get(numbers), f32x4.const(2 ** -12)));
  f.if(v128.anyTrue(get(few)), () => {
    const further = highest24(keys, bits4(f, keys, units, keys.k1, keys.k0));
    const fine = f32x4.add(
      f32x4.mul(f32x4.convertI32x4s(get(bits)), f32x4.const(2 ** -32)),
      f32x4.mul(further, f32x4.const(2 ** -32)),
    );
    f.emit(set(numbers, v128.bitselect(fine, get(numbers), get(few))));
  });
  return get(numbers);
}

/** One number in [0, 1) per unit, for the lower or upper four of eight units of 16 bits each. */
export const draw = (f: FunctionBuilder, keys: RowKeys, units: Code, half: 0 | 1, from = uniforms): Code =>
  from(f, keys, half === 0 ? i32x4.extendLowI16x8u(units) : i32x4.extendHighI16x8u(units));

/** Keys of rows of random numbers, from the run. */
export const seed = (): Code => i32.load(HEADER.seed, i32.const(0));
export const epoch = (): Code => i32.load(HEADER.epoch, i32.const(0));
export const sampleId = (context: KernelContext, b: number): Code =>
  i32.load(context.sampleIds, i32.shl(get(b), i32.const(2)));
