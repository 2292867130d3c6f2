import type { FunctionTable } from "../equations/definitions/function-table.js";
import { TIME } from "../equations/definitions/neuron-scope.js";
import { isSharedVariable } from "../equations/definitions/shared-variables.js";
import type { TimedArray } from "../equations/definitions/timed-array.js";
import { SpikevineError } from "../errors.js";
import { unknownName } from "../nearest-name.js";
import { rowKey } from "../random/counter.js";
import type { FiniteSteps } from "./checks/finite-steps.js";
import type { PlasticExecutor } from "./executors/plastic/plastic-executor.js";
import { changingOf } from "./executors/plastic/synapse-loops.js";
import type { SimulationModel } from "./model.js";
import type { Variable } from "./network/element-expression.js";
import { linkedNow } from "./network/linked-variables.js";
import type { NetworkBuilder } from "./network/network-builder.js";
import { dimensionOf, everyNeuron, readNeuronValues } from "./network/neuron-values.js";
import type { PlasticProjection } from "./network/plastic-projection.js";
import { type Population, wholeOf } from "./network/population.js";
import type { Projection } from "./network/projection.js";
import { oneValue, refuseSliceOfShared } from "./network/shared-values.js";
import { checkReweigh, reweigh, switchInTransit } from "./state/reweigh.js";
import { SIMULATION_STREAM } from "./streams.js";
import { sampler, type ValueOrDistribution } from "./values.js";

interface Running {
  readonly network: NetworkBuilder;
  readonly seed: number;
  /** Length of a step, ms. */
  readonly dt: number;
  readonly now: () => {
    readonly step: number;
    readonly trial: number;
    readonly time: number;
    /** True if the events of the step have arrived. */
    readonly arrived: boolean;
  };
  readonly built: () => {
    readonly model: SimulationModel;
    readonly executor: PlasticExecutor;
    readonly steps: FiniteSteps;
  };
  /** Makes the next step run the changed model. */
  readonly changed: () => void;
}

/** Moment of a step: before the events that arrive at its start, or after them and before everything else. */
export type Moment = "start" | "after arrivals";

interface Task {
  readonly period: number;
  readonly when: Moment;
  readonly call: (time: number) => void;
}

/** Changes of values between two steps, at once or once per period. */
export class Changes {
  readonly #running: Running;
  readonly #tasks = new Set<Task>();
  /** Number of tasks so far, the ended ones included, so that no two draw the same numbers. */
  #count = 0;
  /** The step for which the tasks that are due have been called, for each moment. */
  readonly #called: Record<Moment, number> = { start: -1, "after arrivals": -1 };

  constructor(running: Running) {
    this.#running = running;
  }

  /** Replaces a function of neurons or of synapses that is a timed array or a table. */
  setTable(part: Population | PlasticProjection, name: string, by: TimedArray | FunctionTable): void {
    const { populations, projections } = this.#running.network;
    if ("synapse" in part) projections.setTable(part, name, by);
    else populations.setTable(part, name, by);
    this.#running.changed();
  }

  /** @param task Distinguishes the draws of changes in one step. */
  set(
    part: Population | Projection | PlasticProjection,
    variable: string,
    values: ValueOrDistribution,
    task: number,
  ): void {
    if ("synapse" in part) this.#setSynapses(part, variable, values, task);
    else if ("pre" in part) this.#setWeights(part, variable, values, task);
    else this.#setNeurons(part, variable, values, task);
  }

