import { fineUniforms, type RowKeys, rowKeys, uniforms } from "../../../device/simd/kernels/codegen/random.js";
import { f64 } from "../../../device/simd/wasm/doubles.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32, i32x4, set, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import { rowTolerance } from "../../../equations/definitions/timed-array.js";
import { type Loop, mapLoop } from "../../../equations/integrators/index.js";
import { type Expression, isCondition } from "../../../equations/language/expression.js";
import type { NoiseModel, PopulationModel } from "../../model.js";
import { Accumulations, AccumulationWriter, narrow, type Pair } from "./accumulate.js";
import { ConstantLocals } from "./constants.js";
import { ExprelLocals, emitExprel, exprelConstants } from "./exprel.js";
import { emitLookup, LookupLocals } from "./lookups.js";
import type { PopulationLayout } from "./memory-layout.js";
import type { Emitter, Emitters, Real } from "./real.js";
import { appendWord, endOwnList, ownList, slotOf } from "./spike-ring.js";
import { StrengthReducer } from "./strength-reduction.js";
import { ownRange, type Thread } from "./threads/ranges.js";

export interface Update {
  readonly emitter: Emitters;
  readonly model: PopulationModel;
  readonly layout: PopulationLayout;
  /** Address of the word with the index of the trial. */
  readonly trial: number;
  /** Computes its own neurons. */
  readonly thread: Thread;
}

/**
 * One step of a thread's neurons of a population, a register full at a time; lists those that fired in the slot of the step.
 */
export function update(f: FunctionBuilder, step: number, { model, layout, trial, thread, ...options }: Update): void {
  const real = layout.formulas;
  const slot = f.let(TYPE.i32, slotOf(get(step), layout));
  const list = f.let(TYPE.i32, ownList(get(slot), thread, layout));
  const end = f.let(TYPE.i32, get(list));
  const drives = model.drives.map((drive, d) => driveReader(f, step, real, { ...drive, ...layout.drives[d]! }));
  const keys = model.noise.map(({ counters }) =>
    rowKeys(f, [...counters.map((c) => i32.const(c)), i32.load(trial, i32.const(0)), get(step)]),
  );
  const time = model.time && f.let(TYPE.v128, real.lanes.times(get(step), model.time.dt));
  const reducer = new StrengthReducer();
  const constants = new ConstantLocals(f, real);
  const exprels = new ExprelLocals();
  const lookups = new LookupLocals();
  const simplify = (e: Expression): Expression => constants.hoist(reducer.reduceStrength(e));
  const entriesOf = (own: LookupLocals): Entries =>
    new Map(
      [...own.lookups].map(([name, { table, index }]) => [
        name,
        { address: layout.tables.get(table)!, index: simplify(index) },
      ]),
    );
  const shorten = (e: Expression): Expression => simplify(lookups.extract(exprels.extract(e)));
  const accumulations = new Accumulations(
    layout.states.map(({ accumulation }) => accumulation),
    shorten,
  );
  const next = model.states.map((state, s) =>
    accumulations.states[s] ? undefined : shorten(accumulations.extract(model.next[state]!)),
  );
  const spike = model.spike && shorten(accumulations.extract(model.spike));
  const outputs = Object.entries(model.outputs ?? {}).map(([name, output]) => ({
    address: layout.outputs.get(name)!,
    output: shorten(accumulations.extract(output)),
  }));
  const loops = (model.loops ?? []).map((loop) => {
    // A lookup within a loop has another entry in every round.
    const own = new LookupLocals();
    const formulas = mapLoop(loop, (e) => simplify(own.extract(e)));
    return { formulas, entries: entriesOf(own) };
  });
  const series = exprels.arguments.size > 0 ? exprelConstants(real).map((value) => constants.local(value)) : [];
  const exponents = new Map([...exprels.arguments].map(([name, e]) => [name, simplify(lookups.extract(e))]));
  const entries = entriesOf(lookups);
  const { from, to } = ownRange(thread, layout);
  f.range(i32.shl(from, i32.const(real.shift)), i32.shl(to, i32.const(real.shift)), 16, (neuron) => {
    const values = new Map<string, Code>(constants.locals);
    const present = layout.states.map(({ address, accumulation }) => accumulation && loadPair(f, address, neuron));
    model.states.forEach((state, s) => {
      const pair = present[s];
      const value = pair === undefined ? v128.load(layout.states[s]!.address, get(neuron)) : narrow(pair);
      values.set(state, get(f.let(TYPE.v128, value)));
    });
    model.drives.forEach(({ symbol }, d) => {
      values.set(symbol, get(f.let(TYPE.v128, drives[d]!(neuron))));
    });
    model.noise.forEach((noise, n) => {
      values.set(noise.symbol, draw(f, real, keys[n]!, neuron, noise));
    });
    if (model.time && time !== undefined) values.set(model.time.symbol, get(time));
    const symbols = (name: string): Code => {
      const exponent = exponents.get(name);
      if (exponent !== undefined) {
        return emitExprel(f, { real, emitter: options.emitter }, emitter.value(exponent), series);
      }
      const entry = entries.get(name);
      if (entry !== undefined) return emitLookup(f, real, entry.address, emitter.value(entry.index));
      const [sum, state] = accumulations.sum(name) ?? [];
      return sum === undefined ? values.get(name)! : get(f.let(TYPE.v128, narrow(writer.next(sum, present[state!]!))));
    };
    for (const loop of loops) runLoop(f, real, loop, values, options.emitter);
    const emitter = options.emitter(f, symbols);
    const writer = new AccumulationWriter(f, emitter);
    const stores = model.states.flatMap((state, s) => {
      const { address } = layout.states[s]!;
      const accumulation = accumulations.states[s];
      if (accumulation !== undefined) return storePair(address, neuron, writer.next(accumulation, present[s]!));
      const code = emitter.value(next[s]!);
      return code === values.get(state) ? [] : [v128.store(address, get(neuron), code)];
    });
    const fired = spike === undefined ? undefined : firedLanes(real, emitter, spike);
    const shown = outputs.map(({ address, output }) => v128.store(address, get(neuron), emitter.value(output)));
    f.emit(...stores, ...shown);
    if (fired !== undefined) listFired(f, real, fired, { neuron, end, layout });
  });
  endOwnList(f, { slot, list, end }, thread, layout);
}

