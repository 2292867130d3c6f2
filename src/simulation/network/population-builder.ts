import type { Instability } from "../../equations/analysis/stability.js";
import type { FunctionTable } from "../../equations/definitions/function-table.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { inputSymbol, now } from "../../equations/definitions/neuron-equations.js";
import { INDEX, SIZE, T } from "../../equations/definitions/neuron-scope.js";
import { isTable, type OwnFunctions } from "../../equations/definitions/own-functions.js";
import { REFRACTORY_LEFT, stopWithoutPeriod } from "../../equations/definitions/refractory.js";
import { refuseSharedChange } from "../../equations/definitions/shared-variables.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { formulasOf, mapLoop } from "../../equations/integrators/index.js";
import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import {
  constant,
  type Expression,
  freeSymbols,
  substitute,
  symbol,
  ZERO,
} from "../../equations/language/expression.js";
import { add } from "../../equations/language/formal.js";
import { SpikevineError } from "../../errors.js";
import { digest } from "../../io/checksum.js";
import { unknownName } from "../../nearest-name.js";
import type { Clock } from "../clock.js";
import { type DriveModel, type PopulationModel, sumSymbol } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import type { ValueOrDistribution } from "../values.js";
import { drawnNumber } from "./draws.js";
import type { Variable, Variables } from "./element-expression.js";
import { HeldEvents, heldEvents } from "./events-before-reset.js";
import { timedRows } from "./held-rows.js";
import type { InputPart } from "./input-part.js";
import type { Link, SourceFormula } from "./linked-variables.js";
import { everyNeuron } from "./neuron-values.js";
import { type Change, type GivenValues, PerNeuron } from "./per-neuron.js";
import { type Population, Subgroup } from "./population.js";
import { sourceFormula, valuesAtStart } from "./source-formula.js";

/** Beginning of the names of outputs that are states before the reset. */
const BEFORE_RESET = "before reset of ";

/** A population under construction: its definition, values that differ between its neurons, and its inputs. */
export class PopulationBuilder implements Population {
  readonly name: string;
  readonly size: number;
  readonly index: number;
  /** By the number of the input. */
  readonly inputs = new Map<number, InputPart>();
  logged = false;
  active = true;
  /** The input current and parameters that sums over synapses are added to or replace. */
  readonly sums = new Set<string>();
  /** Subexpressions, inputs and parameters that recorders read. */
  readonly watched = new Set<string>();
  /** Parameters that are variables of other neurons. */
  readonly links: ReadonlyMap<string, Link>;
  /** Parameters that parameters of other populations are linked to. */
  readonly linkedTo = new Set<string>();
  /** Parameters that synapses read. */
  readonly exposed = new Set<string>();
  /** Events that come before the resets of their steps. */
  readonly held: HeldEvents;
  readonly #values: PerNeuron;
  readonly #seed: number;

  constructor(
    identity: { readonly name: string; readonly size: number; readonly index: number },
    neuron: NeuronDefinition,
    given: GivenValues,
    seed: number,
    links: ReadonlyMap<string, Link>,
  ) {
    this.name = identity.name;
    this.size = identity.size;
    this.index = identity.index;
    this.held = new HeldEvents(identity.name);
    this.#seed = seed;
    this.links = links;
    const linked = new Map([...links].map(([name, { values }]) => [name, values] as const));
    this.#values = new PerNeuron(identity, neuron, given, seed, linked);
  }

  /** The definition with the parameters that are the same for all neurons. */
  get neuron(): NeuronDefinition {
    return this.#values.neuron;
  }

