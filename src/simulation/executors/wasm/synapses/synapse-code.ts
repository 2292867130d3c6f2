import { f64, f64x2 } from "../../../../device/simd/wasm/doubles.js";
import { type Code, TYPE } from "../../../../device/simd/wasm/encoding.js";
import { f32, get, i32, i32x4, set, v128 } from "../../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../../device/simd/wasm/module.js";
import { type Expression, type Formulas, mapFormulas } from "../../../../equations/language/expression.js";
import type { NeuronValueModel } from "../../../model.js";
import { elapsedSymbol, OWNERS, type Owner, powerSymbol, rawSymbol } from "../../event-driven/event-plan.js";
import { changingOf } from "../../plastic/synapse-loops.js";
import { ConstantLocals } from "../constants.js";
import type { PopulationLayout } from "../memory-layout.js";
import { DOUBLE, type Emitter, type Emitters, type Real } from "../real.js";
import { StrengthReducer } from "../strength-reduction.js";
import type { Thread } from "../threads/ranges.js";
import { type EventProjection, FEW, FEW_BITS, MANY, type SynapsesLayout } from "./layout.js";

/** The neurons on one side, and the symbols of their drives. */
interface ConnectedLayout {
  readonly population: PopulationLayout;
  readonly drives: readonly string[];
}

/** Everything that code of one projection refers to. */
export interface SynapseContext {
  readonly projection: EventProjection;
  readonly layout: SynapsesLayout;
  readonly ends: Readonly<Record<"pre" | "post", ConnectedLayout>>;
  /** The populations whose spikes count: those of the neurons, or of their events. */
  readonly firing: Readonly<Record<"pre" | "post", PopulationLayout>>;
  readonly emitter: Emitters;
  /** Works on the synapses that end at its own neurons. */
  readonly thread: Thread;
  /** Function that waits for all threads; undefined if there is one. */
  readonly barrier?: (thread: Thread) => Code;
}

/** The elements of an owner that a register's lanes work on: locals with their indices. */
export interface Elements {
  readonly lanes: readonly number[];
  /** True for two lanes that are neighbours in memory. */
  readonly adjacent?: boolean;
}

export type Places = Readonly<Partial<Record<Owner, Elements>>>;

/** Formulas in the form that is emitted: constants are in locals outside of loops. */
export class Prepared {
  readonly #constants: ConstantLocals;
  readonly #reducer = new StrengthReducer();

  constructor(f: FunctionBuilder) {
    this.#constants = new ConstantLocals(f, DOUBLE);
  }

  formulas(formulas: Formulas): Formulas {
    return mapFormulas(formulas, (e) => this.#formula(e));
  }

  #formula(e: Expression): Expression {
    return this.#constants.hoist(this.#reducer.reduceStrength(e));
  }

  get locals(): ReadonlyMap<string, Code> {
    return this.#constants.locals;
  }
}

/** The memory of a state or a parameter of neurons. */
function neuronMemory({ ends }: SynapseContext, { side, ...value }: NeuronValueModel) {
  const { population, drives } = ends[side];
  if ("state" in value) return population.states[value.state]!;
  // Synapses with the time or with indices do not run from event to event.
  if (!("parameter" in value)) throw new Error(`"${value.symbol}" has no memory`);
  return { real: population.formulas, address: population.drives[drives.indexOf(value.parameter)]!.address };
}

/** Code that reads and writes the values of up to two synapses, one per lane; a single one is in both lanes. */
export class SynapseLanes {
  readonly emitter: Emitter;
  readonly #f: FunctionBuilder;
  readonly #context: SynapseContext;
  readonly #places: Places;
  readonly #given: ReadonlyMap<string, Code>;
  readonly #step: Code;
  readonly #elapsed = new Map<Owner, readonly number[]>();

  /** @param given Code of symbols that are known already, such as constants and values of a whole row. */
  constructor(
    f: FunctionBuilder,
    context: SynapseContext,
    places: Places,
    step: Code,
    given: ReadonlyMap<string, Code>,
  ) {
    this.#f = f;
    this.#context = context;
    this.#places = places;
    this.#given = given;
    this.#step = step;
    this.emitter = context.emitter(f, (name) => this.#symbol(name));
  }

  #symbol(name: string): Code {
    return this.#given.get(name) ?? get(this.#f.let(TYPE.v128, this.#load(name)));
  }

  #load(name: string): Code {
    const { projection, layout } = this.#context;
    const { owners, powers } = projection.plan;
    const raw = changingOf(projection.model.kernel).find(
      (variable) => name === variable || name === rawSymbol(variable),
    );
    if (raw !== undefined) return this.#numbers(layout.variables[raw]!, owners.get(raw)!);
    if (Object.hasOwn(layout.parameters, name)) return this.#numbers(layout.parameters[name]!, "synapse");
    for (const owner of OWNERS) {
      if (name === elapsedSymbol(owner)) return this.#steps(owner);
      const power = Object.keys(powers).find((of) => powerSymbol(owner, of) === name);
      if (power !== undefined) return this.#power(owner, power);
    }
    const neuron = projection.model.neurons.find(({ symbol }) => symbol === name)!;
    const { real, address } = neuronMemory(this.#context, neuron);
    return this.#gather(this.#places[neuron.side]!, real, address);
  }

