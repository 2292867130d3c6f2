import { type Expression, substitute, symbol } from "../../../equations/expression.js";
import type { Scan } from "../../contract.js";
import { computedColumns, type SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128, whenElse } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type Block, eachGroup, firstStep, type KernelContext, sampleKernel } from "./context.js";
import { FormulaEmitter, isCondition, validLanes } from "./formulas.js";
import { addSpikes } from "./gather.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { type BoundNeuron, bindNeuron, hoist, loadParameters, lookUp } from "./neuron.js";
import { appendToRow, clearCounts, laneBits, unitIndices } from "./spike-list.js";

/** One half, four units, of the group that is being scanned: where its state is from step to step. */
interface Half {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of the states as a step starts from them, then of y. */
  readonly begun: readonly number[];
}

/** Addresses in locals, of the sample that is being scanned. */
interface Addresses {
  readonly to: number;
  readonly store: readonly { readonly value: string; readonly start: number; readonly place: SignalPlace }[];
  readonly carry: number | undefined;
  readonly mask: number | undefined;
}

/** Row of working memory of a recurrent scan, one slot of `padded` numbers after the other. */
export const recurrentSlots = (states: number): { y: number; heard: number; total: number; count: number } => ({
  y: states,
  heard: states + 1,
  total: states + 2,
  count: states + 3,
});

/**
 * The forward scan. Without recurrent connections every group of eight units runs through all steps with its state in
 * registers; with them all units of a block take one step after the other, and their state rests in working memory.
 */
export function scan(context: KernelContext, name: string, operation: Scan, working: string): void {
  const writer = new ScanWriter(context, operation);
  sampleKernel(context, name, (f, block) => {
    if (operation.recurrent === undefined) writer.unitByUnit(f, block);
    else writer.stepByStep(f, block, context.signal(working), operation.recurrent);
  });
}

class ScanWriter {
  readonly #context: KernelContext;
  readonly #operation: Scan;
  readonly #neuron: BoundNeuron;
  readonly #current: SignalPlace;
  readonly #to: SignalPlace;
  readonly #names: readonly string[];
  /** What the next step starts from, written with the fresh values in the place of the stored ones. */
  readonly #carry: readonly Expression[];

