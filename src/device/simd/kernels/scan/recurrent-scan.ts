import { computedColumns, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, v128, whenElse } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { Block } from "../codegen/kernel-context.js";
import { eachUnits, quadsOf } from "../codegen/unit-groups.js";
import { productFunction, rowPanels, tensorPanels } from "../products/gemm.js";
import { beginLists, beginStep, STEP_ENDS, stepLists } from "../spikes/index-lists.js";
import { addSpikes } from "../spikes/spike-current.js";
import type { Quad } from "./scan-states.js";
import type { ScanWriter } from "./scan-writer.js";

interface WorkspaceSlots {
  readonly y: number;
  /** Input of the recurrent connections: y, masked. */
  readonly recurrentInput: number;
  /** The current, including the recurrent input. */
  readonly total: number;
  readonly count: number;
}

/** Slots of the workspace of a sample, each of `padded` numbers: the states, then these. */
export const recurrentSlots = (states: number): WorkspaceSlots => ({
  y: states,
  recurrentInput: states + 1,
  total: states + 2,
  count: states + 3,
});

/** A forward scan with recurrent connections: step after step, for all samples of a block. */
export class RecurrentScan {
  readonly #writer: ScanWriter;
  readonly #workspace: SignalLayout;
  readonly #matrix: TensorLayout;
  readonly #slots: WorkspaceSlots;
  readonly #slotBytes: number;

  constructor(writer: ScanWriter, names: { readonly workspace: string; readonly recurrent: string }) {
    this.#writer = writer;
    this.#workspace = writer.context.signal(names.workspace);
    this.#matrix = writer.context.tensor(names.recurrent);
    this.#slots = recurrentSlots(writer.operation.neuron.states.length);
    this.#slotBytes = writer.to.padded * 4;
  }

  write(f: FunctionBuilder, block: Block): void {
    const { context, to } = this.#writer;
    this.#begin(f, block);
    f.range(i32.const(0), i32.const(context.steps), 1, (t) => {
      const listed = f.capture(() => this.#receiveSpikes(f, block, t));
      const dense = f.capture(() => this.#receiveValues(f, block, t));
      // The y that a run starts from is in no list, so the first step uses the dense product.
      f.emit(to.kind === "values" ? dense : whenElse(get(t), listed, dense));
      this.#step(f, block, t);
    });
    this.#end(f, block);
  }

  #work(f: FunctionBuilder, block: Block, b: number): number {
    return f.let(TYPE.i32, block.sample(this.#workspace, get(b)));
  }

  #slot(work: number, index: number): Code {
    return i32.add(get(work), i32.const(index * this.#slotBytes));
  }

  /** Loads four units of a slot. */
  #load(work: number, unit: number, index: number, quad: number): Code {
    return v128.load(index * this.#slotBytes + 16 * quad, i32.add(get(work), get(unit)));
  }

  #store(work: number, unit: number, index: number, quad: number, value: Code): Code {
    return v128.store(index * this.#slotBytes + 16 * quad, i32.add(get(work), get(unit)), value);
  }

  #begin(f: FunctionBuilder, block: Block): void {
    const writer = this.#writer;
    block.each(f, (b) => {
      const addresses = writer.addresses(f, block, b);
      if (writer.to.kind === "spikes") beginLists(f, writer.to, addresses.to);
      const work = this.#work(f, block, b);
      eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
        const quads = writer.quads(f, unit, valid);
        writer.states.begin(f, quads, unit, addresses.carry);
        this.#storeNext(f, quads, work, unit, addresses.mask);
      });
    });
  }

  /** total = current + recurrentInput times the recurrent weights, all samples at once. */
  #receiveValues(f: FunctionBuilder, block: Block, t: number): void {
    const { context, to } = this.#writer;
    block.each(f, (b) => {
      const work = this.#work(f, block, b);
      const source = f.let(TYPE.i32, this.#writer.currentRow(block, b, t));
      f.range(i32.const(0), i32.const(this.#slotBytes), 16, (at) => {
        const target = i32.add(this.#slot(work, this.#slots.total), get(at));
        f.emit(v128.store(0, target, v128.load(0, i32.add(get(source), get(at)))));
      });
    });
    const product = productFunction(context.module, {
      aRow: this.#workspace.sampleBytes,
      aDepth: 4,
      b: tensorPanels(this.#matrix),
      c: rowPanels(this.#workspace.sampleBytes),
      columns: computedColumns(to.width),
      start: "present",
    });
    const first = this.#work(f, block, block.b0);
    const rows = i32.sub(get(block.b1), get(block.b0));
    const [a, c] = [this.#slot(first, this.#slots.recurrentInput), this.#slot(first, this.#slots.total)];
    f.emit(call(product, a, i32.const(this.#matrix.address), c, rows, i32.const(to.width)));
  }

  /** total = current + the rows of the recurrent weights of the units that spiked at step t - 1. */
  #receiveSpikes(f: FunctionBuilder, block: Block, t: number): void {
    const { to: spikes } = this.#writer;
    block.each(f, (b) => {
      const source = f.let(TYPE.i32, this.#writer.currentRow(block, b, t));
      const target = f.let(TYPE.i32, this.#slot(this.#work(f, block, b), this.#slots.total));
      const start = f.let(TYPE.i32, block.sample(spikes, get(b)));
      const before = i32.mul(i32.sub(get(t), i32.const(1)), i32.const(STEP_ENDS));
      const { added } = stepLists(f, start, f.let(TYPE.i32, i32.add(get(start), before)));
      addSpikes(f, this.#matrix, { source, target, ...added });
    });
  }

  #step(f: FunctionBuilder, block: Block, t: number): void {
    const writer = this.#writer;
    block.each(f, (b) => {
      const addresses = writer.addresses(f, block, b);
      const work = this.#work(f, block, b);
      if (writer.to.kind === "spikes") beginStep(f, addresses.to, t);
      eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
        const quads = writer.quads(f, unit, valid);
        quads.forEach((quad, h) => {
          quad.begun.forEach((_, index) => {
            writer.assign(f, quad, index, this.#load(work, unit, index, h));
          });
        });
        const inputs = quads.map((_, h) => this.#load(work, unit, this.#slots.total, h));
        writer.step(f, quads, inputs, addresses, { unit, valid, t });
        this.#storeNext(f, quads, work, unit, addresses.mask);
      });
    });
  }

  /** Stores the starting values of the next step, and its recurrent input, in the workspace. */
  #storeNext(f: FunctionBuilder, quads: readonly Quad[], work: number, unit: number, mask: number | undefined): void {
    quads.forEach((quad, h) => {
      quad.begun.forEach((_, index) => {
        f.emit(this.#store(work, unit, index, h, this.#writer.valueOf(quad, index)));
      });
      const y = this.#writer.valueOf(quad, this.#slots.y);
      const recurrentInput = mask === undefined ? y : f32x4.mul(y, v128.load(16 * h, i32.add(get(mask), get(unit))));
      f.emit(this.#store(work, unit, this.#slots.recurrentInput, h, recurrentInput));
    });
  }

  #end(f: FunctionBuilder, block: Block): void {
    const writer = this.#writer;
    if (writer.operation.carry === undefined) return;
    const layout = writer.context.signal(writer.operation.carry);
    block.each(f, (b) => {
      const carry = f.let(TYPE.i32, block.sample(layout, get(b)));
      const work = this.#work(f, block, b);
      eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
        for (const index of writer.states.names.keys()) {
          for (const h of quadsOf(valid)) {
            writer.states.store(f, carry, index, unit, h, this.#load(work, unit, index, h));
          }
        }
      });
    });
  }
}