  #setNeurons(population: Population, variable: string, values: ValueOrDistribution, task: number): void {
    const { network, built, changed } = this.#running;
    const { neuron } = population;
    const known = [...Object.keys(neuron?.states ?? {}), ...Object.keys(neuron?.parameters ?? {})];
    if (neuron === undefined) {
      throw new SpikevineError(
        `set: "${population.name}" is a source of spikes, without "${variable}"; use change() to let it fire otherwise.`,
      );
    }
    if (Object.hasOwn(neuron.states, variable)) {
      this.#setState(population, variable, values, task);
      return;
    }
    if (!known.includes(variable)) throw unknownName(`variable of population "${population.name}"`, variable, known);
    const { index, values: found } = network.populations.setParameter(
      population,
      variable,
      values,
      this.#draws(task),
      new Map([...this.#time(), ...this.#states(population)]),
    );
    const { model, executor, steps } = built();
    const drive = model.populations[index]!.drives.find(({ symbol }) => symbol === variable);
    if (found === undefined || drive?.values !== found || network.populations.isLinked(population, variable)) {
      changed();
      return;
    }
    executor.drive(index, variable).set(found);
    steps.forget();
  }

  #setState(population: Population, variable: string, values: ValueOrDistribution, task: number): void {
    const { network, built, seed, now } = this.#running;
    const { executor, steps } = built();
    const { index, state, unit } = network.populations.variable(population, variable, "set");
    const { from } = wholeOf(population);
    const where = `set: "${variable}" of population "${population.name}"`;
    const { size } = population;
    const variables = new Map([...this.#time(), ...network.populations.names(population), ...this.#states(population)]);
    const functions = network.populations.functions(population);
    const { step, trial } = now();
    const key = rowKey(SIMULATION_STREAM.changes, seed, trial, step, index, state, task);
    const found = readNeuronValues(values, { where, unit, size, variables, key, functions });
    const { neuron } = population;
    if (neuron !== undefined && isSharedVariable(neuron, variable)) {
      refuseSliceOfShared(variable, size, wholeOf(population).whole.size, population.name);
      executor.live(index, state).fill(oneValue(found, "neurons", where));
    } else executor.live(index, state).set(everyNeuron(found, size), from);
    steps.forget();
  }

  /** The time, for expressions. */
  #time(): [string, Variable][] {
    const { dt, now } = this.#running;
    return [
      ["t", { dimension: TIME, values: now().time, per: "column" }],
      ["dt", { dimension: TIME, values: dt, per: "column" }],
    ];
  }

  /** The current states of a population and its parameters that are linked to states, for expressions. */
  #states(population: Population): Map<string, Variable> {
    const { network, built } = this.#running;
    const { executor } = built();
    const { from } = wholeOf(population);
    const { neuron, size } = population;
    const states = Object.keys(neuron?.states ?? {}).map((name): [string, Variable] => {
      const { index, state, unit } = network.populations.variable(population, name, "set");
      const values = executor.live(index, state).subarray(from, from + size);
      return [name, { dimension: dimensionOf(unit, name), values, per: "column" }];
    });
    const live = executor.live.bind(executor);
    const links = network.populations.links(population);
    const linked = [...linkedNow(links, { from, size }, live, this.#running.now().time)].map(
      ([name, values]): [string, Variable] => {
        return [name, { dimension: neuron!.parameters[name]!.dimension, values, per: "column" }];
      },
    );
    return new Map([...states, ...linked]);
  }

  #setWeights(projection: Projection, variable: string, values: ValueOrDistribution, task: number): void {
    const { network, changed, now } = this.#running;
    if (variable === "delay") network.projections.setDelays(projection, values, this.#draws(task), now().step);
    else if (variable === "weight") this.#setFixedWeights(projection, values, task);
    else throw unknownName("variable of a projection with fixed weights", variable, ["weight", "delay"]);
    changed();
  }

  #setFixedWeights(projection: Projection, values: ValueOrDistribution, task: number): void {
    const { network, built, now } = this.#running;
    const { inTransit } = built().executor;
    const before = network.projections.fixed(projection);
    if (now().step > 0) checkReweigh(inTransit, before);
    network.projections.setWeights(projection, values, this.#draws(task));
    reweigh(inTransit, before, network.projections.fixed(projection).at(-1)!.weights, now());
  }

  /** Switches a projection on or off: a spike that is sent or arrives while it is off has no effect. */
  setActive(projection: Projection | PlasticProjection, active: boolean): void {
    if ("synapse" in projection) this.#setPlasticActive(projection, active);
    else this.#setFixedActive(projection, active);
  }

  #setPlasticActive(projection: PlasticProjection, active: boolean): void {
    const { network, built, changed, now } = this.#running;
    const { step } = now();
    const rested = (plastic: number) => (step > 0 ? built().executor.own.get(plastic)?.restedUntil : undefined);
    network.projections.setPlasticActive(projection, active, step, rested);
    changed();
  }

