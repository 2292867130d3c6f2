import type { FunctionTable } from "../../equations/definitions/function-table.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { type OwnFunctions, readFunctions, withMeanings } from "../../equations/definitions/own-functions.js";
import { checkRange } from "../../equations/definitions/parameters.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { type Expression, evaluate, freeSymbols } from "../../equations/language/expression.js";
import { parseQuantity, tidy } from "../../equations/language/units.js";
import { unknownName } from "../../nearest-name.js";
import { ownValue } from "../../own-value.js";
import { rowKey } from "../../random/counter.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import type { Variable, Variables } from "./element-expression.js";
import { dimensionOf, everyNeuron, neuronNames, readNeuronValues } from "./neuron-values.js";
import { readPosition } from "./position.js";
import { oneValue, refuseSliceOfShared } from "./shared-values.js";

/** Values of a population that are given by name. */
export interface GivenValues {
  readonly initial?: Readonly<Record<string, ValueOrDistribution>>;
  readonly parameters?: Readonly<Record<string, ValueOrDistribution>>;
  readonly positions?: Readonly<Record<string, ValueOrDistribution>>;
}

/** The neurons whose values change, and a number that distinguishes the draws of changes. */
export interface Change {
  readonly number: number;
  readonly from: number;
  readonly size: number;
  /** Further names for expressions, such as the current states of these neurons. */
  readonly names?: Variables;
}

/** Parameters that are variables of other neurons, with their values at the start of a trial. */
export type LinkedValues = ReadonlyMap<string, (trial: number) => Float64Array>;

interface Identity {
  readonly name: string;
  readonly size: number;
  readonly index: number;
}

/** Parameters, positions and initial values of a population's neurons; only those that differ take memory. */
export class PerNeuron {
  /** The definition with the parameters that are the same for all neurons. */
  neuron: NeuronDefinition;
  /** Parameters that differ between the neurons. */
  readonly parameters: Map<string, Float64Array> = new Map();
  readonly #identity: Identity;
  readonly #seed: number;
  readonly #positions = new Map<string, Variable>();
  readonly #initial: Readonly<Record<string, ValueOrDistribution>>;
  readonly #linked: LinkedValues;

