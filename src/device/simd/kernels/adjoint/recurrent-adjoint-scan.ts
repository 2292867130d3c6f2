import { computedColumns, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { Block } from "../codegen/kernel-context.js";
import { eachUnits } from "../codegen/unit-groups.js";
import { productFunction, rowPanels, tensorPanels } from "../products/gemm.js";
import type { AdjointWriter, Quad } from "./adjoint-writer.js";

interface WorkspaceSlots {
  /** Errors that arrive through the recurrent connections. */
  readonly recurrentError: number;
  /** Errors at the input, before the factor. */
  readonly input: number;
  readonly count: number;
}

/**
 * Slots of the workspace of a sample, each of `padded` numbers: the errors propagated to the step before (at the
 * states and at y), the sums of the parameters' errors, then these.
 */
export const adjointSlots = (states: number, trained: number): WorkspaceSlots => ({
  recurrentError: states + 1 + trained,
  input: states + 2 + trained,
  count: states + 3 + trained,
});

/** Names of the workspace, of the recurrent weights and of the region with their transposed copy. */
export interface RecurrentNames {
  readonly workspace: string;
  readonly weights: string;
  readonly region: string;
}

/** An adjoint scan with recurrent connections: step after step, for all samples of a block. */
export class RecurrentAdjoint {
  readonly #writer: AdjointWriter;
  readonly #workspace: SignalLayout;
  readonly #transposed: TensorLayout;
  readonly #slots: WorkspaceSlots;
  readonly #slotBytes: number;

  constructor(writer: AdjointWriter, { workspace, weights, region }: RecurrentNames) {
    this.#writer = writer;
    this.#workspace = writer.context.signal(workspace);
    this.#transposed = writer.context.transposed(weights, region);
    this.#slots = adjointSlots(writer.operation.neuron.states.length, writer.trained.length);
    this.#slotBytes = writer.to.padded * 4;
  }

  write(f: FunctionBuilder, block: Block): void {
    const states = this.#writer.operation.neuron.states.length;
    this.#clear(f, block, 0, this.#slots.count);
    this.#writer.eachStep(f, (t, isFirst) => {
      this.#step(f, block, t, isFirst);
      if (isFirst) return;
      this.#receiveErrors(f, block);
      this.#writer.truncate(f, t, isFirst, () => {
        this.#clear(f, block, 0, states + 1);
        this.#clear(f, block, this.#slots.recurrentError, 1);
      });
    });
  }

  #work(f: FunctionBuilder, block: Block, b: number): number {
    return f.let(TYPE.i32, block.sample(this.#workspace, get(b)));
  }

  #slot(work: number, index: number): Code {
    return i32.add(get(work), i32.const(index * this.#slotBytes));
  }

  #clear(f: FunctionBuilder, block: Block, first: number, count: number): void {
    block.each(f, (b) => {
      const start = f.let(TYPE.i32, this.#slot(this.#work(f, block, b), first));
      f.range(get(start), i32.add(get(start), i32.const(count * this.#slotBytes)), 16, (at) => {
        f.emit(v128.store(0, get(at), f32x4.const(0)));
      });
    });
  }

  #step(f: FunctionBuilder, block: Block, t: number, isFirst: boolean): void {
    const writer = this.#writer;
    const rested = ({ propagated, sums }: Quad): readonly number[] => [...propagated, ...sums];
    block.each(f, (b) => {
      const addresses = writer.addresses(f, block, b);
      const work = this.#work(f, block, b);
      eachUnits(f, writer.context, writer.to.width, (unit, valid) => {
        const quads = writer.quads(f, unit, valid);
        const at = f.let(TYPE.i32, i32.add(get(work), get(unit)));
        const offsetOf = (index: number, h: number): number => index * this.#slotBytes + 16 * h;
        quads.forEach((quad, h) => {
          rested(quad).forEach((local, index) => {
            f.emit(set(local, v128.load(offsetOf(index, h), get(at))));
          });
        });
        writer.loadNow(f, quads, addresses, unit, get(t));
        const recurrentError = quads.map((_, h) => v128.load(offsetOf(this.#slots.recurrentError, h), get(at)));
        const input = { address: at, offset: offsetOf(this.#slots.input, 0) };
        writer.step(f, quads, addresses, { unit, valid, t, isFirst, recurrentError, input });
        quads.forEach((quad, h) => {
          rested(quad).forEach((local, index) => {
            f.emit(v128.store(offsetOf(index, h), get(at), get(local)));
          });
        });
        if (isFirst) writer.storeSums(f, quads, addresses, unit);
      });
    });
  }

  /** recurrentError = input errors times the transposed recurrent weights, all samples at once. */
  #receiveErrors(f: FunctionBuilder, block: Block): void {
    const { width } = this.#writer.to;
    const product = productFunction(this.#writer.context.module, {
      aRow: this.#workspace.sampleBytes,
      aDepth: 4,
      b: tensorPanels(this.#transposed),
      c: rowPanels(this.#workspace.sampleBytes),
      columns: computedColumns(width),
      start: "zero",
    });
    const first = this.#work(f, block, block.b0);
    const rows = i32.sub(get(block.b1), get(block.b0));
    const [a, c] = [this.#slot(first, this.#slots.input), this.#slot(first, this.#slots.recurrentError)];
    f.emit(call(product, a, i32.const(this.#transposed.address), c, rows, i32.const(width)));
  }
}