  /** The numbers of an owner's elements. */
  #numbers(canonical: number, owner: Owner): Code {
    const elements = this.#places[owner]!;
    const { address, inCopy } = this.#memoryOf(owner, canonical);
    if (elements.adjacent) return v128.load(address, i32.shl(get(elements.lanes[0]!), i32.const(3)));
    return this.#gather(elements, DOUBLE, address, inCopy);
  }

  /** Address of the thread's own copy of what presynaptic neurons have, or of anything else. */
  #memoryOf(owner: Owner, address: number): { readonly address: number; readonly inCopy: (at: Code) => Code } {
    const { thread, layout } = this.#context;
    if (owner !== "pre" || thread.count === 1) return { address, inCopy: (at) => at };
    const { shared, copies } = layout;
    const start = i32.mul(get(thread.number), i32.const(shared.to - shared.from));
    return { address: address - shared.from + copies, inCopy: (at) => i32.add(at, start) };
  }

  #gather({ lanes: [first, second] }: Elements, real: Real, address: number, inCopy = (at: Code) => at): Code {
    const at = (lane: number): Code => inCopy(i32.shl(get(lane), i32.const(real.shift)));
    if (real !== DOUBLE) {
      const one = f64x2.promoteLow(v128.load32Splat(address, at(first!)));
      if (second === undefined) return one;
      return f64x2.replace(1, one, f64.promoteF32(f32.load(address, at(second))));
    }
    if (second === undefined) return f64x2.loadSplat(address, at(first!));
    return f64x2.replace(1, v128.load64Zero(address, at(first!)), f64.load(address, at(second)));
  }

  /** Locals with the steps since each element was advanced. */
  #elapsedOf(owner: Owner): readonly number[] {
    const known = this.#elapsed.get(owner);
    if (known !== undefined) return known;
    const { projection, layout } = this.#context;
    const { address, inCopy } = this.#memoryOf(owner, layout.last[owner]!);
    const last = (lane: number): Code => i32.load(address, inCopy(i32.shl(get(lane), i32.const(2))));
    // Synapses at rest keep their values.
    const steps = (lane: number): Code => (projection.model.active ? i32.sub(this.#step, last(lane)) : i32.const(0));
    const made = this.#places[owner]!.lanes.map((lane) => this.#f.let(TYPE.i32, steps(lane)));
    this.#elapsed.set(owner, made);
    return made;
  }

  #steps(owner: Owner): Code {
    const [first, second] = this.#elapsedOf(owner).map((steps) => f64x2.convertLow(i32x4.splat(get(steps))));
    return second === undefined ? first! : f64x2.replace(1, first!, f64x2.extract(0, second));
  }

  #power(owner: Owner, name: string): Code {
    const { few, many } = this.#context.layout.powers[name]!;
    const elapsed = this.#elapsedOf(owner);
    const indices = (index: (steps: Code) => Code): number[] =>
      elapsed.map((steps) => this.#f.let(TYPE.i32, index(get(steps))));
    const low = indices((steps) => i32.and(steps, i32.const(FEW - 1)));
    const high = indices((steps) => i32.and(i32.shrU(steps, i32.const(FEW_BITS)), i32.const(MANY - 1)));
    return f64x2.mul(this.#gather({ lanes: low }, DOUBLE, few), this.#gather({ lanes: high }, DOUBLE, many));
  }

  /** Stores values of a variable. */
  store(variable: string, value: Code): Code {
    const { projection, layout } = this.#context;
    const owner = projection.plan.owners.get(variable)!;
    const { address, inCopy } = this.#memoryOf(owner, layout.variables[variable]!);
    const elements = this.#places[owner]!;
    const at = (lane: number): Code => inCopy(i32.shl(get(lane), i32.const(3)));
    if (elements.adjacent) return v128.store(address, at(elements.lanes[0]!), value);
    return elements.lanes.flatMap((element, lane) => v128.store64Lane(address, lane, at(element), value));
  }

  /** Notes that an owner's elements have been advanced to this step. */
  storeLast(owner: Owner): Code {
    const { address, inCopy } = this.#memoryOf(owner, this.#context.layout.last[owner]!);
    const at = (lane: number): Code => inCopy(i32.shl(get(lane), i32.const(2)));
    return this.#places[owner]!.lanes.flatMap((lane) => i32.store(address, at(lane), this.#step));
  }

  /** Adds a value to a variable of neurons, one lane after the other, or replaces it. */
  storeNeuron(neuron: NeuronValueModel, value: Code, adds: boolean): void {
    const { real, address } = neuronMemory(this.#context, neuron);
    this.#places[neuron.side]!.lanes.forEach((element, lane) => {
      const at = get(this.#f.let(TYPE.i32, i32.shl(get(element), i32.const(real.shift))));
      const added = f64x2.extract(lane, value);
      const before = real === DOUBLE ? f64.load(address, at) : f64.promoteF32(f32.load(address, at));
      const after = adds ? f64.add(before, added) : added;
      this.#f.emit(real.store(address, at, real === DOUBLE ? after : f32.demoteF64(after)));
    });
  }
}

/** The signal of the steps before this one, in both lanes. */
export function loadSignal(f: FunctionBuilder, { projection, layout }: SynapseContext, step: Code): Code {
  const { values, stepsPerRow } = projection.model.signal;
  if (values.length === 1) return get(f.let(TYPE.v128, f64x2.const(values[0]!)));
  // Step 0 has none before; nothing has to be advanced then.
  const row = f.let(TYPE.i32, i32.const(0));
  f.if(step, () => f.emit(set(row, i32.divU(i32.sub(step, i32.const(1)), i32.const(stepsPerRow)))));
  f.if(i32.geU(get(row), i32.const(values.length)), () => f.emit(set(row, i32.const(values.length - 1))));
  return get(f.let(TYPE.v128, f64x2.loadSplat(layout.signal, i32.shl(get(row), i32.const(3)))));
}
