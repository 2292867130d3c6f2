import { type Expression, substitute, symbol } from "../../../equations/expression.js";
import type { Scan } from "../../contract.js";
import type { SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, v128, whenElse } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { computableAhead } from "./ahead.js";
import { type Block, firstStep, type KernelContext } from "./context.js";
import { FormulaEmitter, isCondition, keepValid } from "./formulas.js";
import {
  type BoundNeuron,
  bindNeuron,
  hoist,
  inPairs,
  keepConstants,
  loadParameters,
  lookUp,
  quadsOf,
  upperFirst,
} from "./neuron.js";
import { bitsRow } from "./spike-bits.js";
import { appendToStep, laneBits, sixteenBits, unitNumbers } from "./spike-list.js";

/** Four units of the group that is being scanned: what they carry from step to step. */
export interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of what a step starts from, which may be lane masks: `valueOf` and `assign` know. */
  readonly begun: readonly number[];
}

/** Something that a step starts from: what it is of states and y before the step, and after it. */
interface Carried {
  readonly before: Expression;
  readonly after: Expression;
  /** Whether it is carried as a lane mask. */
  readonly isMask: boolean;
}

/** Addresses in locals, of the sample that is being scanned. */
export interface Addresses {
  readonly to: number;
  /** Where spikes are left as bits, to be listed when all units are through; without it they are listed at once. */
  readonly bits: number | undefined;
  readonly store: readonly { readonly value: string; readonly start: number; readonly place: SignalPlace }[];
  readonly carry: number | undefined;
  readonly mask: number | undefined;
}

/** Writes the parts of a forward scan: where a group of units starts, a step of it, and what it leaves. */
export class ScanWriter {
  readonly context: KernelContext;
  readonly operation: Scan;
  readonly #neuron: BoundNeuron;
  readonly current: SignalPlace;
  readonly to: SignalPlace;
  readonly names: readonly string[];
  /** States and y as the next step starts from them, written with the fresh values in the place of the stored ones. */
  readonly #next: readonly Expression[];
  /** The states, then y; or, without recurrent connections, what is made of them alone (see `computableAhead`). */
  readonly #carried: readonly Carried[];

