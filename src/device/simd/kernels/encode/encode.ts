import { chooseByConditions } from "../../../../equations/analysis/differentiate.js";
import { freeSymbols } from "../../../../equations/language/expression.js";
import type { Encode } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { eachGroup, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { portableLanes } from "../codegen/portable-lanes.js";
import { hoist, keepConstants } from "../codegen/unit-groups.js";
import { append, laneBits, type Numbers, numbersOf, unitNumbers, unitsInOrder } from "../spikes/index-lists.js";
import { bitsRow, listSpikes } from "../spikes/spike-deltas.js";
import {
  eachPixelGroup,
  eachStep,
  type Group,
  groupEncoder,
  parameterCodes,
  spikeWriter,
  stepKeys,
  valueWriter,
} from "./groups.js";

/** Bytes of the workspace of one sample: its non-zero pixels, four bytes each, then their units, two bytes each. */
export const activeBytes = (width: number): number => pixelBytes(width) + width * 2 + 64;
const pixelBytes = (width: number): number => width * 4 + 64;

/** The groups of a sample. */
interface Groups {
  /** Runs a body for each group. */
  each(body: (group: Group) => void): void;
  readonly count: Code;
  /** Clears the bits of the padding in the last group, in all rows of the bitmap at the address in a local. */
  trim(bits: number): void;
  /** Prepares another pass through the groups: see `listSpikes`. */
  units(): (group: number) => Numbers;
}

/**
 * Encodes pixels. Formulas are evaluated in single precision, operation by operation, so that spikes are the same on
 * every device. If the encoder gives no spike for a pixel of 0, the non-zero pixels are collected once per sample and
 * only they are encoded.
 */
export function encode(
  context: KernelContext,
  name: string,
  encoding: Encode,
  workspace: { readonly active: string | undefined; readonly bits: string | undefined },
): void {
  const { encoder } = encoding;
  const from = context.signal(encoding.from);
  const to = context.signal(encoding.to);
  const formula = chooseByConditions(encoder.formulas).value!;
  const lanes = portableLanes(context.portable);
  const draws = freeSymbols([formula]).includes("u");
  const parameters = parameterCodes(encoder);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const pixels = f.let(TYPE.i32, block.sample(from, get(b)));
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      const memory = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
      const groups =
        workspace.active === undefined
          ? every(f, from, pixels)
          : active(f, context, { from, to, pixels, workspace: memory(workspace.active) });
      const bits = workspace.bits === undefined ? undefined : memory(workspace.bits);
      const write = bits === undefined ? valueWriter(f, to, target) : spikeWriter(f, to, bits);
      const encodeStep = groupEncoder(f, context, { formula, to, write });
      // Random numbers have keys per step. Without them, terms that depend on the pixel alone are computed before the
      // loop over steps.
      if (draws) {
        const fixed = hoist(f, context, parameters, [formula], keepConstants(f, context, [formula], lanes));
        eachStep(f, to, (at) => {
          const keys = stepKeys(f, context, encoding.stream, b, at);
          groups.each((group) => encodeStep(at, group, [fixed, fixed], keys));
        });
      } else {
        groups.each((group) => {
          const constants = keepConstants(f, context, [formula], lanes);
          const given = group.pixels.map((x) =>
            hoist(f, context, new Map([["x", x], ...parameters]), [formula], constants),
          );
          eachStep(f, to, (at) => encodeStep(at, group, given));
        });
      }
      if (bits === undefined) return;
      groups.trim(bits);
      listSpikes(f, context.listTables, to, { bits, spikes: target, groups: groups.count, units: groups.units });
    });
  });
}

/** All pixels of a sample. */
function every(f: FunctionBuilder, from: SignalLayout, pixels: number): Groups {
  return {
    each: (body) => eachPixelGroup(f, from.width, pixels, body),
    count: i32.const(Math.ceil(from.width / 8)),
    trim: () => {},
    units: () => unitsInOrder(f),
  };
}

interface ActivePixels {
  readonly from: SignalLayout;
  readonly to: SignalLayout;
  /** Locals with the addresses of the pixels and of the workspace for the non-zero pixels. */
  readonly pixels: number;
  readonly workspace: number;
}

/** Collects the non-zero pixels, padded with zeros to a whole group. */
function active(f: FunctionBuilder, context: KernelContext, { from, to, pixels, workspace }: ActivePixels): Groups {
  const units = f.let(TYPE.i32, i32.add(get(workspace), i32.const(pixelBytes(from.width))));
  const end = f.let(TYPE.i32, get(units));
  eachGroup(f, from.width, (unit, valid) => {
    const at = i32.add(get(pixels), get(unit));
    const [low, high] = [0, 16].map((offset) => f32x4.ne(v128.load(offset, at), f32x4.const(0)));
    const bits = f.let(TYPE.i32, laneBits(low!, high!, valid));
    append(f, context.listTables, { bits, numbers: unitNumbers(unit), end });
  });
  const next = f.let(TYPE.i32, get(workspace));
  f.range(get(units), get(end), 2, (entry) => {
    const pixel = f32.load(0, i32.add(get(pixels), i32.shl(i32.load16u(0, get(entry)), i32.const(2))));
    f.emit(f32.store(0, get(next), pixel), set(next, i32.add(get(next), i32.const(4))));
  });
  for (const offset of [0, 16]) f.emit(v128.store(offset, get(next), f32x4.const(0)));
  const count = i32.shrU(i32.add(i32.sub(get(end), get(units)), i32.const(15)), i32.const(4));
  const listed = (group: number): Numbers =>
    numbersOf(v128.load(0, i32.add(get(units), i32.shl(get(group), i32.const(4)))));
  return {
    each(body) {
      f.range(i32.const(0), i32.shl(count, i32.const(5)), 32, (at) => {
        const address = i32.add(get(workspace), get(at));
        const codes = [0, 16].map((offset) => get(f.let(TYPE.v128, v128.load(offset, address))));
        const indices = v128.load(0, i32.add(get(units), i32.shrU(get(at), i32.const(1))));
        body({ pixels: [codes[0]!, codes[1]!], units: get(f.let(TYPE.v128, indices)), valid: 8, at });
      });
    },
    count,
    trim(bits) {
      const last = f.let(TYPE.i32, i32.and(i32.shrU(i32.sub(get(end), get(units)), i32.const(1)), i32.const(7)));
      f.if(get(last), () => {
        const kept = i32.sub(i32.shl(i32.const(1), get(last)), i32.const(1));
        const byte = i32.add(get(bits), i32.sub(count, i32.const(1)));
        const row = bitsRow(to.width);
        f.range(byte, i32.add(byte, i32.const(to.rows * row)), row, (at) =>
          f.emit(i32.store8(0, get(at), i32.and(i32.load8u(0, get(at)), kept))),
        );
      });
    },
    units: () => listed,
  };
}
