import { PORTABLE, type PortableFunctions } from "../../../host/portable-functions.js";
import { f64x2 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { call, f32, f32x4, f64, get, i32x4, set } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import { doubleExp } from "./double-exp.js";
import { type Lanes, SINGLE } from "./lanes.js";
import type { HostFunctions } from "./math.js";

/** Indices of the host's portable functions. */
export type PortableIndices = Readonly<Record<keyof PortableFunctions, number>>;

/** Portable functions by their import names. */
export const PORTABLE_IMPORTS: Readonly<Record<string, (x: number, y: number) => number>> = Object.fromEntries(
  Object.entries(PORTABLE).map(([name, portable]) => [`portable ${name}`, portable]),
);

export function importPortableFunctions(module: ModuleBuilder): PortableIndices {
  const entries = Object.keys(PORTABLE).map((name) => {
    const parameters = Array.from({ length: name === "pow" ? 2 : 1 }, () => TYPE.f64);
    return [name, module.import(`portable ${name}`, { parameters, results: [TYPE.f64] })];
  });
  return Object.fromEntries(entries) as PortableIndices;
}

const ONE = f64x2.const(1);
const keep = (f: FunctionBuilder, value: Code): Code => get(f.let(TYPE.v128, value));

/**
 * Four lanes whose formulas are bit-identical to those of the host in single precision: elementary functions are the
 * portable ones, products with conditions stay products, and zeros keep the signs of Math. Slower than `SINGLE`, which
 * serves formulas that need only be accurate.
 */
export function portableLanes(host: PortableIndices): Lanes<HostFunctions> {
  const byHost =
    (index: number) =>
    (f: FunctionBuilder, ...operands: readonly number[]): Code => {
      const result = f.v128();
      for (let lane = 0; lane < 4; lane++) {
        const numbers = operands.map((operand) => f64.promoteF32(f32x4.extract(lane, get(operand))));
        f.emit(set(result, f32x4.replace(lane, get(result), f32.demoteF64(call(index, ...numbers)))));
      }
      return get(result);
    };
  return {
    ...SINGLE,
    literal: true,
    minConstant: f32x4.min,
    maxConstant: f32x4.max,
    functions: {
      exp: (f, x) => byHalves(f, x, (half) => doubleExp(f, half)),
      sigmoid: (f, x) =>
        byHalves(f, x, (half) => {
          const negated = f.let(TYPE.v128, f64x2.neg(get(half)));
          return f64x2.div(ONE, f64x2.add(ONE, doubleExp(f, negated)));
        }),
      log: (f, x) => byHost(host.log)(f, x),
      sin: (f, x) => byHost(host.sin)(f, x),
      cos: (f, x) => byHost(host.cos)(f, x),
      tanh: (f, x) => byHost(host.tanh)(f, x),
      atan: (f, x) => byHost(host.atan)(f, x),
    },
    power: (f, x, y) => byHost(host.pow)(f, x, y),
  };
}

/** Applies a function of two double-precision numbers to four single-precision numbers. */
function byHalves(f: FunctionBuilder, x: number, compute: (half: number) => Code): Code {
  const half = (numbers: Code): Code => keep(f, f64x2.demote(compute(f.let(TYPE.v128, f64x2.promoteLow(numbers)))));
  const low = half(get(x));
  const high = half(i32x4.shuffle([2, 3, 2, 3], get(x), get(x)));
  return keep(f, i32x4.shuffle([0, 1, 4, 5], low, high));
}
