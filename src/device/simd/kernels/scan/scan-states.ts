import { isCondition, symbol } from "../../../../equations/language/expression.js";
import { ownValue } from "../../../../own-value.js";
import type { Scan } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128, whenElse } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter } from "../codegen/formulas.js";
import { firstStep, type KernelContext } from "../codegen/kernel-context.js";
import { type BoundNeuron, inPairs, lookUp, upperFirst } from "../codegen/unit-groups.js";
import type { ScanFormulas } from "./scan-formulas.js";

/** Four units of the group that is being scanned: what they carry from step to step. */
export interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of what a step starts from, which may be lane masks: `valueOf` and `assign` know. */
  readonly begun: readonly number[];
}

/** Where the states of a scan, and y, come from before its first step and go after its last. */
export class ScanStates {
  readonly names: readonly string[];
  readonly #host: KernelContext["host"];
  readonly #initial: BoundNeuron["initial"];
  readonly #formulas: ScanFormulas;
  /** Numbers of a workItem of a carry signal. */
  readonly #padded: number;

  constructor(context: KernelContext, { neuron, to }: Scan, { initial }: BoundNeuron, formulas: ScanFormulas) {
    this.names = [...neuron.states, "y"];
    this.#host = context.host;
    this.#initial = initial;
    this.#formulas = formulas;
    this.#padded = context.signal(to).padded;
  }

  /** Fills the locals with what the first step starts from. */
  begin(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    const states = quads.map(() => this.names.map(() => f.v128()));
    const initial = (): void => {
      quads.forEach((quad, h) => {
        const emitter = new FormulaEmitter(f, lookUp(quad.parameters), this.#host);
        this.names.forEach((name, index) => {
          const formula = ownValue(this.#initial, name);
          f.emit(set(states[h]![index]!, formula === undefined ? f32x4.const(0) : emitter.value(formula)));
        });
      });
    };
    const resumed = (): void => {
      const at = f.let(TYPE.i32, i32.add(get(carry!), get(unit)));
      states.forEach((locals, h) => {
        locals.forEach((local, index) => {
          f.emit(set(local, v128.load(index * this.#padded * 4 + 16 * h, get(at))));
        });
      });
    };
    if (carry === undefined) initial();
    else f.emit(whenElse(firstStep(), f.capture(resumed), f.capture(initial)));
    quads.forEach((quad, h) => {
      const symbols = new Map(this.names.map((name, index) => [name, get(states[h]![index]!)]));
      const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.#host);
      emitter.adopt(quad.hoisted);
      if (isCondition(this.#formulas.next.at(-1)!)) emitter.condition(symbol("y"), emitter.mask(symbol("y")));
      this.#formulas.carried.forEach(({ before, isMask }, index) => {
        f.emit(set(quad.begun[index]!, isMask ? emitter.mask(before) : emitter.value(before)));
      });
    });
  }

  /** Leaves what the next run starts from: the values of states and y of every quad, as the last step returns them. */
  end(f: FunctionBuilder, left: readonly (readonly Code[])[], unit: number, carry: number): void {
    this.names.forEach((_, index) => {
      inPairs(left, (pair, first) => {
        upperFirst(pair, (values, i) => this.store(f, carry, index, unit, first + i, values[index]!));
      });
    });
  }

  /** A carry signal keeps every state, and y, in a padded workItem of its own. */
  store(f: FunctionBuilder, carry: number, index: number, unit: number, quad: number, value: Code): void {
    f.emit(v128.store(index * this.#padded * 4 + 16 * quad, i32.add(get(carry), get(unit)), value));
  }
}
