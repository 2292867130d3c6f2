import { type Expression, substitute, symbol } from "../../../equations/expression.js";
import type { Scan } from "../../contract.js";
import type { SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32, set, v128, whenElse } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type Block, firstStep, type KernelContext } from "./context.js";
import { FormulaEmitter, isCondition, keepValid } from "./formulas.js";
import { type BoundNeuron, bindNeuron, hoist, inPairs, loadParameters, lookUp } from "./neuron.js";
import { bitsRow } from "./spike-bits.js";
import { appendToStep, laneBits, sixteenBits, unitNumbers } from "./spike-list.js";

/** Four units of the group that is being scanned: where its state is from step to step. */
export interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of the states as a step starts from them, then of y, which may be a lane mask: `valueOf` and `assign` know. */
  readonly begun: readonly number[];
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
  /** What the next step starts from, written with the fresh values in the place of the stored ones. */
  readonly #carry: readonly Expression[];
  /** Whether y is a condition, so that it is carried from step to step as a lane mask. */
  readonly #isMask: boolean;

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
    this.#carry = this.names.map((state) => substitute(this.#neuron.carry[state]!, fresh));
    this.#isMask = isCondition(this.#carry.at(-1)!);
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

  /** Prepares four units of the group at `unit`; what depends on parameters alone is computed here. */
  quad(f: FunctionBuilder, unit: number, quad: number): Quad {
    const parameters = loadParameters(f, this.context, this.#neuron, unit, quad);
    const formulas = [...Object.values(this.#neuron.step), ...this.#carry];
    const hoisted = hoist(f, this.context, parameters, formulas);
    return { parameters, hoisted, begun: this.names.map(() => f.v128()) };
  }

  /** Code of what a step starts from: of a state or, last, of y. */
  valueOf(quad: Quad, index: number): Code {
    const code = get(quad.begun[index]!);
    return this.#carriesMask(index) ? v128.and(code, f32x4.const(1)) : code;
  }

  /** Sets what a step starts from. */
  assign(f: FunctionBuilder, quad: Quad, index: number, value: Code): void {
    f.emit(set(quad.begun[index]!, this.#carriesMask(index) ? f32x4.ne(value, f32x4.const(0)) : value));
  }

  #carriesMask(index: number): boolean {
    return this.#isMask && index === this.names.length - 1;
  }

  /** Fills the locals with what the first step starts from. */
  begin(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    const initial = (): void => {
      for (const quad of quads) {
        const emitter = new FormulaEmitter(f, lookUp(quad.parameters), this.context.host);
        this.names.forEach((name, index) => {
          const formula = this.#neuron.initial[name];
          this.assign(f, quad, index, formula === undefined ? f32x4.const(0) : emitter.value(formula));
        });
      }
    };
    if (carry === undefined) {
      initial();
      return;
    }
    const carried = (): void => {
      quads.forEach((quad, h) => {
        this.names.forEach((_, index) => {
          const stored = v128.load(index * this.to.padded * 4 + 16 * h, i32.add(get(carry), get(unit)));
          this.assign(f, quad, index, stored);
        });
      });
    };
    f.emit(whenElse(firstStep(), f.capture(carried), f.capture(initial)));
  }

  /** Leaves what the next run starts from. */
  end(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    if (carry === undefined) return;
    quads.forEach((quad, h) => {
      this.names.forEach((_, index) => {
        this.storeCarried(f, carry, index, unit, h, this.valueOf(quad, index));
      });
    });
  }

  /** A carry signal keeps every state, and y, in a padded piece of its own. */
  storeCarried(f: FunctionBuilder, carry: number, index: number, unit: number, quad: number, value: Code): void {
    f.emit(v128.store(index * this.to.padded * 4 + 16 * quad, i32.add(get(carry), get(unit)), value));
  }

  /** One step of a group: takes the currents, writes what is stored and what is said, and moves the state on. */
  step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    inputs: readonly Code[],
    addresses: Addresses,
    { unit, valid, t }: { unit: number; valid: number; t: number },
  ): void {
    const at = (start: number, place: SignalPlace): Code =>
      i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(place.rowBytes)));
    const stores = addresses.store.map(({ start, place }) => f.let(TYPE.i32, at(start, place)));
    const output = this.to.kind === "values" ? f.let(TYPE.i32, at(addresses.to, this.to)) : 0;
    const fired: Code[] = [];
    inPairs(quads, (pair, first) => {
      const given = pair.map((_, i) => ({
        input: get(f.let(TYPE.v128, inputs[first + i]!)),
        mask: addresses.mask === undefined ? undefined : this.#mask(f, addresses.mask, unit, first + i),
      }));
      const computed = pair.map((quad, i) => this.#advance(f, quad, given[i]!.input, addresses));
      stores.forEach((row, index) => {
        computed.forEach(({ stored }, i) => {
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
      pair.forEach((quad, i) => {
        computed[i]!.next.forEach((local, index) => {
          f.emit(set(quad.begun[index]!, get(local)));
        });
      });
    });
    if (this.to.kind !== "spikes") return;
    if (addresses.bits !== undefined) {
      const row = i32.add(get(addresses.bits), i32.mul(get(t), i32.const(bitsRow(this.to.width))));
      const silent = f32x4.const(0);
      const masks = [0, 1, 2, 3].map((h) => fired[h] ?? silent);
      f.emit(i32.store16(0, i32.add(row, i32.shrU(get(unit), i32.const(5))), sixteenBits(masks, valid)));
      return;
    }
    const groups = fired.flatMap((low, h) => {
      if (h % 2 === 1) return [];
      const bits = f.let(TYPE.i32, laneBits(low, fired[h + 1]!, valid - 4 * h));
      return [{ bits, numbers: unitNumbers(unit, 4 * h) }];
    });
    appendToStep(f, this.context.listTables, { spikes: addresses.to, t, groups });
  }

  #mask(f: FunctionBuilder, mask: number, unit: number, quad: number): Code {
    return get(f.let(TYPE.v128, v128.load(16 * quad, i32.add(get(mask), get(unit)))));
  }

  /** Computes a step of four units: what is stored, y (as a lane mask where the units spike), and what the next step starts from. */
  #advance(
    f: FunctionBuilder,
    quad: Quad,
    input: Code,
    { store }: Addresses,
  ): { stored: readonly Code[]; y: Code; next: readonly number[] } {
    const symbols = new Map<string, Code>([["input", input]]);
    const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.context.host);
    emitter.adopt(quad.hoisted);
    this.names.forEach((name, index) => {
      const code = get(quad.begun[index]!);
      if (this.#carriesMask(index)) emitter.condition(symbol(name), code);
      else symbols.set(name, code);
    });
    const stored = store.map(({ value }) => (value === "input" ? input : emitter.value(this.#neuron.step[value]!)));
    const output = this.#neuron.step.y__now!;
    const spikes = (): Code =>
      isCondition(output) ? emitter.mask(output) : f32x4.gt(emitter.value(output), f32x4.const(0));
    const y = this.to.kind === "spikes" ? spikes() : emitter.value(output);
    // All are computed before any is set: they are formulas of each other's old values.
    const next = this.#carry.map((formula, index) =>
      f.let(TYPE.v128, this.#carriesMask(index) ? emitter.mask(formula) : emitter.value(formula)),
    );
    return { stored, y, next };
  }
}
