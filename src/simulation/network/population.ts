import { made, whole } from "../../arguments/index.js";
import type { Instability } from "../../equations/analysis/stability.js";
import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import {
  constant,
  type Expression,
  evaluate,
  freeSymbols,
  operation,
  substitute,
  symbol,
  ZERO,
} from "../../equations/language/expression.js";
import { add, multiply } from "../../equations/language/formal.js";
import { unknownName } from "../../errors.js";
import { ownValue } from "../../own-value.js";
import { rowKey } from "../../random/counter.js";
import type { DriveModel, NoiseModel, PopulationModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import { type Sampler, sampler, type ValueOrDistribution } from "../values.js";
import type { PoissonEvents } from "./poisson-events.js";

/** Neurons of one kind, or a source of spikes. Made by a simulation. */
export interface Population {
  readonly name: string;
  readonly size: number;
  /** Absent for a source of spikes. */
  readonly neuron?: NeuronDefinition;
}

/** A population as an argument. */
export const POPULATION = made("a population of this simulation", "name", "size");

/** Number of neurons, limited by their indices in WebAssembly. */
export const SIZE = whole(1, 2 ** 24);

/** Poisson events on one state: a formula of one uniform number gives the number of events per step. */
export interface PoissonDrive {
  readonly state: string;
  readonly noise: NoiseModel;
  readonly events: PoissonEvents;
  readonly weight: number;
}

/** A population under construction: its definition and its inputs. */
export class PopulationBuilder implements Population {
  readonly name: string;
  readonly size: number;
  readonly neuron: NeuronDefinition;
  readonly index: number;
  /** Input that is the same for all neurons at all times. */
  current = 0;
  readonly drives: DriveModel[] = [];
  readonly poisson: PoissonDrive[] = [];
  logged = false;
  readonly #initial: Readonly<Record<string, Sampler>>;

  constructor(
    identity: { readonly name: string; readonly size: number; readonly index: number },
    neuron: NeuronDefinition,
    initial: Readonly<Record<string, ValueOrDistribution>>,
  ) {
    this.name = identity.name;
    this.size = identity.size;
    this.index = identity.index;
    this.neuron = neuron;
    this.#initial = Object.fromEntries(
      Object.entries(initial).map(([state, values]) => {
        const where = `population "${this.name}": initial ${state}`;
        return [state, sampler(values, where, neuron.states[this.state(state)]!.unit, this.size)];
      }),
    );
  }

  /** Checks the name of a state. */
  state(name: string, of = `variable of population "${this.name}"`): string {
    if (Object.hasOwn(this.neuron.states, name)) return name;
    throw unknownName(of, name, Object.keys(this.neuron.states));
  }

  /** The formulas of one step, with all inputs of the population substituted. */
  model(dt: number): PopulationModel {
    const kernel = this.neuron.kernel({ dt, numbers: true });
    const states = kernel.states.map((s) => symbol(s));
    const stepped = new Map<Expression, Expression>(
      states.map((s) => [symbol(`now__${s.name}`), kernel.step[`now__${s.name}`]!]),
    );
    const driven = new Map<Expression, Expression>([[symbol("input"), this.#input()]]);
    for (const { state, noise, events, weight } of this.poisson) {
      const drawn = symbol(noise.symbol);
      const conditions =
        "rare" in events
          ? events.rare.map((probability) => operation("less", drawn, constant(probability)))
          : events.thresholds.map((threshold) => operation("lessEqual", constant(threshold), drawn));
      const count = conditions.reduce<Expression>(add, ZERO);
      driven.set(symbol(state), add(driven.get(symbol(state)) ?? symbol(state), multiply(constant(weight), count)));
    }
    const finish = (e: Expression): Expression => substitute(substitute(e, stepped), driven);
    const next = Object.fromEntries(kernel.states.map((s) => [s, finish(kernel.carry[s]!)]));
    const output = finish(kernel.step.y__now!);
    const usesOutput = freeSymbols([...Object.values(next), output]).includes("y");
    return {
      name: this.name,
      size: this.size,
      states: usesOutput ? [...kernel.states, "y"] : kernel.states,
      next: usesOutput ? { ...next, y: output } : next,
      ...(kernel.output === "spikes" ? { spike: output } : {}),
      drives: this.drives,
      noise: this.poisson.map(({ noise }) => noise),
      logged: this.logged,
    };
  }

  /** Result of the stability check of the scheme around the initial states and currents of some neurons. */
  instabilities({ states }: PopulationModel, initial: readonly Float64Array[], dt: number): readonly Instability[] {
    const neurons = new Set([0, this.size >> 1, this.size - 1]);
    const found = [...neurons].flatMap((neuron) => {
      const values = Object.fromEntries(states.map((state, s) => [state, initial[s]![neuron]!]));
      const input = this.drives.reduce(
        (sum, drive) => sum + drive.values[drive.width === 1 ? 0 : neuron]!,
        this.current,
      );
      return this.neuron.instabilities({ dt, states: values, input });
    });
    return found.sort((a, b) => a.largest - b.largest);
  }

  #input(): Expression {
    return this.drives.reduce<Expression>((sum, drive) => add(sum, symbol(drive.symbol)), constant(this.current));
  }

  /** Initial values of a trial, for each of the model's states. */
  initial(model: PopulationModel, seed: number, trial: number): Float64Array[] {
    const { initial } = this.neuron.kernel({ dt: 1, numbers: true });
    const defaults = evaluate(initial, {});
    return model.states.map((state, s) => {
      const draw = ownValue(this.#initial, state);
      if (draw === undefined) return new Float64Array(this.size).fill(ownValue(defaults, state) ?? 0);
      const key = rowKey(SIMULATION_STREAM.initial, seed, this.index, s, trial);
      return Float64Array.from({ length: this.size }, (_, neuron) => draw(key, neuron));
    });
  }
}

/** Sources of spikes: each neuron fires at random, or as listed. */
export class SourceBuilder implements Population {
  readonly name: string;
  readonly size: number;
  readonly index: number;
  logged = false;
  readonly #spikes: SourceSpikes;

  constructor(
    identity: { readonly name: string; readonly size: number; readonly index: number },
    spikes: SourceSpikes,
  ) {
    this.name = identity.name;
    this.size = identity.size;
    this.index = identity.index;
    this.#spikes = spikes;
  }

  model(): PopulationModel {
    const { name, size, logged } = this;
    const common = { name, size, states: [], next: {}, drives: [], logged };
    if ("probability" in this.#spikes) {
      const { probability, noise } = this.#spikes;
      const spike = operation("less", symbol(noise.symbol), constant(probability));
      return { ...common, spike, noise: [noise] };
    }
    return { ...common, noise: [], given: this.#spikes };
  }
}

export type SourceSpikes =
  | { readonly probability: number; readonly noise: NoiseModel }
  | { readonly steps: Uint32Array; readonly neurons: Uint32Array };