  #setFixedActive(projection: Projection, active: boolean): void {
    const { network, built, changed, now } = this.#running;
    const before = network.projections.fixed(projection);
    if (before.at(-1)!.active === active) return;
    const isMoving = now().step > 0;
    if (isMoving) {
      checkReweigh(built().executor.inTransit, before, "active");
      if (!active) switchInTransit(built().executor.inTransit, before, active, now());
    }
    network.projections.setFixedActive(projection, active, now().step);
    changed();
    if (isMoving && active) {
      switchInTransit(built().executor.inTransit, network.projections.fixed(projection), active, now());
    }
  }

  #setSynapses(projection: PlasticProjection, variable: string, values: ValueOrDistribution, task: number): void {
    const { network, built, changed, seed, now } = this.#running;
    const pathway = variable === "delay" ? undefined : /^(.+)\.delay$/.exec(variable)?.[1];
    if ((variable === "delay" || pathway !== undefined) && !Object.hasOwn(projection.synapse.states, variable)) {
      network.projections.setPlasticDelays(projection, pathway, values, this.#draws(task), now().step);
      changed();
      return;
    }
    const { index, unit } = network.projections.synapseVariable(projection, variable);
    const where = `set: "${variable}" of projection "${projection.pre.name}" to "${projection.post.name}"`;
    const { model, executor } = built();
    const { kernel, targets } = model.plastic[index]!;
    if (Object.hasOwn(projection.synapse.parameters, variable)) {
      const place = Object.keys(projection.synapse.parameters).indexOf(variable);
      const { step, trial } = now();
      // The last counter distinguishes parameters from states.
      const counters = [SIMULATION_STREAM.changes, seed, trial, step, index, place, task, 1];
      network.projections.setSynapseParameter(
        projection,
        variable,
        values,
        this.#synapseNames(projection, index),
        counters,
      );
      changed();
      return;
    }
    if (!changingOf(kernel).includes(variable)) {
      throw new SpikevineError(
        `${where}: it is not a state of plasticity/${kernel.name}; give the weight, a state or a parameter.`,
      );
    }
    const { step, trial } = now();
    const place = kernel.states.indexOf(variable);
    const counters = [SIMULATION_STREAM.changes, seed, trial, step, index, place, task];
    const key = rowKey(...counters);
    const draw = typeof values === "string" ? undefined : sampler(values, where, unit, targets.length);
    const drawn =
      draw === undefined
        ? network.projections.evaluateSynapses(
            index,
            values as string,
            variable,
            this.#synapseNames(projection, index),
            counters,
          )
        : Float64Array.from(targets, (_, synapse) => draw(key, synapse));
    if (isSharedVariable(projection.synapse, variable)) oneValue(drawn, "synapses", where);
    if (!executor.writeSynapses(index, variable, drawn)) {
      network.projections.setDistinct(index, [...model.plastic[index]!.distinct, variable]);
      changed();
      built().executor.writeSynapses(index, variable, drawn);
    }
    built().steps.forget();
  }

  /** The current values of the synapses of a projection and of the states of their neurons, for expressions. */
  #synapseNames(projection: PlasticProjection, index: number): Map<string, Variable> {
    const { network, built } = this.#running;
    const names = new Map(this.#time());
    for (const side of ["pre", "post"] as const) {
      const neurons = network.populations.neuronsOf(projection[side]);
      const per = side === "pre" ? "row" : "column";
      for (const [name, variable] of neurons === undefined ? [] : this.#states(neurons)) {
        names.set(`${name}_${side}`, { ...variable, per });
      }
    }
    const { states, derived, parameters } = projection.synapse;
    for (const [name, { dimension, value }] of Object.entries(parameters)) {
      const values = Object.hasOwn(built().model.plastic[index]!.parameters, name)
        ? built().executor.synapses(index, name)
        : value;
      names.set(name, { dimension, values, per: "synapse" });
    }
    for (const name of ["weight", ...Object.keys(states), ...Object.keys(derived)]) {
      const { unit } = network.projections.synapseVariable(projection, name);
      const values = built().executor.synapses(index, name);
      names.set(name, { dimension: dimensionOf(unit, name), values, per: "synapse" });
    }
    return names;
  }

  /** A number for the draws of a change; the same for the same step and trial. */
  #draws(task: number): number {
    const { step, trial } = this.#running.now();
    return rowKey(step + 1, trial, task).k0;
  }

  every(period: number, when: Moment, call: (time: number) => void): () => void {
    if (period < 1) throw new SpikevineError("every: the period is 0; give a whole number of steps, at least one.");
    const task = { period, when, call };
    this.#tasks.add(task);
    this.#count++;
    if (when === "after arrivals") this.#running.changed();
    return () => this.#tasks.delete(task);
  }

  runRegularly(
    population: Population,
    equations: Readonly<Record<string, string>>,
    period: number,
    when: Moment,
  ): () => void {
    const task = this.#count + 1;
    const entries = Object.entries(equations);
    // Wrong names and units are refused now; the values count from the first call on.
    const known = [
      ...Object.keys(population.neuron?.states ?? {}),
      ...Object.keys(population.neuron?.parameters ?? {}),
    ];
    const missing = entries.find(([variable]) => !known.includes(variable));
    if (missing !== undefined) throw unknownName(`variable of population "${population.name}"`, missing[0], known);
    return this.every(period, when, () => {
      for (const [variable, equation] of entries) this.set(population, variable, equation, task);
    });
  }

  /** Tells if there are tasks between the arrivals and the rest of a step. */
  get interrupt(): boolean {
    return [...this.#tasks].some(({ when }) => when === "after arrivals");
  }

  /** Tells if tasks are due at a moment of a step. */
  isDue(step: number, moment: Moment): boolean {
    return [...this.#tasks].some(({ period, when }) => when === moment && step % period === 0);
  }

  /** Calls the tasks that are due at a moment of a step, once. */
  callDue(step: number, moment: Moment): void {
    if (this.#called[moment] === step) return;
    this.#called[moment] = step;
    for (const { period, when, call } of this.#tasks) {
      if (when === moment && step % period === 0) call(this.#running.now().time);
    }
  }

  /** Number of steps until the next tasks are due. */
  stepsUntilDue(step: number): number {
    return [...this.#tasks].reduce(
      (least, { period }) => Math.min(least, period - (step % period)),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Lets tasks be called again for a step, after the simulation has returned to it. */
  restart(): void {
    this.#called.start = -1;
    this.#called["after arrivals"] = -1;
  }
}
