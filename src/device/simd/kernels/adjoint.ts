import { type Expression, freeSymbols } from "../../../equations/expression.js";
import type { AdjointScan } from "../../contract.js";
import { computedColumns, type SignalPlace, type TensorPlace } from "../layout.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128, when } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type Block, type KernelContext, sampleKernel } from "./context.js";
import { FormulaEmitter, keepValid } from "./formulas.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { type BoundNeuron, bindNeuron, eachUnits, hoist, loadParameters, lookUp, quadsOf } from "./neuron.js";

/** Four units of the group that is being scanned. */
interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of the stored values of the step, in the order of `adjointNeeds`. */
  readonly now: readonly number[];
  /** Locals of the errors on their way to the step before: at each state, then at y. */
  readonly handed: readonly number[];
  /** Locals of the sums over steps of the trained parameters' errors. */
  readonly sums: readonly number[];
}

interface Addresses {
  readonly error: number;
  readonly to: number;
  readonly stored: readonly { readonly start: number; readonly place: SignalPlace }[];
  readonly mask: number | undefined;
  readonly sums: readonly number[];
}

/** Row of working memory of a recurrent adjoint scan: handed errors and sums, then these slots. */
export const adjointSlots = (
  states: number,
  trained: number,
): { sums: number; heard: number; input: number; count: number } => ({
  sums: states + 1,
  heard: states + 1 + trained,
  input: states + 2 + trained,
  count: states + 3 + trained,
});

/**
 * The adjoint scan, from the last step to the first. What a step started from is computed again from the values stored at the
 * step before. As in the forward scan, only recurrent connections make all units take one step after the other.
 */
export function adjointScan(
  context: KernelContext,
  name: string,
  operation: AdjointScan,
  recurrent: { readonly working: string; readonly weights: string; readonly region: string } | undefined,
): void {
  const writer = new AdjointWriter(context, operation);
  sampleKernel(context, name, (f, block) => {
    if (recurrent === undefined) writer.unitByUnit(f, block);
    else {
      const transposed = context.transposed(recurrent.weights, recurrent.region);
      writer.stepByStep(f, block, context.signal(recurrent.working), transposed);
    }
  });
}

class AdjointWriter {
  readonly #context: KernelContext;
  readonly #operation: AdjointScan;
  readonly #neuron: BoundNeuron;
  readonly #error: SignalPlace;
  readonly #to: SignalPlace;
  /** Names of what a step starts from. */
  readonly #began: readonly string[];
  readonly #trained: readonly string[];
  readonly #results: readonly Expression[];
  /** What the adjoint looks at of what a step started from, as computed from the values stored at the step before. */
  readonly #carry: readonly (readonly [string, Expression])[];