  constructor(context: KernelContext, operation: Scan) {
    this.context = context;
    this.operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.current = context.signal(operation.current);
    this.to = context.signal(operation.to);
    this.names = [...operation.neuron.states, "y"];
    const fresh = new Map<Expression, Expression>(
      operation.neuron.states.map((state) => [symbol(`now__${state}`), this.#neuron.step[`now__${state}`]!]),
    );
    this.#next = this.names.map((state) => substitute(this.#neuron.carry[state]!, fresh));
    const states = this.names.map((name): Expression => symbol(name));
    const after = new Map(states.map((state, i) => [state, this.#next[i]!]));
    const ahead = operation.recurrent === undefined ? computableAhead(this.#formulas(), this.names) : [];
    this.#carried = (ahead.length > 0 ? ahead : states).map((before) => {
      const next = substitute(before, after);
      // A state may start from any number, a condition and y only from 0 and 1.
      const isMask = isCondition(next) && (before === states.at(-1) || isCondition(before));
      return { before, after: next, isMask };
    });
  }

  /** Everything that a step computes. */
  #formulas(): readonly Expression[] {
    const stored = Object.keys(this.operation.store).filter((value) => value !== "input");
    return [...[...stored, "y__now"].map((name) => this.#neuron.step[name]!), ...this.#next];
  }

  /** Address of the currents of step `t`. */
  currentRow(block: Block, b: number, t: number): Code {
    const start = block.sample(this.current, get(b));
    return this.current.rows === 1 ? start : i32.add(start, i32.mul(get(t), i32.const(this.current.rowBytes)));
  }

  /** Loads the addresses of a sample; `bits` names the signal for bits of spikes. */
  addresses(f: FunctionBuilder, block: Block, b: number, bits?: string): Addresses {
    const { operation, context } = this;
    const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
    return {
      to: at(operation.to),
      bits: bits === undefined ? undefined : at(bits),
      store: Object.entries(operation.store).map(([value, signal]) => ({
        value,
        start: at(signal),
        place: context.signal(signal),
      })),
      carry: operation.carry === undefined ? undefined : at(operation.carry),
      mask: operation.mask === undefined ? undefined : at(operation.mask),
    };
  }

  /** Prepares the units of the group at `unit`, four at a time; what depends on parameters alone is computed here. */
  quads(f: FunctionBuilder, unit: number, valid: number): readonly Quad[] {
    const formulas = [...this.#formulas(), ...this.#carried.map(({ after }) => after)];
    const constants = keepConstants(f, this.context, formulas);
    return quadsOf(valid).map((quad) => {
      const parameters = loadParameters(f, this.context, this.#neuron, unit, quad);
      const hoisted = hoist(f, this.context, parameters, formulas, constants);
      return { parameters, hoisted, begun: this.#carried.map(() => f.v128()) };
    });
  }

  /** Code of what a step starts from: without recurrent connections hardly a state. */
  valueOf(quad: Quad, index: number): Code {
    const code = get(quad.begun[index]!);
    return this.#carriesMask(index) ? v128.and(code, f32x4.const(1)) : code;
  }

  /** Sets what a step starts from. */
  assign(f: FunctionBuilder, quad: Quad, index: number, value: Code): void {
    f.emit(set(quad.begun[index]!, this.#carriesMask(index) ? f32x4.ne(value, f32x4.const(0)) : value));
  }

  #carriesMask(index: number): boolean {
    return this.#carried[index]!.isMask;
  }

  /** Fills the locals with what the first step starts from. */
  begin(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    const states = quads.map(() => this.names.map(() => f.v128()));
    const initial = (): void => {
      quads.forEach((quad, h) => {
        const emitter = new FormulaEmitter(f, lookUp(quad.parameters), this.context.host);
        this.names.forEach((name, index) => {
          const formula = this.#neuron.initial[name];
          f.emit(set(states[h]![index]!, formula === undefined ? f32x4.const(0) : emitter.value(formula)));
        });
      });
    };
    const resumed = (): void => {
      const at = f.let(TYPE.i32, i32.add(get(carry!), get(unit)));
      states.forEach((locals, h) => {
        locals.forEach((local, index) => {
          f.emit(set(local, v128.load(index * this.to.padded * 4 + 16 * h, get(at))));
        });
      });
    };
    if (carry === undefined) initial();
    else f.emit(whenElse(firstStep(), f.capture(resumed), f.capture(initial)));
    quads.forEach((quad, h) => {
      const symbols = new Map(this.names.map((name, index) => [name, get(states[h]![index]!)]));
      const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.context.host);
      emitter.adopt(quad.hoisted);
      if (isCondition(this.#next.at(-1)!)) emitter.condition(symbol("y"), emitter.mask(symbol("y")));
      this.#carried.forEach(({ before }, index) => {
        f.emit(set(quad.begun[index]!, this.#carriesMask(index) ? emitter.mask(before) : emitter.value(before)));
      });
    });
  }

  /** Leaves what the next run starts from: the values of states and y of every quad, as the last step returns them. */
  end(f: FunctionBuilder, left: readonly (readonly Code[])[], unit: number, carry: number): void {
    this.names.forEach((_, index) => {
      inPairs(left, (pair, first) => {
        upperFirst(pair, (values, i) => this.storeCarried(f, carry, index, unit, first + i, values[index]!));
      });
    });
  }

  /** A carry signal keeps every state, and y, in a padded piece of its own. */
  storeCarried(f: FunctionBuilder, carry: number, index: number, unit: number, quad: number, value: Code): void {
    f.emit(v128.store(index * this.to.padded * 4 + 16 * quad, i32.add(get(carry), get(unit)), value));
  }

  /**
   * One step of a group: takes the currents, writes what is stored and what is said, and moves on. The last step of a run that
   * another one resumes returns states and y of every quad instead.
   */
  step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    inputs: readonly Code[],
    addresses: Addresses,
    { unit, valid, t, isLast = false }: { unit: number; valid: number; t: number; isLast?: boolean },
  ): readonly (readonly Code[])[] {
    const at = (start: number, place: SignalPlace): Code =>
      i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(place.rowBytes)));
    const stores = addresses.store.map(({ start, place }) => f.let(TYPE.i32, at(start, place)));
    const output = this.to.kind === "values" ? f.let(TYPE.i32, at(addresses.to, this.to)) : 0;
    const fired: Code[] = [];
    const left: (readonly Code[])[] = [];
    inPairs(quads, (pair, first) => {
      const given = pair.map((_, i) => ({
        input: get(f.let(TYPE.v128, inputs[first + i]!)),
        mask: addresses.mask === undefined ? undefined : this.#mask(f, addresses.mask, unit, first + i),
      }));
      const computed = pair.map((quad, i) => this.#advance(f, quad, given[i]!.input, addresses, isLast));
      stores.forEach((row, index) => {
        upperFirst(computed, ({ stored }, i) => {
          f.emit(v128.store(16 * (first + i), get(row), stored[index]!));
        });
      });
      computed.forEach(({ y }, i) => {
        const h = first + i;
        if (this.to.kind === "spikes") {
          fired.push(y);
          return;
        }
        const { mask } = given[i]!;
        const masked = mask === undefined ? y : f32x4.mul(y, mask);
        f.emit(v128.store(16 * h, get(output), keepValid(masked, valid, 4 * h)));
      });
      if (isLast) left.push(...computed.map(({ next }) => next));
      else {
        pair.forEach((quad, i) => {
          computed[i]!.next.forEach((code, index) => {
            f.emit(set(quad.begun[index]!, code));
          });
        });
      }
    });
    if (this.to.kind !== "spikes") return left;
    if (addresses.bits !== undefined) {
      const row = i32.add(get(addresses.bits), i32.mul(get(t), i32.const(bitsRow(this.to.width))));
      const silent = f32x4.const(0);
      const bytes = f.let(TYPE.i32, i32.add(row, i32.shrU(get(unit), i32.const(5))));
      for (let first = 0; first < fired.length; first += 4) {
        const masks = [0, 1, 2, 3].map((h) => fired[first + h] ?? silent);
        f.emit(i32.store16(first / 2, get(bytes), sixteenBits(masks, valid - 4 * first)));
      }
      return left;
    }
    const groups = fired.flatMap((low, h) => {
      if (h % 2 === 1) return [];
      const bits = f.let(TYPE.i32, laneBits(low, fired[h + 1]!, valid - 4 * h));
      return [{ bits, numbers: unitNumbers(unit, 4 * h) }];
    });
    appendToStep(f, this.context.listTables, { spikes: addresses.to, t, groups });
    return left;
  }

  #mask(f: FunctionBuilder, mask: number, unit: number, quad: number): Code {
    return get(f.let(TYPE.v128, v128.load(16 * quad, i32.add(get(mask), get(unit)))));
  }

  /**
   * Computes a step of four units: what is stored, y (as a lane mask where the units spike), and what the next step starts from, or
   * after the last one states and y.
   */
  #advance(
    f: FunctionBuilder,
    quad: Quad,
    input: Code,
    { store }: Addresses,
    isLast: boolean,
  ): { stored: readonly Code[]; y: Code; next: readonly Code[] } {
    const emitter = new FormulaEmitter(f, lookUp(new Map([["input", input]]), quad.parameters), this.context.host);
    emitter.adopt(quad.hoisted);
    this.#carried.forEach(({ before }, index) => {
      const code = get(quad.begun[index]!);
      if (this.#carriesMask(index)) emitter.condition(before, code);
      else emitter.given(before, code);
    });
    const stored = store.map(({ value }) => (value === "input" ? input : emitter.value(this.#neuron.step[value]!)));
    const output = this.#neuron.step.y__now!;
    const spikes = (): Code =>
      isCondition(output) ? emitter.mask(output) : f32x4.gt(emitter.value(output), f32x4.const(0));
    const y = this.to.kind === "spikes" ? spikes() : emitter.value(output);
    // All are computed before any is set: they are formulas of each other's old values.
    const keep = (code: Code): Code => get(f.let(TYPE.v128, code));
    const next = isLast
      ? this.#next.map((formula) => keep(emitter.value(formula)))
      : this.#carried.map(({ after }, index) =>
          keep(this.#carriesMask(index) ? emitter.mask(after) : emitter.value(after)),
        );
    return { stored, y, next };
  }
}
