import { doubleExp } from "../../../device/simd/kernels/codegen/double-exp.js";
import type { Lanes } from "../../../device/simd/kernels/codegen/lanes.js";
import { f64x2 } from "../../../device/simd/wasm/doubles.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { call, get, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../../device/simd/wasm/module.js";

const { add, div } = f64x2;
const ONE = f64x2.const(1);

/** Functions of the host by name, each called for one number at a time. */
export const HOST_FUNCTIONS = { log: 1, sin: 1, cos: 1, tanh: 1, atan: 1, pow: 2 } as const;
export type HostFunctions = Readonly<Record<keyof typeof HOST_FUNCTIONS, number>>;

export function importHostFunctions(module: ModuleBuilder): HostFunctions {
  const entries = Object.entries(HOST_FUNCTIONS).map(([name, arity]) => {
    const parameters = Array.from({ length: arity }, () => TYPE.f64);
    return [name, module.import(name, { parameters, results: [TYPE.f64] })];
  });
  return Object.fromEntries(entries) as HostFunctions;
}

/** Code of a function of two numbers in double precision, which are in local `x`. */
type DoubleFunction = (f: FunctionBuilder, x: number, host: HostFunctions) => Code;

const sigmoid: DoubleFunction = (f, x) => {
  const negated = f.let(TYPE.v128, f64x2.neg(get(x)));
  return div(ONE, add(ONE, doubleExp(f, negated)));
};

/** The function of the host, lane by lane; the operands are locals. */
function byHost(f: FunctionBuilder, index: number, ...operands: readonly number[]): Code {
  const result = f.v128();
  for (const lane of [0, 1]) {
    const value = call(index, ...operands.map((operand) => f64x2.extract(lane, get(operand))));
    f.emit(set(result, f64x2.replace(lane, get(result), value)));
  }
  return get(result);
}

/** Two lanes in double precision. A constant does not make minima cheaper here: 0 and -0 behave as in Math. */
export const DOUBLE_LANES: Lanes<HostFunctions> = {
  splat: (value) => f64x2.const(value),
  ...f64x2,
  minConstant: f64x2.min,
  maxConstant: f64x2.max,
  functions: {
    exp: doubleExp,
    sigmoid,
    log: (f, x, host) => byHost(f, host.log, x),
    sin: (f, x, host) => byHost(f, host.sin, x),
    cos: (f, x, host) => byHost(f, host.cos, x),
    tanh: (f, x, host) => byHost(f, host.tanh, x),
    atan: (f, x, host) => byHost(f, host.atan, x),
  },
  power: (f, x, y, host) => byHost(f, host.pow, x, y),
};
