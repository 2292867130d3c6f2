import type { AdjointScan, ErrorSource } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128, when } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter, keepValid } from "../codegen/formulas.js";
import type { Block, KernelContext } from "../codegen/kernel-context.js";
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
} from "../codegen/unit-groups.js";
import { type AdjointResults, adjointFormulas, allOf, before } from "./adjoint-formulas.js";

/** Four units of the group that is being scanned. */
export interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Locals of the stored values of the step, in the order of `adjointNeeds`. */
  readonly now: readonly number[];
  /** Locals of the errors propagated to the step before: at each state, then at y. */
  readonly propagated: readonly number[];
  /** Locals of the sums over steps of the trained parameters' errors. */
  readonly sums: readonly number[];
}

/** Addresses in locals, of the sample that is being scanned. */
export interface Addresses {
  /** In the order of the operation's errors. */
  readonly errors: readonly number[];
  readonly to: number;
  readonly stored: readonly { readonly start: number; readonly layout: SignalLayout }[];
  readonly mask: number | undefined;
  readonly sums: readonly number[];
}

/** Writes the sections of an adjoint scan: the start of a group of units, one step of it, and its results. */
export class AdjointWriter {
  readonly context: KernelContext;
  readonly operation: AdjointScan;
  readonly #neuron: BoundNeuron;
  readonly to: SignalLayout;
  /** Names of the starting values of a step. */
  readonly #began: readonly string[];
  readonly trained: readonly string[];
  /** Results of step 0, and of every other step. */
  readonly #first: AdjointResults;
  readonly #later: AdjointResults;

