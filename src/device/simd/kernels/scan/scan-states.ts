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

/** Four units of the group that is being scanned: the values that they carry from step to step. */
export interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of the starting values of a step, which may be lane masks: use `valueOf` and `assign`. */
  readonly begun: readonly number[];
}

/** Loads the states and y of a scan before its first step and stores them after its last. */
export class ScanStates {
  readonly names: readonly string[];
  readonly #host: KernelContext["host"];
  readonly #initial: BoundNeuron["initial"];
  readonly #formulas: ScanFormulas;
  /** Numbers per segment of a carry signal. */
  readonly #padded: number;

  constructor(context: KernelContext, { neuron, to }: Scan, { initial }: BoundNeuron, formulas: ScanFormulas) {
    this.names = [...neuron.states, "y"];
    this.#host = context.host;
    this.#initial = initial;
    this.#formulas = formulas;
    this.#padded = context.signal(to).padded;
  }

  /** Sets the locals to the starting values of the first step. */
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

  /** Stores the starting values of the next run: states and y of every quad, as the last step returns them. */
  end(f: FunctionBuilder, left: readonly (readonly Code[])[], unit: number, carry: number): void {
    this.names.forEach((_, index) => {
      inPairs(left, (pair, first) => {
        upperFirst(pair, (values, i) => this.store(f, carry, index, unit, first + i, values[index]!));
      });
    });
  }

  /** A carry signal stores every state, and y, in a padded segment of its own. */
  store(f: FunctionBuilder, carry: number, index: number, unit: number, quad: number, value: Code): void {
    f.emit(v128.store(index * this.#padded * 4 + 16 * quad, i32.add(get(carry), get(unit)), value));
  }
}
