import {
  callback,
  either,
  fields,
  list,
  named,
  number,
  numbers,
  optional,
  quantity,
  type Schema,
  signature,
  text,
  whole,
} from "../arguments/index.js";
import { SYNAPSE, type SynapseDefinition } from "../equations/definitions/synapse.js";
import type { SynapseKernel } from "../equations/kernels/kernels.js";
import { quantity as readQuantity } from "../equations/language/units.js";
import { SpikevineError } from "../errors.js";
import { unknownName } from "../nearest-name.js";
import { rowKey } from "../random/counter.js";
import { SEED } from "../random/seed.js";
import { refuseUnstable } from "./checks/unstable-synapse.js";
import { nearestStep, wholeSteps } from "./checks/whole-steps.js";
import { BY_NAME, type DrawValues, drawInitial, drawParameters, type ValuesByName } from "./network/synapse-values.js";
import { neuronsWritten } from "./synapse-machine.js";
import { type GivenSignals, runSynapseTask, type SynapseRun, type SynapseTask } from "./synapse-task.js";
import { sameForAll, sampler } from "./values.js";

export interface SynapseRunOptions {
  /** Length of a step: text with a unit, or a number of ms. */
  readonly dt: number | string;
  /** A whole number of steps, at least one: text with a unit, or a number of ms. */
  readonly duration: number | string;
  /** Default: 1. */
  readonly synapses?: number;
  /** Initial weight, one for all synapses or one per synapse, in internal units. Default: 0. */
  readonly weight?: number | readonly number[];
  /** Parameters of the synapse: one value for all, or a distribution or list with one value per synapse. */
  readonly parameters?: ValuesByName;
  /** Values of states at the start, likewise. */
  readonly initial?: ValuesByName;
  /** Seed of noise and of draws from distributions. Default: 0. */
  readonly seed?: number;
  /** Spike times in ms on either side of every synapse; a spike acts at the end of the step nearest to it. */
  readonly pre?: readonly (readonly number[])[];
  readonly post?: readonly (readonly number[])[];
  /** The signal from time `t` (ms) on for one step. Default: 0. */
  readonly signal?: (t: number, synapse: number) => number;
  /**
   * Variables of neurons that the equations read, such as `v_post`, at time `t` (ms), in internal units. A variable that
   * the synapse only writes to need not be given; it is 0 before each spike.
   */
  readonly neurons?: Readonly<Record<string, (t: number, synapse: number) => number>>;
  /** Variables to record: `weight`, states, derived quantities, terms of sums. Default: all. */
  readonly record?: readonly string[];
  /** Record every k-th step. Default: 1. */
  readonly every?: number;
}

export type { SynapseRun } from "./synapse-task.js";

/** Kinds of the options. */
export const SYNAPSE_RUN: Schema<SynapseRunOptions> = {
  dt: quantity,
  duration: quantity,
  synapses: optional(whole(1)),
  weight: optional(either(number(), numbers)),
  parameters: optional(BY_NAME),
  initial: optional(BY_NAME),
  seed: optional(SEED),
  pre: optional(list(numbers)),
  post: optional(list(numbers)),
  signal: optional(callback("a function of time and synapse")),
  neurons: optional(named(callback("a function of time and synapse"))),
  record: optional(list(text("the name of a variable"))),
  every: optional(whole(1)),
};

const check = signature("simulateSynapses", {
  definition: SYNAPSE,
  options: fields<SynapseRunOptions>(SYNAPSE_RUN, { root: "options" }),
});

/**
 * Runs synapses driven only by given spikes and signals, in double precision: the reference implementation of a
 * definition, for tests, figures and pairing protocols.
 * @throws SpikevineError for an invalid option, for a step at which the definition's scheme is unstable, with a stable
 * step, and for a weight or state that becomes infinite or NaN, with its synapse and time.
 */
export function simulateSynapses(definition: SynapseDefinition, options: SynapseRunOptions): SynapseRun {
  check([definition, options]);
  const task = prepareSynapses(definition, options);
  return runSynapseTask(task, signalsOf(options, task.machine.dt, `plasticity/${definition.name}`));
}