  constructor(context: KernelContext, operation: AdjointScan) {
    this.context = context;
    this.operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.to = context.signal(operation.to);
    this.#began = [...operation.neuron.states, "y"];
    this.trained = Object.keys(operation.parameterErrors);
    const { first, later } = adjointFormulas(operation, this.#neuron);
    this.#first = first;
    this.#later = later;
  }

  /** Runs the body for t = steps - 1 .. 1, and a separate copy of it for t = 0. */
  eachStep(f: FunctionBuilder, body: (t: number, isFirst: boolean) => void): void {
    const t = f.let(TYPE.i32, i32.const(this.context.steps - 1));
    f.while(get(t), () => {
      body(t, false);
      f.emit(set(t, i32.sub(get(t), i32.const(1))));
    });
    body(t, true);
  }

  /** Truncated backpropagation: runs the body at the steps that propagate nothing to the step before. */
  truncate(f: FunctionBuilder, t: number, isFirst: boolean, body: () => void): void {
    const { truncate } = this.operation;
    if (truncate === undefined || isFirst) return;
    f.emit(when(i32.eqz(i32.remU(get(t), i32.const(truncate))), f.capture(body)));
  }

  /** Loads the addresses of a sample. */
  addresses(f: FunctionBuilder, block: Block, b: number): Addresses {
    const { errors, to, stored, mask, parameterErrors, neuron } = this.operation;
    const at = (signal: string): number => f.let(TYPE.i32, block.sample(this.context.signal(signal), get(b)));
    return {
      errors: errors.map(({ signal }) => at(signal)),
      to: at(to),
      stored: neuron.adjointNeeds.map((value) => ({
        start: at(stored[value]!),
        layout: this.context.signal(stored[value]!),
      })),
      mask: mask === undefined ? undefined : at(mask),
      sums: this.trained.map((name) => at(parameterErrors[name]!)),
    };
  }

  /**
   * Prepares the units of the group at `unit`, four at a time, and computes the terms that depend on parameters alone.
   */
  quads(f: FunctionBuilder, unit: number, valid: number): readonly Quad[] {
    const formulas = [...allOf(this.#first), ...allOf(this.#later)];
    const constants = keepConstants(f, this.context, formulas);
    return quadsOf(valid).map((quad) => {
      const parameters = loadParameters(f, this.context, this.#neuron, unit, quad);
      return {
        parameters,
        hoisted: hoist(f, this.context, parameters, formulas, constants),
        now: this.operation.neuron.adjointNeeds.map(() => f.v128()),
        propagated: this.#began.map(() => f.v128()),
        sums: this.trained.map(() => f.v128()),
      };
    });
  }

  /** Loads the stored values of step `t`. */
  loadNow(f: FunctionBuilder, quads: readonly Quad[], addresses: Addresses, unit: number, t: Code): void {
    quads.forEach((quad, h) => {
      quad.now.forEach((local, index) => {
        f.emit(set(local, this.#stored(addresses, index, unit, h, t)));
      });
    });
  }

  #stored(addresses: Addresses, index: number, unit: number, quad: number, t: Code): Code {
    const { start, layout } = addresses.stored[index]!;
    return v128.load(16 * quad, i32.add(i32.add(get(start), get(unit)), i32.mul(t, i32.const(layout.rowBytes))));
  }

  /** Stores the errors of the trained parameters. */
  storeSums(f: FunctionBuilder, quads: readonly Quad[], addresses: Addresses, unit: number): void {
    quads.forEach((quad, h) => {
      quad.sums.forEach((sum, index) => {
        f.emit(v128.store(16 * h, i32.add(get(addresses.sums[index]!), get(unit)), get(sum)));
      });
    });
  }

  /** The errors from outside at this step, by their place: summed over the sources there. */
  #entering(
    f: FunctionBuilder,
    addresses: Addresses,
    unit: number,
    quad: number,
    t: number,
  ): ReadonlyMap<ErrorSource["of"], Code> {
    const sums = new Map<ErrorSource["of"], Code>();
    this.operation.errors.forEach((source, index) => {
      const error = this.#enteringFrom(f, source, addresses.errors[index]!, unit, quad, t);
      const earlier = sums.get(source.of);
      sums.set(source.of, earlier === undefined ? error : get(f.let(TYPE.v128, f32x4.add(earlier, error))));
    });
    return sums;
  }

  /** The error of one source at this step, scaled. */
  #enteringFrom(
    f: FunctionBuilder,
    { signal, at, scale }: ErrorSource,
    address: number,
    unit: number,
    quad: number,
    t: number,
  ): Code {
    const layout = this.context.signal(signal);
    const base = i32.add(get(address), get(unit));
    const row = layout.rows === 1 ? base : i32.add(base, i32.mul(get(t), i32.const(layout.rowBytes)));
    const loaded = v128.load(16 * quad, row);
    const scaled = scale === 1 ? loaded : f32x4.mul(loaded, f32x4.const(scale));
    const value = f.let(TYPE.v128, scaled);
    if (at === "last") {
      f.if(i32.ne(get(t), i32.const(this.context.steps - 1)), () => f.emit(set(value, f32x4.const(0))));
    }
    return get(value);
  }

  /** One step of a group: reads the error from above, writes the error at the current, and propagates the errors. */
  step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    addresses: Addresses,
    group: {
      unit: number;
      valid: number;
      t: number;
      isFirst: boolean;
      /** Error that arrives through the recurrent connections, per quad. */
      recurrentError: readonly Code[] | undefined;
      /** Address of the error at the input before the factor. */
      input: { address: number; offset: number } | undefined;
    },
  ): void {
    const { unit, valid, t, isFirst, recurrentError, input } = group;
    const { neuron, factor } = this.operation;
    const row = i32.add(i32.add(get(addresses.to), get(unit)), i32.mul(get(t), i32.const(this.to.rowBytes)));
    const target = f.let(TYPE.i32, row);
    inPairs(quads, (pair, first) => {
      const loaded = pair.map((quad, i) => {
        const h = first + i;
        const masks = addresses.mask === undefined ? undefined : i32.add(get(addresses.mask), get(unit));
        return {
          entering: this.#entering(f, addresses, unit, h, t),
          mask: masks === undefined ? undefined : get(f.let(TYPE.v128, v128.load(16 * h, masks))),
          previous: isFirst ? [] : this.#previous(f, quad, addresses, { unit, quad: h, t }),
        };
      });
      const results = isFirst ? this.#first : this.#later;
      const computed = pair.map((quad, i) => {
        const { entering, mask, previous } = loaded[i]!;
        let atOutput: Code = entering.get("output") ?? f32x4.const(0);
        if (recurrentError !== undefined) atOutput = f32x4.add(atOutput, recurrentError[first + i]!);
        if (mask !== undefined) atOutput = f32x4.mul(atOutput, mask);
        const propagatedToOutput = get(quad.propagated[neuron.states.length]!);
        const symbols = new Map<string, Code>([
          ["d__y__now", get(f.let(TYPE.v128, f32x4.add(atOutput, propagatedToOutput)))],
        ]);
        neuron.adjointNeeds.forEach((name, index) => {
          symbols.set(name, get(quad.now[index]!));
          if (!isFirst) symbols.set(before(name), get(previous[index]!));
        });
        neuron.states.forEach((state, index) => {
          symbols.set(`d__${state}__next`, get(quad.propagated[index]!));
          const error = entering.get(`now__${state}`);
          if (error !== undefined) symbols.set(`d__now__${state}`, error);
        });
        const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.context.host);
        emitter.adopt(quad.hoisted);
        const atInput = f.let(TYPE.v128, emitter.value(results.input));
        const held = results.propagated.map((formula) => f.let(TYPE.v128, emitter.value(formula)));
        quad.sums.forEach((sum, index) => {
          f.emit(set(sum, f32x4.add(get(sum), emitter.value(results.parameters[index]!))));
        });
        return { atInput, held };
      });
      upperFirst(computed, ({ atInput }, i) => {
        const h = first + i;
        if (input !== undefined) f.emit(v128.store(input.offset + 16 * h, get(input.address), get(atInput)));
      });
      const factors = pair.map((_, i) => (factor === undefined ? undefined : this.#factor(f, factor, unit, first + i)));
      upperFirst(computed, ({ atInput }, i) => {
        const h = first + i;
        const out = factors[i] === undefined ? get(atInput) : f32x4.mul(get(atInput), factors[i]);
        f.emit(v128.store(16 * h, get(target), keepValid(out, valid, 4 * h)));
      });
      pair.forEach((quad, i) => {
        computed[i]!.held.forEach((local, index) => {
          f.emit(set(quad.propagated[index]!, get(local)));
        });
        loaded[i]!.previous.forEach((local, index) => {
          f.emit(set(quad.now[index]!, get(local)));
        });
      });
    });
  }

  /** Factor of the error at the current. */
  #factor(f: FunctionBuilder, factor: string, unit: number, quad: number): Code {
    const { address, columns } = this.context.tensor(factor);
    const value = columns === 1 ? v128.load32Splat(address, i32.const(0)) : v128.load(address + 16 * quad, get(unit));
    return get(f.let(TYPE.v128, value));
  }

  /** Loads the stored values of the step before. */
  #previous(
    f: FunctionBuilder,
    quad: Quad,
    addresses: Addresses,
    { unit, quad: h, t }: { unit: number; quad: number; t: number },
  ): readonly number[] {
    const row = i32.sub(get(t), i32.const(1));
    return quad.now.map((_, index) => f.let(TYPE.v128, this.#stored(addresses, index, unit, h, row)));
  }
}
