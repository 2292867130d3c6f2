import type { Expression } from "../../../../equations/language/expression.js";
import type { ErrorSource, Neighbors } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { FormulaEmitter, keepValid } from "../codegen/formulas.js";
import { type Block, eachGroup, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import {
  type BoundNeuron,
  bindFormulas,
  bindNeuron,
  hoist,
  keepConstants,
  loadParameters,
  lookUp,
  quadsOf,
} from "../codegen/unit-groups.js";

/** Four units of a group: their parameters, and locals that live from step to step of a neighbor. */
interface Quad {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly hoisted: FormulaEmitter;
  /** Starting values of a step of the neighbor: each state, then y. */
  readonly begun: readonly number[];
  /** Smoothed difference of the outputs. */
  readonly difference: number;
  readonly sum: number;
  /** Weight of the neighbor. */
  readonly factor: number;
}

/** Address in a local, of the sample at hand, and the bytes from one step to the next (0: one row for all steps). */
interface Rows {
  readonly start: number;
  readonly rowBytes: number;
}

/**
 * Effects of single spikes. For every step of a group of units, the neighbor that differs in this step is followed to the
 * last step, with its states in registers.
 */
export function neighbors(context: KernelContext, name: string, operation: Neighbors): void {
  const writer = new NeighborsWriter(context, operation);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => writer.sample(f, block, b));
  });
}

class NeighborsWriter {
  readonly #context: KernelContext;
  readonly #operation: Neighbors;
  readonly #neuron: BoundNeuron;
  readonly #flipped: Readonly<Record<string, Expression>>;
  readonly #factor: Expression;
  readonly #began: readonly string[];

  constructor(context: KernelContext, operation: Neighbors) {
    this.#context = context;
    this.#operation = operation;
    this.#neuron = bindNeuron(operation.neuron, operation.parameters);
    this.#flipped = bindFormulas(operation.neuron.flipped, operation.neuron, operation.parameters);
    this.#factor = bindFormulas(operation.neuron.weighting, operation.neuron, operation.parameters).factor!;
    this.#began = [...operation.neuron.states, "y"];
  }

  sample(f: FunctionBuilder, block: Block, b: number): void {
    const context = this.#context;
    const { current, stored, errors, mask, to } = this.#operation;
    const rowsOf = (name: string): Rows => {
      const layout = context.signal(name);
      const start = f.let(TYPE.i32, block.sample(layout, get(b)));
      return { start, rowBytes: layout.rows === 1 ? 0 : layout.rowBytes };
    };
    const currents = rowsOf(current);
    const values = new Map(Object.entries(stored).map(([name, signal]) => [name, rowsOf(signal)]));
    const sources = errors.map((source) => ({ source, rows: rowsOf(source.signal) }));
    const masks = mask === undefined ? undefined : rowsOf(mask);
    const target = rowsOf(to);
    eachGroup(f, context.signal(to).width, (unit, valid) => {
      const at = ({ start, rowBytes }: Rows, t: number, quad: number): Code => {
        const base = i32.add(get(start), get(unit));
        return v128.load(16 * quad, rowBytes === 0 ? base : i32.add(base, i32.mul(get(t), i32.const(rowBytes))));
      };
      const quads = this.#quads(f, unit, valid);
      const load = (t: number, h: number): Inputs => ({
        input: get(f.let(TYPE.v128, at(currents, t, h))),
        stored: new Map([...values].map(([name, rows]) => [name, get(f.let(TYPE.v128, at(rows, t, h)))])),
        error: (place) => {
          const error = this.#entering(f, sources, place, t, (rows) => at(rows, t, h));
          return masks === undefined || place !== "output" ? error : f32x4.mul(error, at(masks, t, h));
        },
      });
      f.range(i32.const(0), i32.const(context.steps), 1, (t) => {
        quads.forEach((quad, h) => {
          this.#flip(f, quad, load(t, h));
        });
        const r = f.let(TYPE.i32, i32.add(get(t), i32.const(1)));
        f.range(get(r), i32.const(context.steps), 1, (later) => {
          quads.forEach((quad, h) => {
            this.#follow(f, quad, load(later, h));
          });
        });
        const row = f.let(
          TYPE.i32,
          i32.add(i32.add(get(target.start), get(unit)), i32.mul(get(t), i32.const(target.rowBytes))),
        );
        quads.forEach((quad, h) => {
          const effect = f32x4.mul(get(quad.sum), get(quad.factor));
          f.emit(v128.store(16 * h, get(row), keepValid(effect, valid, 4 * h)));
        });
      });
    });
  }

