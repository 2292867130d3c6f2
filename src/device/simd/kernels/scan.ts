import { type Expression, substitute, symbol } from "../../../equations/expression.js";
import type { Scan } from "../../contract.js";
import { computedColumns, type SignalPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128, whenElse } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type Block, firstStep, type KernelContext, sampleKernel } from "./context.js";
import { FormulaEmitter, isCondition, keepValid } from "./formulas.js";
import { addSpikes } from "./gather.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { type BoundNeuron, bindNeuron, eachUnits, hoist, loadParameters, lookUp, quadsOf } from "./neuron.js";
import { appendToRow, clearCounts, laneBits, unitIndices } from "./spike-list.js";

/** Four units of the group that is being scanned: where its state is from step to step. */
interface Quad {
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
      eachUnits(f, this.#to.width, (unit, valid) => {
        const quads = quadsOf(valid).map((quad) => this.#quad(f, unit, quad));
        this.#begin(f, quads, unit, addresses.carry);
        const row = f.let(TYPE.i32, i32.add(get(current), get(unit)));
        const rowBytes = this.#current.rows === 1 ? 0 : this.#current.rowBytes;
        f.range(i32.const(0), i32.const(steps), 1, (t) => {
          const inputs = quadsOf(valid).map((quad) => v128.load(16 * quad, get(row)));
          this.#step(f, quads, inputs, addresses, { unit, valid, t });
          if (rowBytes > 0) f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
        });
        this.#end(f, quads, unit, addresses.carry);
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
      eachUnits(f, width, (unit, valid) => {
        const quads = quadsOf(valid).map((quad) => this.#quad(f, unit, quad));
        this.#begin(f, quads, unit, addresses.carry);
        this.#rest(f, quads, work, unit, slotBytes);
        this.#hear(f, quads, work, unit, addresses.mask);
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
        eachUnits(f, width, (unit, valid) => {
          const quads = quadsOf(valid).map((quad) => this.#quad(f, unit, quad));
          quads.forEach((quad, h) => {
            quad.begun.forEach((local, index) => {
              f.emit(set(local, v128.load(index * slotBytes + 16 * h, i32.add(get(work), get(unit)))));
            });
          });
          const inputs = quadsOf(valid).map((h) =>
            v128.load(slots.total * slotBytes + 16 * h, i32.add(get(work), get(unit))),
          );
          this.#step(f, quads, inputs, addresses, { unit, valid, t });
          this.#rest(f, quads, work, unit, slotBytes);
          this.#hear(f, quads, work, unit, addresses.mask);
        });
      });
    });
    block.each(f, (b) => {
      if (this.#operation.carry === undefined) return;
      const carry = f.let(TYPE.i32, block.sample(this.#context.signal(this.#operation.carry), get(b)));
      const work = f.let(TYPE.i32, block.sample(working, get(b)));
      eachUnits(f, width, (unit, valid) => {
        this.#names.forEach((_, index) => {
          for (const h of quadsOf(valid)) {
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

  #quad(f: FunctionBuilder, unit: number, quad: number): Quad {
    const parameters = loadParameters(f, this.#context, this.#neuron, unit, quad);
    const formulas = [...Object.values(this.#neuron.step), ...this.#carry];
    const hoisted = hoist(f, this.#context, parameters, formulas);
    return { parameters, hoisted, begun: this.#names.map(() => f.v128()) };
  }

  /** Fills the locals with what the first step starts from. */
  #begin(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    const initial = (): void => {
      for (const quad of quads) {
        const emitter = new FormulaEmitter(f, lookUp(quad.parameters), this.#context.host);
        this.#names.forEach((name, index) => {
          const formula = this.#neuron.initial[name];
          f.emit(set(quad.begun[index]!, formula === undefined ? f32x4.const(0) : emitter.value(formula)));
        });
      }
    };
    if (carry === undefined) {
      initial();
      return;
    }
    const carried = (): void => {
      quads.forEach((quad, h) => {
        quad.begun.forEach((local, index) => {
          f.emit(set(local, v128.load(index * this.#to.padded * 4 + 16 * h, i32.add(get(carry), get(unit)))));
        });
      });
    };
    f.emit(whenElse(firstStep(), f.capture(carried), f.capture(initial)));
  }

  #end(f: FunctionBuilder, quads: readonly Quad[], unit: number, carry: number | undefined): void {
    if (carry === undefined) return;
    quads.forEach((quad, h) => {
      quad.begun.forEach((local, index) => {
        this.#storeCarried(f, carry, index, unit, h, get(local));
      });
    });
  }

  /** A carry signal keeps every state, and y, in a padded piece of its own. */
  #storeCarried(f: FunctionBuilder, carry: number, index: number, unit: number, quad: number, value: Code): void {
    f.emit(v128.store(index * this.#to.padded * 4 + 16 * quad, i32.add(get(carry), get(unit)), value));
  }

  /** Puts what the next step starts from into working memory. */
  #rest(f: FunctionBuilder, quads: readonly Quad[], work: number, unit: number, slotBytes: number): void {
    quads.forEach((quad, h) => {
      quad.begun.forEach((local, index) => {
        f.emit(v128.store(index * slotBytes + 16 * h, i32.add(get(work), get(unit)), get(local)));
      });
    });
  }

  /** Leaves what the recurrent connections hear of this step: y, masked. */
  #hear(f: FunctionBuilder, quads: readonly Quad[], work: number, unit: number, mask: number | undefined): void {
    const slots = recurrentSlots(this.#operation.neuron.states.length);
    const slotBytes = this.#to.padded * 4;
    quads.forEach((quad, h) => {
      const y = get(quad.begun[slots.y]!);
      const heard = mask === undefined ? y : f32x4.mul(y, v128.load(16 * h, i32.add(get(mask), get(unit))));
      f.emit(v128.store(slots.heard * slotBytes + 16 * h, i32.add(get(work), get(unit)), heard));
    });
  }

  #step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    inputs: readonly Code[],
    addresses: Addresses,
    { unit, valid, t }: { unit: number; valid: number; t: number },
  ): void {
    const at = (start: number, place: SignalPlace): Code =>
      i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(place.rowBytes)));
    const stores = addresses.store.map(({ start, place }) => f.let(TYPE.i32, at(start, place)));
    const output = this.#to.kind === "values" ? f.let(TYPE.i32, at(addresses.to, this.#to)) : 0;
    const fired: Code[] = [];
    quads.forEach((quad, h) => {
      const symbols = new Map<string, Code>([["input", get(f.let(TYPE.v128, inputs[h]!))]]);
      this.#names.forEach((name, index) => {
        symbols.set(name, get(quad.begun[index]!));
      });
      const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.#context.host);
      emitter.adopt(quad.hoisted);
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
        f.emit(v128.store(16 * h, get(output), keepValid(masked, valid, 4 * h)));
      }
      // All are computed before any is set: they are formulas of each other's old values.
      const next = this.#carry.map((formula) => emitter.value(formula));
      const held = next.map((code) => f.let(TYPE.v128, code));
      held.forEach((local, index) => {
        f.emit(set(quad.begun[index]!, get(local)));
      });
    });
    if (this.#to.kind !== "spikes") return;
    const groups = fired.flatMap((low, h) => {
      if (h % 2 === 1) return [];
      const bits = f.let(TYPE.i32, laneBits(low, fired[h + 1]!, valid - 4 * h));
      return [{ bits, indices: unitIndices(unit, 4 * h) }];
    });
    appendToRow(f, this.#context.shuffles, this.#to, { spikes: addresses.to, t, groups });
  }
}