/** Lookups by their symbols: the address of the table and the index of the entry. */
type Entries = ReadonlyMap<string, { readonly address: number; readonly index: Expression }>;

/** Repeats the formulas of a loop until all lanes have ended; those that have ended keep their values. */
function runLoop(
  f: FunctionBuilder,
  real: Real,
  { formulas: { start, next, goesOn }, entries }: { readonly formulas: Loop; readonly entries: Entries },
  values: Map<string, Code>,
  emitters: Emitters,
): void {
  const { lanes } = real;
  const emitterHere = (): Emitter => {
    const emitter: Emitter = emitters(f, (name) => {
      const entry = entries.get(name);
      return entry === undefined ? values.get(name)! : emitLookup(f, real, entry.address, emitter.value(entry.index));
    });
    return emitter;
  };
  const first = emitterHere();
  const variables = Object.entries(start).map(([name, e]) => ({ name, local: f.let(TYPE.v128, first.value(e)) }));
  for (const { name, local } of variables) values.set(name, get(local));
  const running = f.let(TYPE.v128, emitterHere().mask(goesOn));
  f.while(i32.ne(lanes.bitmask(get(running)), i32.const(0)), () => {
    const emitter = emitterHere();
    const after = variables.map(({ name, local }) => ({
      local,
      value: get(f.let(TYPE.v128, emitter.value(next[name]!))),
    }));
    f.emit(...after.map(({ local, value }) => set(local, v128.bitselect(value, get(local), get(running)))));
    f.emit(set(running, v128.and(get(running), emitterHere().mask(goesOn))));
  });
}

/** Two registers of a state in double precision, for the neurons of one register in single precision. */
function loadPair(f: FunctionBuilder, address: number, neuron: number): Pair {
  const load = (offset: number): Code =>
    get(f.let(TYPE.v128, v128.load(address + offset, i32.shl(get(neuron), i32.const(1)))));
  return { low: load(0), high: load(16) };
}

const storePair = (address: number, neuron: number, { low, high }: Pair): Code[] => {
  const at = i32.shl(get(neuron), i32.const(1));
  return [v128.store(address, at, low), v128.store(address + 16, at, high)];
};

function firedLanes({ lanes }: Real, emitter: Emitter, spike: Expression): Code {
  return isCondition(spike) ? emitter.mask(spike) : lanes.gt(emitter.value(spike), lanes.const(0));
}

/** Spikes are rare: most registers need only one test. */
function listFired(
  f: FunctionBuilder,
  real: Real,
  fired: Code,
  { neuron, end, layout }: { neuron: number; end: number; layout: PopulationLayout },
): void {
  const bits = f.let(TYPE.i32, real.lanes.bitmask(fired));
  f.if(get(bits), () => {
    for (let lane = 0; lane < real.lanes.count; lane++) {
      const index = i32.add(i32.shrU(get(neuron), i32.const(real.shift)), i32.const(lane));
      const isSet = i32.and(get(bits), i32.const(1 << lane));
      // The padding in the last register does not consist of neurons.
      const fires =
        layout.padded === layout.size
          ? isSet
          : i32.and(i32.ne(isSet, i32.const(0)), i32.ltU(index, i32.const(layout.size)));
      f.if(fires, () => appendWord(f, end, index));
    }
  });
}

function draw(
  f: FunctionBuilder,
  real: Real,
  keys: RowKeys,
  neuron: number,
  { fine, shared = false }: NoiseModel,
): Code {
  const lanes = shared
    ? i32x4.const(0)
    : i32x4.add(i32x4.splat(i32.shrU(get(neuron), i32.const(real.shift))), i32x4.lanes(0, 1, 2, 3));
  const neurons = get(f.let(TYPE.v128, lanes));
  const numbers = fine === undefined ? uniforms(f, keys, neurons) : fineUniforms(f, keys, neurons, fine === "mirrored");
  return get(f.let(TYPE.v128, real.lanes.fromSingle(numbers)));
}

/** Finds the row of the step once, and reads registers from it. */
function driveReader(
  f: FunctionBuilder,
  step: number,
  real: Real,
  {
    rows,
    stepsPerRow,
    width,
    address,
    rowBytes,
  }: PopulationModel["drives"][number] & PopulationLayout["drives"][number],
): (neuron: number) => Code {
  const found = Number.isInteger(stepsPerRow)
    ? i32.divU(get(step), i32.const(stepsPerRow))
    : i32.truncSatF64U(
        f64.add(f64.div(f64.convertU(get(step)), f64.const(stepsPerRow)), f64.const(rowTolerance(stepsPerRow))),
      );
  const row = f.let(TYPE.i32, found);
  f.if(i32.geU(get(row), i32.const(rows)), () => f.emit(set(row, i32.const(rows - 1))));
  const start = f.let(TYPE.i32, i32.add(i32.const(address), i32.mul(get(row), i32.const(rowBytes))));
  if (width > 1) return (neuron) => v128.load(0, i32.add(get(start), get(neuron)));
  const value = f.let(TYPE.v128, real.lanes.loadSplat(0, get(start)));
  return () => get(value);
}
