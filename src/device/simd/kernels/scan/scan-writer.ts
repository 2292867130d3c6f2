import { isCondition } from "../../../../equations/language/expression.js";
import type { Scan } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
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
import { appendToStep } from "../spikes/index-lists.js";
import { bitsRow } from "../spikes/spike-deltas.js";
import { type ScanFormulas, scanFormulas } from "./scan-formulas.js";
import { storeBits, unitGroups } from "./scan-spikes.js";
import { type Quad, ScanStates } from "./scan-states.js";

/** Addresses in locals, of the sample that is being scanned. */
export interface Addresses {
  readonly to: number;
  /**
   * Address of the bitmap of spikes, which are listed after all units are finished; without it they are listed at
   * once.
   */
  readonly bits: number | undefined;
  readonly store: readonly { readonly value: string; readonly start: number; readonly layout: SignalLayout }[];
  readonly carry: number | undefined;
  readonly mask: number | undefined;
}

/** Writes the sections of a forward scan: the start of a group of units, one step of it, and its results. */
export class ScanWriter {
  readonly context: KernelContext;
  readonly operation: Scan;
  readonly #neuron: BoundNeuron;
  readonly current: SignalLayout;
  readonly to: SignalLayout;
  readonly states: ScanStates;
  readonly #formulas: ScanFormulas;

  constructor(context: KernelContext, operation: Scan) {
    this.context = context;
    this.operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.current = context.signal(operation.current);
    this.to = context.signal(operation.to);
    this.#formulas = scanFormulas(operation, this.#neuron);
    this.states = new ScanStates(context, operation, this.#neuron, this.#formulas);
  }

  /** Address of the currents of step `t`. */
  currentRow(block: Block, b: number, t: number): Code {
    const start = block.sample(this.current, get(b));
    return this.current.rows === 1 ? start : i32.add(start, i32.mul(get(t), i32.const(this.current.rowBytes)));
  }

  /** Loads the addresses of a sample; `bits` names the signal of the bitmap of spikes. */
  addresses(f: FunctionBuilder, block: Block, b: number, bits?: string): Addresses {
    const { operation, context } = this;
    const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
    return {
      to: at(operation.to),
      bits: bits === undefined ? undefined : at(bits),
      store: Object.entries(operation.store).map(([value, signal]) => ({
        value,
        start: at(signal),
        layout: context.signal(signal),
      })),
      carry: operation.carry === undefined ? undefined : at(operation.carry),
      mask: operation.mask === undefined ? undefined : at(operation.mask),
    };
  }

  /**
   * Prepares the units of the group at `unit`, four at a time, and computes the terms that depend on parameters alone.
   */
  quads(f: FunctionBuilder, unit: number, valid: number): readonly Quad[] {
    const { carried, computed } = this.#formulas;
    const constants = keepConstants(f, this.context, computed);
    return quadsOf(valid).map((quad) => {
      const parameters = loadParameters(f, this.context, this.#neuron, unit, quad);
      const hoisted = hoist(f, this.context, parameters, computed, constants);
      return { parameters, hoisted, begun: carried.map(() => f.v128()) };
    });
  }

  /** Code of a starting value of a step: without recurrent connections usually not a state. */
  valueOf(quad: Quad, index: number): Code {
    const code = get(quad.begun[index]!);
    return this.#carriesMask(index) ? v128.and(code, f32x4.const(1)) : code;
  }

  /** Sets a starting value of a step. */
  assign(f: FunctionBuilder, quad: Quad, index: number, value: Code): void {
    f.emit(set(quad.begun[index]!, this.#carriesMask(index) ? f32x4.ne(value, f32x4.const(0)) : value));
  }

  #carriesMask(index: number): boolean {
    return this.#formulas.carried[index]!.isMask;
  }

  /**
   * One step of a group: reads the currents, writes the stored values and the output, and advances the states. If
   * another run resumes this one, its last step returns states and y of every quad instead.
   */
  step(
    f: FunctionBuilder,
    quads: readonly Quad[],
    inputs: readonly Code[],
    addresses: Addresses,
    { unit, valid, t, isLast = false }: { unit: number; valid: number; t: number; isLast?: boolean },
  ): readonly (readonly Code[])[] {
    const at = (start: number, layout: SignalLayout): Code =>
      i32.add(i32.add(get(start), get(unit)), i32.mul(get(t), i32.const(layout.rowBytes)));
    const stores = addresses.store.map(({ start, layout }) => f.let(TYPE.i32, at(start, layout)));
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
        const { mask } = given[i]!;
        if (this.to.kind === "spikes") {
          fired.push(mask === undefined ? y : v128.and(y, f32x4.gt(mask, f32x4.const(0))));
          return;
        }
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
    if (this.to.kind === "spikes") this.#writeSpikes(f, fired, addresses, { unit, valid, t });
    return left;
  }

  /** Writes the spikes of a group, given as lane masks, to the bitmap or to the lists of the step. */
  #writeSpikes(
    f: FunctionBuilder,
    fired: readonly Code[],
    { bits, to }: Addresses,
    { unit, valid, t }: { unit: number; valid: number; t: number },
  ): void {
    if (bits === undefined) {
      const groups = unitGroups(f, fired, unit, valid);
      appendToStep(f, this.context.listTables, { spikes: to, t, groups });
      return;
    }
    const row = f.let(TYPE.i32, i32.add(get(bits), i32.mul(get(t), i32.const(bitsRow(this.to.width)))));
    storeBits(f, fired, { row, unit, valid });
  }

  #mask(f: FunctionBuilder, mask: number, unit: number, quad: number): Code {
    return get(f.let(TYPE.v128, v128.load(16 * quad, i32.add(get(mask), get(unit)))));
  }

  /**
   * Computes a step of four units: the stored values, y (as a lane mask if the units spike), and the starting values
   * of the next step, or states and y after the last step.
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
    this.#formulas.carried.forEach(({ before }, index) => {
      const code = get(quad.begun[index]!);
      if (this.#carriesMask(index)) emitter.condition(before, code);
      else emitter.given(before, code);
    });
    const stored = store.map(({ value }) => (value === "input" ? input : emitter.value(this.#neuron.step[value]!)));
    const output = this.#neuron.step.y__now!;
    const spikes = (): Code =>
      isCondition(output) ? emitter.mask(output) : f32x4.gt(emitter.value(output), f32x4.const(0));
    const y = this.to.kind === "spikes" ? spikes() : emitter.value(output);
    // All are computed before any is set, because the formulas read each other's old values.
    const keep = (code: Code): Code => get(f.let(TYPE.v128, code));
    const next = isLast
      ? this.#formulas.next.map((formula) => keep(emitter.value(formula)))
      : this.#formulas.carried.map(({ after }, index) =>
          keep(this.#carriesMask(index) ? emitter.mask(after) : emitter.value(after)),
        );
    return { stored, y, next };
  }
}