/** The task of a run, from options that are checked; its errors are those of `simulateSynapses`. */
export function prepareSynapses(definition: SynapseDefinition, options: SynapseRunOptions): SynapseTask {
  const where = `plasticity/${definition.name}`;
  const synapses = options.synapses ?? 1;
  const draw = drawFor(synapses, options.seed ?? 0, where);
  const drawn = drawParameters(definition, options.parameters ?? {}, draw);
  const kernel = drawn.synapse.kernel({ dt: options.dt, perSynapse: Object.keys(drawn.perSynapse) });
  checkNeurons(kernel, options.neurons ?? {}, where);
  const dt = typeof options.dt === "number" ? options.dt : readQuantity(`${where}: dt`, options.dt, "ms");
  refuseUnstable(drawn.synapse, dt, `${where}: dt`);
  const { duration } = options;
  const length = typeof duration === "number" ? duration : readQuantity(`${where}: duration`, duration, "ms");
  if (!(length >= 0 && length < Infinity)) {
    throw new SpikevineError(`${where}: duration is ${duration}; give a time of at least one step.`);
  }
  const steps = wholeSteps(length, dt, `${where}: duration`, duration);
  const every = options.every ?? 1;
  if (!(steps >= 1)) {
    throw new SpikevineError(
      `${where}: duration is ${duration}, less than a step of ${dt} ms; give at least one step.`,
    );
  }
  if (!(steps < 2 ** 32)) {
    throw new SpikevineError(
      `${where}: duration is ${duration}, ${steps} steps of dt; give at most ${2 ** 32 - 1} steps.`,
    );
  }
  const known = ["weight", ...kernel.states, ...Object.keys(kernel.derived), ...Object.keys(kernel.summed)];
  const record = options.record ?? known;
  for (const name of record) if (!known.includes(name)) throw unknownName(`variable of ${where}`, name, known);

  const initial = drawInitial(definition, options.initial ?? {}, draw, synapses);
  const values = { weight: options.weight ?? 0, parameters: drawn.perSynapse, initial };
  const { seed = 0 } = options;
  const trains = { pre: options.pre, post: options.post };
  const spikes = kernel.pathways.map(({ side, delay = 0 }) =>
    spikesByStep(trains[side], synapses, { steps, dt, delay }, `${where}: ${side}`),
  );
  const machine = { integrator: definition.integrator.name, dt, seed, synapses, ...values };
  return { kernel, machine, steps, every, record, spikes };
}

/** The signals of the options; a value that is not finite is refused. */
export function signalsOf({ signal, neurons = {} }: SynapseRunOptions, dt: number, where: string): GivenSignals {
  const finite =
    (name: string, of: (t: number, synapse: number) => number): GivenSignals["signal"] =>
    (step, synapse) =>
      finiteAt(of, name, step * dt, synapse, where);
  return {
    signal: signal === undefined ? () => 0 : finite("signal", signal),
    neurons: Object.entries(neurons).map(([name, of]) => [name, finite(name, of)]),
  };
}

/** Draws values of synapses; `counters` distinguishes them. */
function drawFor(synapses: number, seed: number, where: string): DrawValues {
  return (values, field, unit, counters) => {
    const same = sameForAll(values, `${where}: ${field}`, unit);
    if (same !== undefined) return same;
    const sample = sampler(values, `${where}: ${field}`, unit, synapses);
    const key = rowKey(...counters, seed);
    return Float64Array.from({ length: synapses }, (_, synapse) => sample(key, synapse));
  };
}

/** Refuses neurons' variables that are read and not given, and those that are given and not used. */
function checkNeurons(kernel: SynapseKernel, given: NonNullable<SynapseRunOptions["neurons"]>, where: string): void {
  const written = neuronsWritten(kernel);
  const missing = kernel.reads.find((name) => !Object.hasOwn(given, name) && !written.includes(name));
  if (missing !== undefined) {
    throw new SpikevineError(
      `${where} reads "${missing}"; give neurons: { ${missing}: (t, synapse) => value }, or connect it in a simulation.`,
    );
  }
  const used = [...kernel.reads, ...written];
  const unused = Object.keys(given).find((name) => !used.includes(name));
  if (unused !== undefined) throw unknownName(`variable of neurons in ${where}`, unused, used);
}

function finiteAt(
  of: (t: number, synapse: number) => number,
  name: string,
  t: number,
  synapse: number,
  where: string,
): number {
  const value = of(t, synapse);
  if (Number.isFinite(value)) return value;
  throw new SpikevineError(
    `${where}: ${name} is ${value} at ${Number(t.toPrecision(12))} ms for synapse ${synapse}; give a finite number at every time.`,
  );
}

/** The synapses that a spike reaches at the end of each step; step 0 is the start. */
function spikesByStep(
  trains: readonly (readonly number[])[] | undefined,
  synapses: number,
  { steps, dt, delay }: { readonly steps: number; readonly dt: number; readonly delay: number },
  where: string,
): Map<number, number[]> {
  const byStep = new Map<number, number[]>();
  if (trains !== undefined && trains.length !== synapses) {
    throw new SpikevineError(`${where} has ${trains.length} spike trains; give ${synapses}, one per synapse.`);
  }
  trains?.forEach((train, synapse) => {
    for (const time of train) {
      const step = nearestStep(time, dt);
      if (!(step >= 0 && step <= steps)) {
        throw new SpikevineError(`${where}: synapse ${synapse} has a spike at ${time} ms, outside the run.`);
      }
      const arrival = step + nearestStep(delay, dt);
      byStep.set(arrival, [...(byStep.get(arrival) ?? []), synapse]);
    }
  });
  return byStep;
}
