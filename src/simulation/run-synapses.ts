import {
  callback,
  either,
  fields,
  list,
  number,
  numbers,
  optional,
  quantity,
  signature,
  text,
  whole,
} from "../arguments/index.js";
import { compileFormulas } from "../device/host/index.js";
import { chooseByConditions } from "../equations/analysis/differentiate.js";
import { SYNAPSE, type SynapseDefinition } from "../equations/definitions/synapse.js";
import type { SynapseKernel } from "../equations/kernels/kernels.js";
import type { Formulas } from "../equations/language/expression.js";
import { quantity as readQuantity } from "../equations/language/units.js";
import { SpikevineError, unknownName } from "../errors.js";
import { refuseUnstable, unstableSynapse } from "./checks/unstable-synapse.js";
import { nearestStep, wholeSteps } from "./checks/whole-steps.js";

export interface SynapseRunOptions {
  /** Length of a step: text with a unit, or a number of ms. */
  readonly dt: number | string;
  /** A whole number of steps, at least one: text with a unit, or a number of ms. */
  readonly duration: number | string;
  /** Default: 1. */
  readonly synapses?: number;
  /** Initial weight, one for all synapses or one per synapse, in internal units. Default: 0. */
  readonly weight?: number | readonly number[];
  /** Spike times in ms on either side of every synapse; a spike acts at the end of the step nearest to it. */
  readonly pre?: readonly (readonly number[])[];
  readonly post?: readonly (readonly number[])[];
  /** The signal from time `t` (ms) on for one step. Default: 0. */
  readonly signal?: (t: number, synapse: number) => number;
  /** Variables to record: `weight`, states, derived quantities. Default: all. */
  readonly record?: readonly string[];
  /** Record every k-th step. Default: 1. */
  readonly every?: number;
}

export interface SynapseRun {
  /** `[records]`, ms, from 0. */
  readonly times: Float64Array;
  readonly synapses: number;
  /** For each recorded name `[records, synapses]`, in internal units. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

const check = signature("simulateSynapses", {
  definition: SYNAPSE,
  options: fields<SynapseRunOptions>(
    {
      dt: quantity,
      duration: quantity,
      synapses: optional(whole(1)),
      weight: optional(either(number(), numbers)),
      pre: optional(list(numbers)),
      post: optional(list(numbers)),
      signal: optional(callback("a function of time and synapse")),
      record: optional(list(text("the name of a variable"))),
      every: optional(whole(1)),
    },
    { root: "options" },
  ),
});

/**
 * Runs synapses driven only by given spikes and signals, in double precision: the reference implementation of a
 * definition, for tests, figures and pairing protocols.
 * @throws SpikevineError for an invalid option, for a step at which the definition's scheme is unstable, with a stable
 * step, and for a weight or state that becomes infinite or NaN, with its synapse and time.
 */
export function simulateSynapses(definition: SynapseDefinition, options: SynapseRunOptions): SynapseRun {
  check([definition, options]);
  const where = `plasticity/${definition.name}`;
  const kernel = definition.kernel({ dt: options.dt });
  const dt = typeof options.dt === "number" ? options.dt : readQuantity(`${where}: dt`, options.dt, "ms");
  refuseUnstable(definition, dt, `${where}: dt`);
  const { duration } = options;
  const length = typeof duration === "number" ? duration : readQuantity(`${where}: duration`, duration, "ms");
  if (!(length >= 0 && length < Infinity)) {
    throw new SpikevineError(`${where}: duration is ${duration}; give a time of at least one step.`);
  }
  const steps = wholeSteps(length, dt, `${where}: duration`, duration);
  const synapses = options.synapses ?? 1;
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
  const known = ["weight", ...kernel.states, ...Object.keys(kernel.derived)];
  const record = options.record ?? known;
  for (const name of record) if (!known.includes(name)) throw unknownName(`variable of ${where}`, name, known);

  const machine = new SynapseMachine(definition, kernel, dt, synapses, options.weight ?? 0);
  const pre = spikesByStep(options.pre, synapses, steps, dt, `${where}: pre`);
  const post = spikesByStep(options.post, synapses, steps, dt, `${where}: post`);
  const records = Math.floor(steps / every) + 1;
  const times = Float64Array.from({ length: records }, (_, r) => Number((r * every * dt).toPrecision(14)));
  const values = Object.fromEntries(record.map((name) => [name, new Float64Array(records * synapses)]));
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      const t = (step - 1) * dt;
      for (let s = 0; s < synapses; s++) machine.step(s, t, signalAt(options, t, s, where));
    }
    for (const s of pre.get(step) ?? []) machine.onPre(s);
    for (const s of post.get(step) ?? []) machine.onPost(s);
    machine.checkFinite(step);
    if (step % every === 0) machine.read(values, (step / every) * synapses);
  }
  return { times, synapses, values };
}