  constructor(context: KernelContext, operation: Scan) {
    this.#context = context;
    this.#operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.#current = context.signal(operation.current);
    this.#to = context.signal(operation.to);
    this.#names = [...operation.neuron.states, "y"];
    const fresh = new Map<Expression, Expression>(
      operation.neuron.states.map((state) => [symbol(`now__${state}`), this.#neuron.step[`now__${state}`]!]),
    );
    this.#carry = this.#names.map((state) => substitute(this.#neuron.carry[state]!, fresh));
  }

  unitByUnit(f: FunctionBuilder, block: Block): void {
    const { steps } = this.#context;
    block.each(f, (b) => {
      const addresses = this.#addresses(f, block, b);
      const current = f.let(TYPE.i32, block.sample(this.#current, get(b)));
      eachGroup(f, this.#to.width, (unit, valid) => {
        const halves = [0, 1].map((half) => this.#half(f, unit, half));
        this.#begin(f, halves, unit, addresses.carry);
        const row = f.let(TYPE.i32, i32.add(get(current), get(unit)));
        const rowBytes = this.#current.rows === 1 ? 0 : this.#current.rowBytes;
        f.range(i32.const(0), i32.const(steps), 1, (t) => {
          const inputs = [0, 1].map((half) => v128.load(16 * half, get(row)));
          this.#step(f, halves, inputs, addresses, { unit, valid, t });
          if (rowBytes > 0) f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
        });
        this.#end(f, halves, unit, addresses.carry);
      });
    });
  }

  stepByStep(f: FunctionBuilder, block: Block, working: SignalPlace, recurrent: string): void {
    const slots = recurrentSlots(this.#operation.neuron.states.length);
    const { padded, width } = this.#to;
    const slotBytes = padded * 4;
    const slot = (address: number, index: number): Code => i32.add(get(address), i32.const(index * slotBytes));
    block.each(f, (b) => {
      const addresses = this.#addresses(f, block, b);
      const work = f.let(TYPE.i32, block.sample(working, get(b)));
      eachGroup(f, width, (unit) => {
        const halves = [0, 1].map((half) => this.#half(f, unit, half));
        this.#begin(f, halves, unit, addresses.carry);
        this.#rest(f, halves, work, unit, slotBytes);
        this.#hear(f, halves, work, unit, addresses.mask);
      });
    });
    const matrix = this.#context.tensor(recurrent);
    const product = productFunction(this.#context.module, {
      aRow: working.sampleBytes,
      aDepth: 4,
      b: tensorPanels(matrix),
      c: rowPanels(working.sampleBytes),
      columns: computedColumns(width),
      start: "present",
    });
    const dense = (t: number): void => {
      block.each(f, (b) => {
        const work = f.let(TYPE.i32, block.sample(working, get(b)));
        const source = f.let(TYPE.i32, this.#currentRow(block, b, t));
        f.range(i32.const(0), i32.const(slotBytes), 16, (at) => {
          const target = i32.add(slot(work, slots.total), get(at));
          f.emit(v128.store(0, target, v128.load(0, i32.add(get(source), get(at)))));
        });
      });
      const start = f.let(TYPE.i32, block.sample(working, get(block.b0)));
      const rows = i32.sub(get(block.b1), get(block.b0));
      f.emit(
        call(
          product,
          slot(start, slots.heard),
          i32.const(matrix.address),
          slot(start, slots.total),
          rows,
          i32.const(width),
        ),
      );
    };
    const listed = (t: number): void => {
      block.each(f, (b) => {
        const work = f.let(TYPE.i32, block.sample(working, get(b)));
        const source = f.let(TYPE.i32, this.#currentRow(block, b, t));
        const target = f.let(TYPE.i32, slot(work, slots.total));
        const spikes = f.let(TYPE.i32, block.sample(this.#to, get(b)));
        const before = f.let(TYPE.i32, i32.sub(get(t), i32.const(1)));
        const list = i32.add(get(spikes), i32.mul(get(before), i32.const(this.#to.rowBytes)));
        const from = f.let(TYPE.i32, i32.add(list, i32.const(this.#to.countsBytes)));
        const count = i32.load(0, i32.add(get(spikes), i32.shl(get(before), i32.const(2))));
        const to = f.let(TYPE.i32, i32.add(get(from), i32.shl(count, i32.const(1))));
        addSpikes(f, matrix, { source, target, from, to });
      });
    };
    f.range(i32.const(0), i32.const(this.#context.steps), 1, (t) => {
      // The y that a run starts from is not in a list, so the first step takes the dense product.
      if (this.#to.kind === "values") dense(t);
      else
        f.emit(
          whenElse(
            get(t),
            f.capture(() => listed(t)),
            f.capture(() => dense(t)),
          ),
        );
      block.each(f, (b) => {
        const addresses = this.#addresses(f, block, b, false);
        const work = f.let(TYPE.i32, block.sample(working, get(b)));
        eachGroup(f, width, (unit, valid) => {
          const halves = [0, 1].map((half) => this.#half(f, unit, half));
          halves.forEach((half, h) => {
            half.begun.forEach((local, index) => {
              f.emit(set(local, v128.load(index * slotBytes + 16 * h, i32.add(get(work), get(unit)))));
            });
          });
          const inputs = [0, 1].map((h) => v128.load(slots.total * slotBytes + 16 * h, i32.add(get(work), get(unit))));
          this.#step(f, halves, inputs, addresses, { unit, valid, t });
          this.#rest(f, halves, work, unit, slotBytes);
          this.#hear(f, halves, work, unit, addresses.mask);
        });
      });
    });
    block.each(f, (b) => {
      if (this.#operation.carry === undefined) return;
      const carry = f.let(TYPE.i32, block.sample(this.#context.signal(this.#operation.carry), get(b)));
      const work = f.let(TYPE.i32, block.sample(working, get(b)));
      eachGroup(f, width, (unit) => {
        this.#names.forEach((_, index) => {
          for (const h of [0, 1]) {
            const value = v128.load(index * slotBytes + 16 * h, i32.add(get(work), get(unit)));
            this.#storeCarried(f, carry, index, unit, h, value);
          }
        });
      });
    });
  }

  #currentRow(block: Block, b: number, t: number): Code {
    const start = block.sample(this.#current, get(b));
    return this.#current.rows === 1 ? start : i32.add(start, i32.mul(get(t), i32.const(this.#current.rowBytes)));
  }

  #addresses(f: FunctionBuilder, block: Block, b: number, fresh = true): Addresses {
    const { operation, context } = { operation: this.#operation, context: this.#context };
    const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
    const to = at(operation.to);
    if (fresh && this.#to.kind === "spikes") clearCounts(f, this.#to, to);
    return {
      to,
      store: Object.entries(operation.store).map(([value, signal]) => ({
        value,
        start: at(signal),
        place: context.signal(signal),
      })),
      carry: operation.carry === undefined ? undefined : at(operation.carry),
      mask: operation.mask === undefined ? undefined : at(operation.mask),
    };
  }

  #half(f: FunctionBuilder, unit: number, half: number): Half {
    const parameters = loadParameters(f, this.#context, this.#neuron, unit, half);
    const formulas = [...Object.values(this.#neuron.step), ...this.#carry];
    const hoisted = hoist(f, this.#context, parameters, formulas);
    return { parameters, hoisted, begun: this.#names.map(() => f.v128()) };
  }

  /** Fills the locals with what the first step starts from. */
  #begin(f: FunctionBuilder, halves: readonly Half[], unit: number, carry: number | undefined): void {
    const initial = (): void => {
      for (const half of halves) {
        const emitter = new FormulaEmitter(f, lookUp(half.parameters), this.#context.host);
        this.#names.forEach((name, index) => {
          const formula = this.#neuron.initial[name];
          f.emit(set(half.begun[index]!, formula === undefined ? f32x4.const(0) : emitter.value(formula)));
        });
      }
    };
    if (carry === undefined) {
      initial();
      return;
    }
    const carried = (): void => {
      halves.forEach((half, h) => {
        half.begun.forEach((local, index) => {
          f.emit(set(local, v128.load(index * this.#to.padded * 4 + 16 * h, i32.add(get(carry), get(unit)))));
        });
      });
    };
    f.emit(whenElse(firstStep(), f.capture(carried), f.capture(initial)));
  }

  #end(f: FunctionBuilder, halves: readonly Half[], unit: number, carry: number | undefined): void {
    if (carry === undefined) return;
    halves.forEach((half, h) => {
      half.begun.forEach((local, index) => {
        this.#storeCarried(f, carry, index, unit, h, get(local));
      });
    });
  }

  /** A carry signal keeps every state, and y, in a padded piece of its own. */
  #storeCarried(f: FunctionBuilder, carry: number, index: number, unit: number, half: number, value: Code): void {
    f.emit(v128.store(index * this.#to.padded * 4 + 16 * half, i32.add(get(carry), get(unit)), value));
  }

  /** Puts what the next step starts from into working memory. */
  #rest(f: FunctionBuilder, halves: readonly Half[], work: number, unit: number, slotBytes: number): void {
    halves.forEach((half, h) => {
      half.begun.forEach((local, index) => {
        f.emit(v128.store(index * slotBytes + 16 * h, i32.add(get(work), get(unit)), get(local)));
      });
    });
  }

  /** Leaves what the recurrent connections hear of this step: y, masked. */
  #hear(f: FunctionBuilder, halves: readonly Half[], work: number, unit: number, mask: number | undefined): void {
    const slots = recurrentSlots(this.#operation.neuron.states.length);
    const slotBytes = this.#to.padded * 4;
    halves.forEach((half, h) => {
      const y = get(half.begun[slots.y]!);
      const heard = mask === undefined ? y : f32x4.mul(y, v128.load(16 * h, i32.add(get(mask), get(unit))));
      f.emit(v128.store(slots.heard * slotBytes + 16 * h, i32.add(get(work), get(unit)), heard));
    });
  }

  #step(
    f: FunctionBuilder,
    halves: readonly Half[],
    inputs: readonly Code[],
    addresses: Addresses,
    { unit, valid, t }: { unit: number; valid: number; t: number },
  ): void {
    const at = (start: number, place: SignalPlace): Code =>
      i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(place.rowBytes)));
    const stores = addresses.store.map(({ start, place }) => f.let(TYPE.i32, at(start, place)));
    const output = this.#to.kind === "values" ? f.let(TYPE.i32, at(addresses.to, this.#to)) : 0;
    const lanes = validLanes(valid);
    const fired: Code[] = [];
    halves.forEach((half, h) => {
      const symbols = new Map<string, Code>([["input", get(f.let(TYPE.v128, inputs[h]!))]]);
      this.#names.forEach((name, index) => {
        symbols.set(name, get(half.begun[index]!));
      });
      const emitter = new FormulaEmitter(f, lookUp(symbols, half.parameters), this.#context.host);
      emitter.adopt(half.hoisted);
      addresses.store.forEach(({ value }, index) => {
        const code = value === "input" ? symbols.get("input")! : emitter.value(this.#neuron.step[value]!);
        f.emit(v128.store(16 * h, get(stores[index]!), code));
      });
      const y = this.#neuron.step.y__now!;
      if (this.#to.kind === "spikes")
        fired.push(isCondition(y) ? emitter.mask(y) : f32x4.gt(emitter.value(y), f32x4.const(0)));
      else {
        const mask = addresses.mask;
        const plain = emitter.value(y);
        const masked = mask === undefined ? plain : f32x4.mul(plain, v128.load(16 * h, i32.add(get(mask), get(unit))));
        f.emit(v128.store(16 * h, get(output), valid === 8 ? masked : v128.and(masked, lanes.halves[h]!)));
      }
      // All are computed before any is set: they are formulas of each other's old values.
      const next = this.#carry.map((formula) => emitter.value(formula));
      const held = next.map((code) => f.let(TYPE.v128, code));
      held.forEach((local, index) => {
        f.emit(set(half.begun[index]!, get(local)));
      });
    });
    if (this.#to.kind !== "spikes") return;
    const all = laneBits(fired[0]!, fired[1]!);
    const bits = f.let(TYPE.i32, valid === 8 ? all : i32.and(all, i32.const(lanes.bits)));
    appendToRow(f, this.#context.shuffles, this.#to, { spikes: addresses.to, t, bits, indices: unitIndices(unit) });
  }
}