  get schemes(): Readonly<Record<string, string>> {
    return this.neuron.kernel({ dt: 1, numbers: true, varied: this.#varied() }).schemes;
  }

  /** Parameters that are not numbers in the formulas. */
  #varied(): string[] {
    return [...new Set([...this.#values.parameters.keys(), ...this.#replaced(), ...this.links.keys()])];
  }

  /** Parameters that sums over synapses replace. */
  #replaced(): string[] {
    return [...this.sums].filter((name) => !Object.hasOwn(this.neuron.inputs, name));
  }

  slice(from: number, to: number = this.size): Population {
    return new Subgroup(this, from, to);
  }

  /** Checks the name of a state. */
  state(name: string, of = `variable of population "${this.name}"`): string {
    if (Object.hasOwn(this.neuron.states, name)) return name;
    throw unknownName(of, name, Object.keys(this.neuron.states));
  }

  /** Checks the name of a state that events change. */
  target(name: string, of: string): string {
    refuseSharedChange(this.state(name, of), this.neuron, "an event", `population "${this.name}"`);
    return name;
  }

  /** Index of the state that is 1 in a neuron after a step in which an event has happened. */
  eventState(event: string): number {
    return Object.keys(this.neuron.states).length + this.neuron.events.indexOf(event);
  }

  /** Gives a parameter of some neurons other values; see `PerNeuron`. Returns the values if they differ. */
  setParameter(name: string, values: ValueOrDistribution, change: Change): Float64Array | undefined {
    if (this.links.has(name)) {
      throw new SpikevineError(
        `population "${this.name}": "${name}" is linked to a variable of other neurons; set that variable instead.`,
      );
    }
    this.#values.setParameter(name, values, change);
    return this.#values.parameters.get(name);
  }

  /** Replaces a function of the neurons that is a timed array or a table. */
  setTable(name: string, by: TimedArray | FunctionTable): void {
    this.#values.setTable(name, by);
  }

  /** Values of a state or of a subexpression at the start of a trial, or of a parameter. */
  valuesOf(variable: string, trial: number, dt: number): number | Float64Array {
    if (Object.hasOwn(this.neuron.states, variable)) return this.#values.initial([variable], trial)[0]!;
    if (Object.hasOwn(this.neuron.derived, variable)) {
      const formula = this.sourceFormula(variable, dt);
      return valuesAtStart(formula, this.size, (state) => this.valuesOf(state, trial, dt));
    }
    return this.#values.names(trial).get(variable)!.values as number | Float64Array;
  }

  /** A subexpression over states, parameters and the time, with the present values of the parameters. */
  sourceFormula(variable: string, dt: number): SourceFormula {
    return sourceFormula(this, variable, dt, this.#values.names());
  }

  /** Functions for expressions over these neurons. */
  get functions(): OwnFunctions {
    return this.#values.functions;
  }

  /** Names for expressions over these neurons. */
  names(): Map<string, Variable> {
    return this.#values.names();
  }

  /** Text of the definition without values. */
  #equations(): string {
    const { spec, integrator, name } = this.neuron;
    const { parameters: _, surrogate: __, integrator: ___, summary: ____, source: _____, ...equations } = spec;
    const withoutValues = (_: string, value: unknown): unknown => (isTable(value) ? "a table" : value);
    return JSON.stringify(
      [name, integrator.name, equations, [...this.sums], ...this.#linked(), ...this.held.names],
      withoutValues,
    );
  }

  /** The variables that are linked; nothing if there are none, as before there were links. */
  #linked(): unknown[] {
    const links = [...this.links].map(([name, { population, variable, copied, neurons }]) => {
      const to = copied === undefined ? { population, variable } : copied;
      return { name, ...to, neurons: digest(neurons) };
    });
    return links.length === 0 ? [] : [links];
  }

  /** Names for expressions over pairs of neurons. */
  variables(): Variables {
    return this.#values.variables();
  }

  /** The formulas of one step, with all inputs of the population substituted. */
  model(clock: Clock): PopulationModel {
    const { dt } = clock;
    const { input, inputs } = this.neuron;
    const kernel = this.neuron.kernel({ dt, numbers: true, varied: this.#varied() });
    const states = kernel.states.map((s) => symbol(s));
    const stepped = new Map<Expression, Expression>(
      states.map((s) => [symbol(`now__${s.name}`), kernel.step[`now__${s.name}`]!]),
    );
    const parts = [...this.inputs.values()];
    const driven = new Map<Expression, Expression>([
      ...Object.keys(inputs).map((name): [Expression, Expression] => [
        symbol(name === input.symbol ? "input" : inputSymbol(name)),
        this.#current(name),
      ]),
      [SIZE, constant(this.size)],
      ...this.#replaced().map((name): [Expression, Expression] => [symbol(name), symbol(sumSymbol(name))]),
    ]);
    const linked = [...this.links].flatMap(([name, { derived }]) =>
      derived === undefined ? [] : [[name, derived()] as const],
    );
    for (const [name, { value }] of linked) driven.set(symbol(name), value);
    const shownWithEvents = this.held.states(this.neuron, this.#varied(), driven);
    for (const [state, value] of shownWithEvents) driven.set(symbol(state), value);
    const draws = (kernel.draws ?? []).map((draw, d) => {
      const { value, noise } = drawnNumber(draw, [SIMULATION_STREAM.draws, this.#seed, this.index, d]);
      driven.set(symbol(draw.symbol), value);
      return noise;
    });
    for (const { addition } of parts) {
      if (addition === undefined) continue;
      const state = symbol(addition.state);
      driven.set(state, add(driven.get(state) ?? state, addition.amount));
    }
    const finish = (e: Expression): Expression => substitute(substitute(e, stepped), driven);
    const next = Object.fromEntries(
      kernel.states.map((s) => {
        const after = finish(kernel.carry[s]!);
        return [s, s === REFRACTORY_LEFT ? stopWithoutPeriod(after) : after];
      }),
    );
    const output = finish(kernel.step.y__now!);
    const outputs = Object.fromEntries([
      ...[...this.watched].map((name) => [name, finish(this.#watchedFormula(name, kernel))] as const),
      // Without the random input of the step, as a recorder of a state.
      ...shownWithEvents.map(([state, value]) => [heldEvents(state), value] as const),
    ]);
    const loops = (kernel.loops ?? []).map((loop) => mapLoop(loop, finish));
    const events = Object.fromEntries(
      Object.entries(kernel.events ?? {}).map(([event, happens]) => [`event__${event}`, finish(happens)]),
    );
    const shown = [...Object.values(events), ...Object.values(outputs), ...loops.flatMap(formulasOf)];
    const used = freeSymbols([...Object.values(next), output, ...shown]);
    const held = shownWithEvents.map(([state]) => heldEvents(state));
    const drives = [
      ...parts.flatMap((part) => part.drives),
      ...linked.flatMap(([, { drives }]) => drives),
      ...this.#parameterDrives(),
      ...this.#sumDrives(),
      ...this.#timedDrives(kernel.timed ?? {}, clock),
      this.#row(
        INDEX.name,
        Float64Array.from({ length: this.size }, (_, neuron) => neuron),
      ),
    ];
    const isNeeded = (drive: DriveModel): boolean =>
      used.includes(drive.symbol) || this.exposed.has(drive.symbol) || drive.summed === true;
    return {
      name: this.name,
      size: this.size,
      states: [...kernel.states, ...Object.keys(events), ...held, ...(used.includes("y") ? ["y"] : [])],
      next: {
        ...next,
        ...events,
        ...Object.fromEntries(held.map((name) => [name, ZERO])),
        ...(used.includes("y") ? { y: output } : {}),
      },
      ...(loops.length === 0 ? {} : { loops }),
      ...(kernel.output === "spikes" ? { spike: output } : {}),
      outputs,
      drives: drives.filter(isNeeded),
      noise: [...parts.flatMap(({ noise }) => noise ?? []), ...draws.flat()],
      ...(used.includes(T.name) ? { time: { symbol: T.name, dt } } : {}),
      logged: this.logged,
      active: this.active,
      equations: this.#equations(),
    };
  }

  /** Parameters that differ between the neurons, or that synapses read, are tables of one row. */
  #parameterDrives(): DriveModel[] {
    const { parameters } = this.#values;
    const { links } = this;
    const shared = [...this.exposed].filter((name) => !parameters.has(name) && !links.has(name));
    const whole = [...links].filter(([, { derived }]) => derived === undefined);
    return [
      ...whole.map(([name, { copied, values }]) => ({
        ...this.#row(name, copied === undefined ? values(0) : new Float64Array(this.size)),
        ...(copied === undefined ? {} : { copied }),
      })),
      ...[...parameters].filter(([name]) => !links.has(name)).map(([name, values]) => this.#row(name, values)),
      ...shared.map((name) => this.#row(name, new Float64Array(this.size).fill(this.neuron.parameters[name]!.value))),
    ];
  }

  #watchedFormula(name: string, { derived = {} }: NeuronKernel): Expression {
    const { input, inputs, parameters } = this.neuron;
    if (Object.hasOwn(derived, name)) return derived[name]!;
    if (name.startsWith(BEFORE_RESET)) return symbol(now(name.slice(BEFORE_RESET.length)));
    if (Object.hasOwn(inputs, name)) return symbol(name === input.symbol ? "input" : inputSymbol(name));
    return this.#varied().includes(name) ? symbol(name) : constant(parameters[name]!.value);
  }

  /**
   * Makes a variable that is no state a number that recorders read: a subexpression, an input current or a parameter.
   * Returns its unit.
   */
  watch(name: string): string | undefined {
    const { derived, inputs, parameters, states } = this.neuron;
    const known = { ...parameters, ...inputs, ...derived };
    if (!Object.hasOwn(known, name)) {
      const all = [...Object.keys(states), ...Object.keys(known)];
      throw unknownName(`variable in monitor of population "${this.name}"`, name, all);
    }
    this.watched.add(name);
    const { unit = "" } = known[name]!;
    return unit === "" ? undefined : unit;
  }

  /** Makes the value of a state before the reset a number that recorders read. */
  watchBeforeReset(name: string): {
    readonly variable: { readonly output: string };
    readonly unit: string | undefined;
  } {
    const state = this.state(name, `state in monitor before the reset of population "${this.name}"`);
    const output = `${BEFORE_RESET}${state}`;
    this.watched.add(output);
    return { variable: { output }, unit: this.neuron.states[state]!.unit };
  }

  /** An input current, of everything that adds to it. */
  #current(name: string): Expression {
    const given = [...this.inputs.values()].reduce<Expression>(
      (sum, { current }) => (current?.input === name ? add(sum, current.amount) : sum),
      ZERO,
    );
    return this.sums.has(name) ? add(given, symbol(sumSymbol(name))) : given;
  }

  #timedDrives(timed: NonNullable<NeuronKernel["timed"]>, clock: Clock): DriveModel[] {
    return Object.entries(timed).map(([symbol, { name, array, perNeuron }]) => {
      const where = `population "${this.name}": ${name}(${perNeuron ? "t, i" : "t"})`;
      if (perNeuron && array.width !== this.size) {
        throw new SpikevineError(
          `${where}: the timed array has rows of ${array.width}; give ${this.size} values per row, one per neuron.`,
        );
      }
      return { symbol, ...timedRows(array, { dimension: array.dimension, size: this.size }, clock, where) };
    });
  }

  #sumDrives(): DriveModel[] {
    return [...this.sums].map((name) => ({ ...this.#row(sumSymbol(name), new Float64Array(this.size)), summed: true }));
  }

  #row(name: string, values: Float64Array): DriveModel {
    return { symbol: name, rows: 1, stepsPerRow: 1, width: this.size, values };
  }

  /** Definitions with the smallest and the largest of each parameter that differs between the neurons. */
  parameterExtremes(): readonly Readonly<Record<string, number>>[] {
    const neurons = new Set(this.#values.extremes());
    return neurons.size === 0 ? [{}] : [...neurons].map((neuron) => this.#values.at(neuron));
  }

  /** Result of the stability check of the scheme around the initial states and currents of some neurons. */
  instabilities({ states }: PopulationModel, initial: readonly Float64Array[], dt: number): readonly Instability[] {
    const neurons = new Set([0, this.size >> 1, this.size - 1, ...this.#values.extremes()]);
    const found = [...neurons].flatMap((neuron) => {
      const values = Object.fromEntries(states.map((state, s) => [state, initial[s]![neuron]!]));
      const first = this.neuron.input.symbol;
      const input = [...this.inputs.values()].reduce(
        (sum, { current, currentAt }) => (current?.input === first ? sum + currentAt(neuron) : sum),
        0,
      );
      return this.neuron.instabilities({ dt, states: values, input, parameters: this.#values.at(neuron) });
    });
    return found.sort((a, b) => a.largest - b.largest);
  }

  /** Initial values of a trial, for each of the model's states. */
  initial(model: PopulationModel, trial: number): Float64Array[] {
    return this.#values.initial(model.states, trial).map((values) => everyNeuron(values, this.size));
  }
}