function signalAt({ signal }: SynapseRunOptions, t: number, synapse: number, where: string): number {
  const value = signal?.(t, synapse) ?? 0;
  if (Number.isFinite(value)) return value;
  throw new SpikevineError(
    `${where}: signal is ${value} at ${Number(t.toPrecision(12))} ms for synapse ${synapse}; give a finite number at every time.`,
  );
}

/** The synapses that have a spike at the end of each step; step 0 is the start. */
function spikesByStep(
  trains: readonly (readonly number[])[] | undefined,
  synapses: number,
  steps: number,
  dt: number,
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
      byStep.set(step, [...(byStep.get(step) ?? []), synapse]);
    }
  });
  return byStep;
}

type Action = (symbols: Float64Array) => void;

/** The state of all synapses, and compiled formulas that change one of them in place. */
class SynapseMachine {
  private readonly names: readonly string[];
  private readonly rows: Float64Array[];
  private readonly advance: Action;
  private readonly pre: Action;
  private readonly post: Action;
  private readonly derive: (symbols: Float64Array, results: Float64Array) => void;
  private readonly checkStability: (symbols: Float64Array, results: Float64Array) => void;
  private readonly stiff: Float64Array;
  private readonly derived: Float64Array;

  constructor(
    private readonly definition: SynapseDefinition,
    private readonly kernel: SynapseKernel,
    private readonly dt: number,
    synapses: number,
    weight: number | readonly number[],
  ) {
    const { states, initial } = kernel;
    if (typeof weight !== "number" && weight.length !== synapses) {
      throw new SpikevineError(
        `plasticity/${kernel.name}: weight has ${weight.length} values; give ${synapses}, one per synapse.`,
      );
    }
    const bad = typeof weight === "number" ? -1 : weight.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const given = (weight as readonly number[])[bad];
      throw new SpikevineError(`plasticity/${kernel.name}: weight[${bad}] is ${given}; give finite numbers.`);
    }
    this.names = ["weight", ...states];
    const symbols = [...this.names, "signal"];
    this.rows = Array.from({ length: synapses }, (_, s) =>
      Float64Array.from([
        typeof weight === "number" ? weight : weight[s]!,
        ...states.map((state) => initial[state]!),
        0,
      ]),
    );
    const compile = (formulas: Formulas) =>
      compileFormulas(chooseByConditions(formulas), symbols, Object.keys(formulas), "double");
    const inPlace = (formulas: Formulas): Action => {
      const at = Object.keys(formulas).map((name) => this.names.indexOf(name));
      const results = new Float64Array(at.length);
      const run = compile(formulas);
      return (row) => {
        run(row, results);
        for (let i = 0; i < at.length; i++) row[at[i]!] = results[i]!;
      };
    };
    this.advance = inPlace(kernel.step);
    this.pre = inPlace(kernel.onPre);
    this.post = inPlace(kernel.onPost);
    this.derive = compile(kernel.derived);
    this.checkStability = compile(kernel.stiffness);
    this.stiff = new Float64Array(Object.keys(kernel.stiffness).length);
    this.derived = new Float64Array(Object.keys(kernel.derived).length);
  }

  step(synapse: number, t: number, signal: number): void {
    const row = this.rows[synapse]!;
    row[this.names.length] = signal;
    this.checkStability(row, this.stiff);
    for (let i = 0; i < this.stiff.length; i++)
      if (this.stiff[i]! >= 1) {
        throw unstableSynapse(this.kernel, i, this.stiff[i]!, {
          integrator: this.definition.integrator.name,
          dt: this.dt,
          t,
          signal,
        });
      }
    this.advance(row);
  }

  /** Refuses weights and states that are infinite or NaN at the end of a step. */
  checkFinite(step: number): void {
    this.rows.forEach((row, synapse) => {
      const bad = this.names.findIndex((_, v) => !Number.isFinite(row[v]));
      if (bad < 0) return;
      const t = Number((step * this.dt).toPrecision(12));
      throw new SpikevineError(
        `plasticity/${this.kernel.name}: "${this.names[bad]}" of synapse ${synapse} is ${row[bad]} at ${t} ms; use a shorter dt or another integrator, or look for a division by 0 in its equations.`,
      );
    });
  }

  onPre(synapse: number): void {
    this.pre(this.rows[synapse]!);
  }

  onPost(synapse: number): void {
    this.post(this.rows[synapse]!);
  }

  /** Copies the recorded values to row `at` of the values. */
  read(values: Readonly<Record<string, Float64Array>>, at: number): void {
    const derivedNames = Object.keys(this.kernel.derived);
    this.rows.forEach((row, synapse) => {
      this.derive(row, this.derived);
      for (const [name, to] of Object.entries(values)) {
        const own = this.names.indexOf(name);
        to[at + synapse] = own >= 0 ? row[own]! : this.derived[derivedNames.indexOf(name)]!;
      }
    });
  }
}