  constructor(context: KernelContext, operation: AdjointScan) {
    this.#context = context;
    this.#operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.#error = context.signal(operation.error);
    this.#to = context.signal(operation.to);
    this.#began = [...operation.neuron.states, "y"];
    this.#trained = Object.keys(operation.parameterErrors);
    const handed = this.#began.map((name) => this.#neuron.adjoint[`d__${name}`]!);
    const sums = this.#trained.map((name) => this.#neuron.adjoint[`d__${name}`]!);
    const results = [this.#neuron.adjoint.d__input!, ...handed, ...sums];
    this.#results = results;
    const used = freeSymbols(results);
    this.#carry = this.#began.flatMap((name): [string, Expression][] =>
      used.includes(name) ? [[name, this.#neuron.carry[name]!]] : [],
    );
  }

  unitByUnit(f: FunctionBuilder, block: Block): void {
    block.each(f, (b) => {
      const addresses = this.#addresses(f, block, b);
      eachUnits(f, this.#to.width, (unit, valid) => {
        const quads = quadsOf(valid).map((quad) => this.#quad(f, unit, quad));
        for (const { handed, sums } of quads) {
          for (const local of [...handed, ...sums]) f.emit(set(local, f32x4.const(0)));
        }
        this.#loadNow(f, quads, addresses, unit, i32.const(this.#context.steps - 1));
        this.#eachStep(f, (t, isFirst) => {
          this.#step(f, quads, addresses, { unit, valid, t, isFirst, heard: undefined, input: undefined });
          this.#truncate(f, t, isFirst, () => {
            for (const local of quads.flatMap((quad) => quad.handed)) f.emit(set(local, f32x4.const(0)));
          });
        });
        this.#storeSums(f, quads, addresses, unit);
      });
    });
  }

  stepByStep(f: FunctionBuilder, block: Block, working: SignalPlace, transposed: TensorPlace): void {
    const slots = adjointSlots(this.#operation.neuron.states.length, this.#trained.length);
    const { padded, width } = this.#to;
    const slotBytes = padded * 4;
    const workOf = (b: Code): number => f.let(TYPE.i32, block.sample(working, b));
    const clear = (slotCount: number): void => {
      block.each(f, (b) => {
        const work = workOf(get(b));
        f.range(i32.const(0), i32.const(slotCount * slotBytes), 16, (at) => {
          f.emit(v128.store(0, i32.add(get(work), get(at)), f32x4.const(0)));
        });
      });
    };
    clear(slots.count);
    const product = productFunction(this.#context.module, {
      aRow: working.sampleBytes,
      aDepth: 4,
      b: tensorPanels(transposed),
      c: rowPanels(working.sampleBytes),
      columns: computedColumns(width),
      start: "zero",
    });
    const locals = (quad: Quad): readonly number[] => [...quad.handed, ...quad.sums];
    this.#eachStep(f, (t, isFirst) => {
      block.each(f, (b) => {
        const addresses = this.#addresses(f, block, b);
        const work = workOf(get(b));
        eachUnits(f, width, (unit, valid) => {
          const quads = quadsOf(valid).map((quad) => this.#quad(f, unit, quad));
          const at = f.let(TYPE.i32, i32.add(get(work), get(unit)));
          quads.forEach((quad, h) => {
            locals(quad).forEach((local, index) => {
              f.emit(set(local, v128.load(index * slotBytes + 16 * h, get(at))));
            });
          });
          this.#loadNow(f, quads, addresses, unit, get(t));
          const heard = quadsOf(valid).map((h) => v128.load(slots.heard * slotBytes + 16 * h, get(at)));
          const input = { address: at, offset: slots.input * slotBytes };
          this.#step(f, quads, addresses, { unit, valid, t, isFirst, heard, input });
          quads.forEach((quad, h) => {
            locals(quad).forEach((local, index) => {
              f.emit(v128.store(index * slotBytes + 16 * h, get(at), get(local)));
            });
          });
          if (isFirst) this.#storeSums(f, quads, addresses, unit);
        });
      });
      if (isFirst) return;
      const start = workOf(get(block.b0));
      const slot = (index: number): Code => i32.add(get(start), i32.const(index * slotBytes));
      const rows = i32.sub(get(block.b1), get(block.b0));
      f.emit(
        call(product, slot(slots.input), i32.const(transposed.address), slot(slots.heard), rows, i32.const(width)),
      );
      this.#truncate(f, t, isFirst, () => {
        clear(slots.sums);
        block.each(f, (b) => {
          const heard = f.let(TYPE.i32, i32.add(block.sample(working, get(b)), i32.const(slots.heard * slotBytes)));
          f.range(i32.const(0), i32.const(slotBytes), 16, (at) => {
            f.emit(v128.store(0, i32.add(get(heard), get(at)), f32x4.const(0)));
          });
        });
      });
    });
  }

  /** Runs the body for t = steps - 1 .. 1, and once more, written out on its own, for t = 0. */
  #eachStep(f: FunctionBuilder, body: (t: number, isFirst: boolean) => void): void {
    const t = f.let(TYPE.i32, i32.const(this.#context.steps - 1));
    f.while(get(t), () => {
      body(t, false);
      f.emit(set(t, i32.sub(get(t), i32.const(1))));
    });
    body(t, true);
  }

  /** Truncated backpropagation: runs the body where nothing may be handed to the step before. */
  #truncate(f: FunctionBuilder, t: number, isFirst: boolean, body: () => void): void {
    const { truncate } = this.#operation;
    if (truncate === undefined || isFirst) return;
    f.emit(when(i32.eqz(i32.remU(get(t), i32.const(truncate))), f.capture(body)));
  }

  #addresses(f: FunctionBuilder, block: Block, b: number): Addresses {
    const { error, to, stored, mask, parameterErrors, neuron } = this.#operation;
    const at = (signal: string): number => f.let(TYPE.i32, block.sample(this.#context.signal(signal), get(b)));
    return {
      error: at(error),
      to: at(to),
      stored: neuron.adjointNeeds.map((value) => ({
        start: at(stored[value]!),
        place: this.#context.signal(stored[value]!),
      })),
      mask: mask === undefined ? undefined : at(mask),
      sums: this.#trained.map((name) => at(parameterErrors[name]!)),
    };
  }

  #quad(f: FunctionBuilder, unit: number, quad: number): Quad {
    const parameters = loadParameters(f, this.#context, this.#neuron, unit, quad);
    const formulas = [...this.#results, ...this.#carry.map(([, formula]) => formula)];
    return {
      parameters,
      hoisted: hoist(f, this.#context, parameters, formulas),
      now: this.#operation.neuron.adjointNeeds.map(() => f.v128()),
      handed: this.#began.map(() => f.v128()),
      sums: this.#trained.map(() => f.v128()),
    };
  }

  #loadNow(f: FunctionBuilder, quads: readonly Quad[], addresses: Addresses, unit: number, t: Code): void {
    quads.forEach((quad, h) => {
      quad.now.forEach((local, index) => {
        f.emit(set(local, this.#stored(addresses, index, unit, h, t)));
      });
    });
  }

  #stored(addresses: Addresses, index: number, unit: number, quad: number, t: Code): Code {
    const { start, place } = addresses.stored[index]!;
    return v128.load(16 * quad, i32.add(i32.add(get(start), get(unit)), i32.mul(t, i32.const(place.rowBytes))));
  }

  #storeSums(f: FunctionBuilder, quads: readonly Quad[], addresses: Addresses, unit: number): void {
    quads.forEach((quad, h) => {
      quad.sums.forEach((sum, index) => {
        f.emit(v128.store(16 * h, i32.add(get(addresses.sums[index]!), get(unit)), get(sum)));
      });
    });
  }

  /** The error from above at this step, scaled. */
  #entering(f: FunctionBuilder, addresses: Addresses, unit: number, quad: number, t: number): Code {
    const { at, scale } = this.#operation;
    const base = i32.add(get(addresses.error), get(unit));
    const row = this.#error.rows === 1 ? base : i32.add(base, i32.mul(get(t), i32.const(this.#error.rowBytes)));
    const loaded = v128.load(16 * quad, row);
    const scaled = scale === 1 ? loaded : f32x4.mul(loaded, f32x4.const(scale));
    const value = f.let(TYPE.v128, scaled);
    if (at === "last") {
      f.if(i32.ne(get(t), i32.const(this.#context.steps - 1)), () => f.emit(set(value, f32x4.const(0))));
    }
    return get(value);
  }

  #step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    addresses: Addresses,
    place: {
      unit: number;
      valid: number;
      t: number;
      isFirst: boolean;
      /** Error at what the recurrent connections heard, for each quad. */
      heard: readonly Code[] | undefined;
      /** Where the error at the input goes before the factor. */
      input: { address: number; offset: number } | undefined;
    },
  ): void {
    const { unit, valid, t, isFirst, heard, input } = place;
    const { neuron, of, factor } = this.#operation;
    const row = i32.add(i32.add(get(addresses.to), get(unit)), i32.mul(get(t), i32.const(this.#to.rowBytes)));
    const target = f.let(TYPE.i32, row);
    quads.forEach((quad, h) => {
      const entering = this.#entering(f, addresses, unit, h, t);
      let atOutput: Code = of === "output" ? entering : f32x4.const(0);
      if (heard !== undefined) atOutput = f32x4.add(atOutput, heard[h]!);
      if (addresses.mask !== undefined) {
        atOutput = f32x4.mul(atOutput, v128.load(16 * h, i32.add(get(addresses.mask), get(unit))));
      }
      const handedToOutput = get(quad.handed[neuron.states.length]!);
      const symbols = new Map<string, Code>([
        ["d__y__now", get(f.let(TYPE.v128, f32x4.add(atOutput, handedToOutput)))],
      ]);
      neuron.adjointNeeds.forEach((name, index) => {
        symbols.set(name, get(quad.now[index]!));
      });
      neuron.states.forEach((state, index) => {
        symbols.set(`d__${state}__next`, get(quad.handed[index]!));
        symbols.set(`d__now__${state}`, of === `now__${state}` ? entering : f32x4.const(0));
      });
      const before = isFirst ? [] : this.#before(f, quad, addresses, symbols, { unit, quad: h, t });
      if (isFirst) this.#initial(f, quad, symbols);
      const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.#context.host);
      emitter.adopt(quad.hoisted);
      const [atInput, ...others] = this.#results.map((formula) => emitter.value(formula));
      if (input !== undefined) f.emit(v128.store(input.offset + 16 * h, get(input.address), atInput!));
      let out = atInput!;
      if (factor !== undefined) {
        const { address, columns } = this.#context.tensor(factor);
        const f4 = columns === 1 ? v128.load32Splat(address, i32.const(0)) : v128.load(address + 16 * h, get(unit));
        out = f32x4.mul(out, f4);
      }
      f.emit(v128.store(16 * h, get(target), keepValid(out, valid, 4 * h)));
      const held = others.slice(0, quad.handed.length).map((code) => f.let(TYPE.v128, code));
      quad.sums.forEach((sum, index) => {
        f.emit(set(sum, f32x4.add(get(sum), others[quad.handed.length + index]!)));
      });
      held.forEach((local, index) => {
        f.emit(set(quad.handed[index]!, get(local)));
      });
      before.forEach((local, index) => {
        f.emit(set(quad.now[index]!, get(local)));
      });
    });
  }

  /** Loads the stored values of the step before and computes from them what this step started from. */
  #before(
    f: FunctionBuilder,
    quad: Quad,
    addresses: Addresses,
    symbols: Map<string, Code>,
    { unit, quad: h, t }: { unit: number; quad: number; t: number },
  ): readonly number[] {
    const previous = i32.sub(get(t), i32.const(1));
    const locals = quad.now.map((_, index) => f.let(TYPE.v128, this.#stored(addresses, index, unit, h, previous)));
    const values = new Map(this.#operation.neuron.adjointNeeds.map((name, index) => [name, get(locals[index]!)]));
    const emitter = new FormulaEmitter(f, lookUp(values, quad.parameters), this.#context.host);
    emitter.adopt(quad.hoisted);
    for (const [name, formula] of this.#carry) symbols.set(name, emitter.value(formula));
    return locals;
  }

  /** What the first step started from. */
  #initial(f: FunctionBuilder, quad: Quad, symbols: Map<string, Code>): void {
    const emitter = new FormulaEmitter(f, lookUp(quad.parameters), this.#context.host);
    for (const state of this.#operation.neuron.states) {
      symbols.set(state, emitter.value(this.#neuron.initial[state]!));
    }
    symbols.set("y", f32x4.const(0));
  }
}