  #quads(f: FunctionBuilder, unit: number, valid: number): readonly Quad[] {
    const context = this.#context;
    const { step, carry } = this.#neuron;
    const formulas = [...[step, carry, this.#flipped].flatMap((set) => Object.values(set)), this.#factor];
    const constants = keepConstants(f, context, formulas);
    return quadsOf(valid).map((h) => {
      const parameters = loadParameters(f, context, this.#neuron, unit, h);
      return {
        parameters,
        hoisted: hoist(f, context, parameters, formulas, constants),
        begun: this.#began.map(() => f.v128()),
        difference: f.v128(),
        sum: f.v128(),
        factor: f.v128(),
      };
    });
  }

  #emitter(f: FunctionBuilder, quad: Quad, symbols: ReadonlyMap<string, Code>): FormulaEmitter {
    const emitter = new FormulaEmitter(f, lookUp(symbols, quad.parameters), this.#context.host);
    emitter.adopt(quad.hoisted);
    return emitter;
  }

  /** The output of the units themselves. */
  #output(f: FunctionBuilder, quad: Quad, { input, stored }: Inputs): Code {
    return this.#emitter(f, quad, new Map([["input", input], ...stored])).value(this.#neuron.carry.y!);
  }

  /** The step whose spike is flipped. */
  #flip(f: FunctionBuilder, quad: Quad, inputs: Inputs): void {
    const y = this.#output(f, quad, inputs);
    const flipped = get(f.let(TYPE.v128, f32x4.sub(f32x4.const(1), y)));
    f.emit(set(quad.difference, f32x4.sub(flipped, y)));
    f.emit(set(quad.sum, f32x4.mul(inputs.error("output"), get(quad.difference))));
    const symbols = new Map([["input", inputs.input], ["y", flipped], ...inputs.stored]);
    f.emit(set(quad.factor, this.#emitter(f, quad, symbols).value(this.#factor)));
    this.#begin(f, quad, this.#emitter(f, quad, symbols), this.#flipped);
  }

  /** A later step of the neighbor, which adds its differences to the sum. */
  #follow(f: FunctionBuilder, quad: Quad, inputs: Inputs): void {
    const { neuron, smoothing, errors } = this.#operation;
    const { step, carry } = this.#neuron;
    const begun = this.#began.map((name, index): [string, Code] => [name, get(quad.begun[index]!)]);
    const emitter = this.#emitter(f, quad, new Map([["input", inputs.input], ...begun]));
    const keep = (code: Code): Code => get(f.let(TYPE.v128, code));
    const now = neuron.states.map((state) => [`now__${state}`, keep(emitter.value(step[`now__${state}`]!))] as const);
    const changed = f32x4.sub(emitter.value(step.y__now!), this.#output(f, quad, inputs));
    const smoothed =
      smoothing === 0 ? changed : f32x4.add(f32x4.mul(f32x4.const(smoothing), get(quad.difference)), changed);
    f.emit(set(quad.difference, smoothed));
    const add = (error: Code, difference: Code): void =>
      f.emit(set(quad.sum, f32x4.add(get(quad.sum), f32x4.mul(error, difference))));
    add(inputs.error("output"), get(quad.difference));
    const values = new Map<string, Code>(now);
    for (const place of new Set(errors.map(({ of }) => of))) {
      if (place === "output") continue;
      add(inputs.error(place), f32x4.sub(values.get(place)!, inputs.stored.get(place)!));
    }
    this.#begin(f, quad, this.#emitter(f, quad, new Map([["input", inputs.input], ...now])), carry);
  }

  /** Sets the starting values of the next step, all computed before any is set. */
  #begin(
    f: FunctionBuilder,
    quad: Quad,
    emitter: FormulaEmitter,
    formulas: Readonly<Record<string, Expression>>,
  ): void {
    const next = this.#began.map((name) => f.let(TYPE.v128, emitter.value(formulas[name]!)));
    next.forEach((local, index) => {
      f.emit(set(quad.begun[index]!, get(local)));
    });
  }

  /** The sum of the errors at a place. */
  #entering(
    f: FunctionBuilder,
    sources: readonly { readonly source: ErrorSource; readonly rows: Rows }[],
    place: ErrorSource["of"],
    t: number,
    load: (rows: Rows) => Code,
  ): Code {
    const sum = f.let(TYPE.v128, f32x4.const(0));
    for (const { source, rows } of sources) {
      if (source.of !== place) continue;
      const add = (): void => f.emit(set(sum, f32x4.add(get(sum), f32x4.mul(load(rows), f32x4.const(source.scale)))));
      if (source.at === "every") add();
      else f.if(i32.eq(get(t), i32.const(this.#context.steps - 1)), add);
    }
    return get(sum);
  }
}

/** Values of one step. */
interface Inputs {
  readonly input: Code;
  readonly stored: ReadonlyMap<string, Code>;
  error(place: ErrorSource["of"]): Code;
}
