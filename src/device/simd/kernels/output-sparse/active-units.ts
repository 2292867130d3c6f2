import type { Expression } from "../../../../equations/language/expression.js";
import type { AdjointScan } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter } from "../codegen/formulas.js";
import type { KernelContext } from "../codegen/kernel-context.js";
import { bindNeuron, hoist, loadParameters, lookUp } from "../codegen/unit-groups.js";

/** Test for the active units of a layer, whose surrogate derivative is not 0. */
export interface ActiveUnitTest {
  /** The adjoint scan that reads the errors. */
  readonly scan: AdjointScan;
  /** See `activeFactors`. */
  readonly factors: readonly Expression[];
}

/**
 * Units that may be active: the signal of errors at their output, and the address in a stored signal of the sample's
 * first row.
 */
export interface ActiveUnits {
  readonly output: SignalLayout;
  stored(signal: string): Code;
}

/**
 * Runs the body for every eight units, by their byte offset in a row of numbers, from `from` to `to`. The body
 * receives a function that returns the active units, as two vectors of lane masks, at the step whose row is at the
 * byte offset in a local.
 */
export function eachEight(
  f: FunctionBuilder,
  context: KernelContext,
  { scan, factors }: ActiveUnitTest,
  { output: { width }, stored, from, to }: ActiveUnits & { from: Code; to: Code },
  body: (unit: number, isActive: (row: number) => [Code, Code]) => void,
): void {
  const bound = bindNeuron(scan.neuron, scan.parameters);
  const starts = scan.neuron.adjointNeeds.map((name) => ({ name, start: f.let(TYPE.i32, stored(scan.stored[name]!)) }));
  f.range(from, to, 32, (unit) => {
    const columns = starts.map(({ name, start }) => ({ name, at: f.let(TYPE.i32, i32.add(get(start), get(unit))) }));
    const quads = [0, 1].map((quad) => {
      const parameters = loadParameters(f, context, bound, unit, quad);
      return { parameters, hoisted: hoist(f, context, parameters, factors) };
    });
    // Padding after the last unit is undefined.
    const exists = width % 8 === 0 ? undefined : f.let(TYPE.v128, i32x4.splat(before(unit, width * 4 - 16)));
    const isQuadActive = (quad: 0 | 1, row: number): Code => {
      const { parameters, hoisted } = quads[quad]!;
      const symbols = new Map<string, Code>();
      for (const { name, at } of columns) {
        symbols.set(name, get(f.let(TYPE.v128, v128.load(16 * quad, i32.add(get(at), get(row))))));
      }
      const emitter = new FormulaEmitter(f, lookUp(symbols, parameters), context.host);
      emitter.adopt(hoisted);
      const masks = factors.map((factor) => emitter.mask(factor));
      if (exists !== undefined && quad === 1) masks.push(get(exists));
      return masks.reduce((all, mask) => v128.and(all, mask));
    };
    body(unit, (row) => [isQuadActive(0, row), isQuadActive(1, row)]);
  });
}

/** All bits if local `a` is below a number, else none. */
const before = (a: number, b: number): Code => i32.sub(i32.const(0), i32.ltU(get(a), i32.const(b)));

/**
 * Largest fraction of active units and steps at which the output-sparse product is used; above it, other products are
 * faster.
 */
const MOST_ACTIVE = 0.4;
/** Every so many steps are counted to estimate that fraction. */
const COUNTED = 4;

/** Runs one of two bodies: `sparse` if few enough units of a sample are active, else `dense`. */
export function whereActive(
  f: FunctionBuilder,
  context: KernelContext,
  activeTest: ActiveUnitTest,
  { output, stored }: ActiveUnits,
  { sparse, dense }: { sparse: () => void; dense: () => void },
): void {
  const { rows, rowBytes, width } = output;
  const count = f.let(TYPE.v128, i32x4.const(0));
  eachEight(f, context, activeTest, { output, stored, from: i32.const(0), to: i32.const(width * 4) }, (_, isActive) => {
    f.range(i32.const(0), i32.const(rows * rowBytes), COUNTED * rowBytes, (row) => {
      // A lane mask is -1.
      const [low, high] = isActive(row);
      f.emit(set(count, i32x4.sub(get(count), i32x4.add(low, high))));
    });
  });
  const lanes = [0, 1, 2, 3].map((lane) => i32x4.extract(lane, get(count)));
  const most = Math.floor(MOST_ACTIVE * Math.ceil(rows / COUNTED) * width);
  f.ifElse(
    i32.ltU(
      lanes.reduce((a, b) => i32.add(a, b)),
      i32.const(most),
    ),
    sparse,
    dense,
  );
}
