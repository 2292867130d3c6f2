import type { EncoderKernel } from "../../../../equations/kernels/kernels.js";
import { type Expression, isCondition } from "../../../../equations/language/expression.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter, keepValid } from "../codegen/formulas.js";
import { eachGroup, firstStep, type KernelContext } from "../codegen/kernel-context.js";
import { portableLanes } from "../codegen/portable-lanes.js";
import { draw, epoch, fineUniforms, type RowKeys, rowKeys, sampleId, seed, uniforms } from "../codegen/random.js";
import { lookUp } from "../codegen/unit-groups.js";
import { laneBits, unitIndices } from "../spikes/index-lists.js";
import { bitsRow } from "../spikes/spike-deltas.js";

/** Eight pixels: their values, four in each code, and their units, 16 bits each. */
export interface Group {
  readonly pixels: readonly [Code, Code];
  readonly units: Code;
  /** Number of existing units in the group. */
  readonly valid: number;
  /** Local with the byte offset of the group in a row of numbers of all groups. */
  readonly at: number;
  /** Their values at the step before, if pixels change in time. */
  readonly before?: readonly [Code, Code];
}

/** Runs the body for the groups of the row of pixels at the address in a local. */
export function eachPixelGroup(f: FunctionBuilder, width: number, pixels: number, body: (group: Group) => void): void {
  eachGroup(f, width, (at, valid) => {
    const address = i32.add(get(pixels), get(at));
    const codes = [0, 1].map((half) => get(f.let(TYPE.v128, v128.load(16 * half, address))));
    body({ pixels: [codes[0]!, codes[1]!], units: get(f.let(TYPE.v128, unitIndices(at))), valid, at });
  });
}

/** Parameters of an encoder, as numbers in four equal lanes. */
export const parameterCodes = (encoder: EncoderKernel): Map<string, Code> =>
  new Map(Object.entries(encoder.parameters).map(([name, value]) => [name, f32x4.const(value)]));

/** Keys of the random numbers of a step of sample `b` (a local). */
export const stepKeys = (f: FunctionBuilder, context: KernelContext, stream: number, b: number, { t }: Step): RowKeys =>
  rowKeys(f, [seed(), i32.const(stream), epoch(), sampleId(context, b), i32.add(firstStep(), get(t))]);

/** Encodes a group at a step. `given` has, per half of the group, the terms of the formula that are known already. */
type GroupEncoder = (at: Step, group: Group, given: readonly FormulaEmitter[], keys?: RowKeys) => void;

/** Prepares the encoding of groups by a formula. */
export function groupEncoder(
  f: FunctionBuilder,
  context: KernelContext,
  { formula, to, write }: { readonly formula: Expression; readonly to: SignalLayout; readonly write: GroupWriter },
): GroupEncoder {
  const lanes = portableLanes(context.portable);
  return ({ t, time }, group, given, keys) => {
    const codes = ([0, 1] as const).map((half) => {
      const symbols = new Map([
        ["x", group.pixels[half]],
        // A still image is there from step 0 on.
        ["x_before", group.before?.[half] ?? v128.and(group.pixels[half], f32x4.ne(get(time), f32x4.const(0)))],
        ["t", get(time)],
      ]);
      if (keys !== undefined)
        symbols.set("u", draw(f, keys, group.units, half, to.kind === "spikes" ? fineUniforms : uniforms));
      const emitter = new FormulaEmitter(f, lookUp(symbols), context.host, lanes);
      emitter.adopt(given[half]!);
      return to.kind === "spikes" ? fires(emitter, formula) : emitter.value(formula);
    });
    write(t, [codes[0]!, codes[1]!], group);
  };
}

/** Locals of a step of a run: its index, and the time in steps since the presentation began, in four lanes. */
export interface Step {
  readonly t: number;
  readonly time: number;
}

/** Runs the body for every step of a run. */
export function eachStep(f: FunctionBuilder, to: SignalLayout, body: (at: Step) => void): void {
  // x86 converts signed numbers only, and needs eight instructions for unsigned ones. So the lower half of the time is
  // converted as signed and the upper half is added. Both are exact, so the time is rounded once.
  const half = 0xffff;
  const upper = f.let(TYPE.v128, f32x4.convertI32x4u(i32x4.splat(i32.and(firstStep(), i32.const(~half)))));
  const lower = f.let(TYPE.v128, i32x4.splat(i32.and(firstStep(), i32.const(half))));
  const one = f.let(TYPE.v128, i32x4.splat(i32.const(1)));
  f.range(i32.const(0), i32.const(to.rows), 1, (t) => {
    body({ t, time: f.let(TYPE.v128, f32x4.add(get(upper), f32x4.convertI32x4s(get(lower)))) });
    f.emit(set(lower, i32x4.add(get(lower), get(one))));
  });
}

/** The lane mask of a formula: a condition, or a value above 0. */
const fires = (emitter: FormulaEmitter, formula: Expression): Code => {
  if (isCondition(formula)) return emitter.mask(formula);
  // a - b > 0 is a > b: the difference of two unequal numbers is never rounded to 0.
  if (formula.kind === "operation" && formula.operator === "subtract") {
    return f32x4.gt(emitter.value(formula.operands[0]!), emitter.value(formula.operands[1]!));
  }
  return f32x4.gt(emitter.value(formula), f32x4.const(0));
};

/** Writes a group of the row of step `t` (a local). */
export type GroupWriter = (t: number, codes: readonly [Code, Code], group: Group) => void;

/** Writes the lane masks of a group as eight bits. */
export const spikeWriter =
  (f: FunctionBuilder, to: SignalLayout, bits: number): GroupWriter =>
  (t, [low, high], { valid, at }) => {
    const row = i32.add(get(bits), i32.mul(get(t), i32.const(bitsRow(to.width))));
    f.emit(i32.store8(0, i32.add(row, i32.shrU(get(at), i32.const(5))), laneBits(low, high, valid)));
  };

/** Writes the values of a group. */
export const valueWriter =
  (f: FunctionBuilder, to: SignalLayout, target: number): GroupWriter =>
  (t, codes, { valid, at }) => {
    const row = f.let(TYPE.i32, i32.add(get(target), i32.mul(get(t), i32.const(to.rowBytes))));
    codes.forEach((code, half) => {
      const value = keepValid(code, valid, 4 * half);
      f.emit(v128.store(16 * half, i32.add(get(row), get(at)), value));
    });
  };