  constructor(identity: Identity, neuron: NeuronDefinition, given: GivenValues, seed: number, linked: LinkedValues) {
    this.#identity = identity;
    this.#seed = seed;
    this.#linked = linked;
    this.#initial = given.initial ?? {};
    this.neuron = neuron;
    Object.entries(given.positions ?? {}).forEach(([name, values], p) => {
      const key = rowKey(SIMULATION_STREAM.positions, seed, identity.index, p);
      this.#positions.set(name, readPosition(values, { ...this.#reading("position", name), key }));
    });
    for (const [name, values] of Object.entries(given.parameters ?? {})) {
      this.setParameter(name, values, { number: 0, from: 0, size: identity.size });
    }
    // Wrong units are named when the population is made, not when it runs.
    this.initial(Object.keys(this.#initial), 0);
  }

  /**
   * Gives a parameter other values.
   * @throws SpikevineError for an unknown parameter, a wrong unit, or a value outside its range.
   */
  setParameter(name: string, values: ValueOrDistribution, { number, from, size, names }: Change): void {
    const { index } = this.#identity;
    const info = ownValue(this.neuron.parameters, name);
    if (info === undefined) {
      throw unknownName(`parameter of neurons/${this.neuron.name}`, name, Object.keys(this.neuron.parameters));
    }
    const place = Object.keys(this.neuron.parameters).indexOf(name);
    const key = rowKey(SIMULATION_STREAM.parameters, this.#seed, index, place, number);
    const all = this.#identity.size;
    const own = size === all ? this.names() : ofSlice(this.names(), from, size);
    const variables = names === undefined ? own : new Map([...own, ...names]);
    const reading = { ...this.#reading("parameter", name), size, variables };
    const given = readNeuronValues(values, { ...reading, unit: info.unit === "" ? undefined : info.unit, key });
    if (info.shared === true) refuseSliceOfShared(name, size, all, this.#identity.name);
    const before = this.parameters.get(name);
    const found =
      info.shared === true
        ? oneValue(given, "neurons", reading.where)
        : size === all
          ? given
          : placed(before ?? info.value, given, from, size, all);
    const { where } = this.#reading("parameter", name);
    const scale = info.unit === "" ? 1 : parseQuantity(`1 ${info.unit}`, where).value;
    const shown = (value: number): string => `${tidy(value / scale)}${info.unit === "" ? "" : ` ${info.unit}`}`;
    if (typeof found === "number") {
      this.neuron = this.neuron.with({
        parameters: {
          [name]: typeof given === "number" && typeof values !== "object" ? (values as string) : shown(found),
        },
      });
      this.parameters.delete(name);
      return;
    }
    for (let i = 0; i < all; i++) checkRange(name, { ...info, value: found[i]!, shown: shown(found[i]!) }, where);
    // An array that is in use already keeps its place, so that executors need not be built again.
    if (before === undefined) this.parameters.set(name, found);
    else before.set(found);
    // An integrator that needs one value for all neurons is refused here.
    this.neuron.kernel({ dt: 1, numbers: true, varied: [...this.parameters.keys()] });
  }

  #reading(of: string, name: string) {
    const { name: population, size } = this.#identity;
    const { functions } = this;
    return { where: `population "${population}": ${of} ${name}`, size, variables: this.names(), functions };
  }

  /** Functions and subexpressions of the neuron, for expressions. */
  get functions(): OwnFunctions {
    const { name, spec } = this.neuron;
    const where = `neurons/${name}`;
    const equations = Object.entries(spec.derived ?? {}).flatMap(([derived, given]) =>
      this.#positions.has(derived) ? [] : [[derived, typeof given === "string" ? given : given.equation] as const],
    );
    return withMeanings(readFunctions(spec.functions ?? {}, where), Object.fromEntries(equations), where);
  }

  /** Replaces a function that is a timed array or a table. */
  setTable(name: string, by: TimedArray | FunctionTable): void {
    this.neuron = this.neuron.with({ functions: { [name]: by } });
  }

  /** Names of expressions over these neurons; linked parameters have their values at the start of a trial. */
  names(trial = 0): Map<string, Variable> {
    return new Map([...neuronNames(this.#identity.size), ...this.#positions, ...this.#parameterVariables(trial)]);
  }

  #parameterVariables(trial: number): [string, Variable][] {
    return Object.entries(this.neuron.parameters).map(([name, { dimension, value }]) => [
      name,
      { dimension, values: this.#linked.get(name)?.(trial) ?? this.parameters.get(name) ?? value, per: "column" },
    ]);
  }

  /** Positions, parameters and initial states of the first trial, for expressions over pairs of neurons. */
  variables(): Variables {
    const states = Object.keys(this.neuron.states);
    const values = this.initial(states, 0);
    const initial = states.map((state, s): [string, Variable] => {
      const dimension = dimensionOf(this.neuron.states[state]!.unit, state);
      return [state, { dimension, values: values[s]!, per: "column" }];
    });
    return new Map([...initial, ...this.#positions, ...this.#parameterVariables(0)]);
  }

  /**
   * Initial values of states in a trial: one number if they are the same for all neurons. An expression may use the
   * states that are given before it.
   */
  initial(states: readonly string[], trial: number): (number | Float64Array)[] {
    const { size, index, name: population } = this.#identity;
    const all = Object.keys(this.neuron.states);
    const names = this.names(trial);
    const found = new Map<string, number | Float64Array>();
    for (const [state, values] of Object.entries(this.#initial)) {
      const where = `population "${population}": initial ${state}`;
      if (!all.includes(state)) throw unknownName(`variable of population "${population}"`, state, all);
      const { unit } = this.neuron.states[state]!;
      const key = rowKey(SIMULATION_STREAM.initial, this.#seed, index, all.indexOf(state), trial);
      const read = readNeuronValues(values, { where, unit, size, variables: names, key, functions: this.functions });
      const own = this.neuron.states[state]!.shared === true ? oneValue(read, "neurons", where) : read;
      found.set(state, own);
      names.set(state, { dimension: dimensionOf(unit, where), values: own, per: "column" });
    }
    const varied = [...new Set([...this.parameters.keys(), ...this.#linked.keys()])];
    const { initial } = this.neuron.kernel({ dt: 1, numbers: true, varied });
    return states.map((state) => found.get(state) ?? this.#default(ownValue(initial, state), trial));
  }

  /** The value of the definition, which may depend on parameters. */
  #default(formula: Expression | undefined, trial: number): number | Float64Array {
    if (formula === undefined) return 0;
    const varied = freeSymbols([formula]);
    const values = varied.map((p) => [p, this.#linked.get(p)?.(trial) ?? this.parameters.get(p)!] as const);
    const at = (neuron: number): number =>
      evaluate({ formula }, Object.fromEntries(values.map(([p, of]) => [p, of[neuron]!]))).formula!;
    if (varied.length === 0) return at(0);
    return Float64Array.from({ length: this.#identity.size }, (_, neuron) => at(neuron));
  }

  /** Parameters that differ, at one neuron, in internal units. */
  at(neuron: number): Record<string, number> {
    return Object.fromEntries([...this.parameters].map(([name, values]) => [name, values[neuron]!]));
  }

  /** Neurons with the smallest and the largest value of each parameter that differs. */
  extremes(): number[] {
    return [...this.parameters.values()].flatMap((values) => {
      let [least, most] = [0, 0];
      values.forEach((value, i) => {
        if (value < values[least]!) least = i;
        if (value > values[most]!) most = i;
      });
      return [least, most];
    });
  }
}

/** Values of all neurons, those of some of them replaced. */
function placed(
  before: number | Float64Array,
  given: number | Float64Array,
  from: number,
  size: number,
  all: number,
): Float64Array {
  const values = everyNeuron(before, all).slice();
  values.set(everyNeuron(given, size), from);
  return values;
}

/** Names of some neurons: their values, and their indices and number among themselves. */
export function ofSlice(names: ReadonlyMap<string, Variable>, from: number, size: number): Map<string, Variable> {
  const own = [...names].map(([name, variable]): [string, Variable] => {
    const { values } = variable;
    if (typeof values === "number") return [name, variable];
    return [name, { ...variable, values: Float64Array.from({ length: size }, (_, k) => values[from + k]!) }];
  });
  return new Map([...own, ...neuronNames(size)]);
}
