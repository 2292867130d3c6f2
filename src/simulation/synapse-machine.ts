import { compileFormulas } from "../device/host/index.js";
import { chooseByConditions } from "../equations/analysis/differentiate.js";
import { COUNTS, TIME_AND_INDICES } from "../equations/definitions/synapse-equations.js";
import { isShared } from "../equations/definitions/white-noise.js";
import type { SynapseKernel } from "../equations/kernels/kernels.js";
import { evaluate, type Formulas } from "../equations/language/expression.js";
import { SpikevineError } from "../errors.js";
import { rowKey } from "../random/counter.js";
import { drawNormal } from "../random/normal.js";
import { unstableSynapse } from "./checks/unstable-synapse.js";
import { synapseNoise } from "./streams.js";

type Action = (symbols: Float64Array) => void;

/** Synapses of one run: their step, seed, number and start. */
export interface MachineOptions {
  /** Name of the scheme, for errors. */
  readonly integrator: string;
  readonly dt: number;
  /** Seed of the noise. */
  readonly seed: number;
  readonly synapses: number;
  readonly weight: number | readonly number[];
  /** Values of parameters and initial values of states that differ between synapses. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
  readonly initial: Readonly<Record<string, Float64Array>>;
}

/** Variables of neurons that spikes change. */
export function neuronsWritten({ states, pathways }: SynapseKernel): string[] {
  const own = ["weight", ...states];
  const changed = pathways.flatMap(({ changes }) => Object.keys(changes));
  return [...new Set(changed.filter((name) => !own.includes(name)))];
}

/** The state of all synapses, and compiled formulas that change one of them in place. */
export class SynapseMachine {
  private readonly names: readonly string[];
  /** Names of all numbers of a row: variables, parameters, neurons' variables, the signal. */
  private readonly symbols: readonly string[];
  private readonly rows: Float64Array[];
  private readonly advance: Action;
  private readonly changes: readonly Action[];
  private readonly written: readonly number[];
  private readonly shown: Formulas;
  private readonly show: (symbols: Float64Array, results: Float64Array) => void;
  private readonly checkStability: (symbols: Float64Array, results: Float64Array) => void;
  private readonly stiff: Float64Array;
  private readonly results: Float64Array;

  constructor(
    private readonly kernel: SynapseKernel,
    private readonly options: MachineOptions,
  ) {
    const { states, parameters } = kernel;
    this.checkWeight();
    this.names = ["weight", ...states];
    const written = neuronsWritten(kernel);
    this.symbols = [
      ...this.names,
      ...parameters,
      ...new Set([...kernel.reads, ...written]),
      ...kernel.given,
      ...kernel.noise,
      "signal",
    ];
    this.written = written.map((name) => this.symbols.indexOf(name));
    this.rows = Array.from({ length: options.synapses }, (_, s) => this.firstRow(s));
    const compile = (formulas: Formulas) =>
      compileFormulas(chooseByConditions(formulas), [...this.symbols], Object.keys(formulas), "double");
    const inPlace = (formulas: Formulas): Action => {
      const at = Object.keys(formulas).map((name) => this.symbols.indexOf(name));
      const results = new Float64Array(at.length);
      const run = compile(formulas);
      return (row) => {
        run(row, results);
        for (let i = 0; i < at.length; i++) row[at[i]!] = results[i]!;
      };
    };
    this.advance = inPlace(kernel.step);
    this.changes = kernel.pathways.map(({ changes }) => inPlace(changes));
    this.shown = { ...kernel.derived, ...kernel.summed };
    this.show = compile(this.shown);
    this.checkStability = compile(kernel.stiffness);
    this.stiff = new Float64Array(Object.keys(kernel.stiffness).length);
    this.results = new Float64Array(Object.keys(this.shown).length);
  }

  private checkWeight(): void {
    const { weight, synapses } = this.options;
    if (typeof weight === "number") return;
    if (weight.length !== synapses) {
      throw new SpikevineError(
        `plasticity/${this.kernel.name}: weight has ${weight.length} values; give ${synapses}, one per synapse.`,
      );
    }
    const bad = weight.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return;
    throw new SpikevineError(`plasticity/${this.kernel.name}: weight[${bad}] is ${weight[bad]}; give finite numbers.`);
  }

  private firstRow(synapse: number): Float64Array {
    const { weight, parameters, initial } = this.options;
    const own = Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values[synapse]!]));
    const start = {
      ...evaluate(this.kernel.initial, own),
      // A synapse alone has no neurons; its index stands for theirs.
      [TIME_AND_INDICES.pre]: synapse,
      [TIME_AND_INDICES.post]: synapse,
      [COUNTS.N_incoming]: 1,
      [COUNTS.N_outgoing]: 1,
      ...own,
      ...Object.fromEntries(Object.entries(initial).map(([name, values]) => [name, values[synapse]!])),
      weight: typeof weight === "number" ? weight : weight[synapse]!,
    };
    return Float64Array.from(this.symbols, (name) => (start as Readonly<Record<string, number>>)[name] ?? 0);
  }

  /** Sets a variable of a synapse's neuron. */
  setNeuron(synapse: number, name: string, value: number): void {
    this.rows[synapse]![this.symbols.indexOf(name)] = value;
  }

  /** One step from the time `t`, the step of this number. */
  step(synapse: number, number: number, signal: number): void {
    const row = this.rows[synapse]!;
    const t = number * this.options.dt;
    row[this.symbols.length - 1] = signal;
    this.setTime(row, number);
    this.kernel.noise.forEach((name, n) => {
      const key = rowKey(...synapseNoise(this.options.seed, 0, n, 0, number));
      row[this.symbols.indexOf(name)] = drawNormal(key, isShared(name) ? 0 : synapse);
    });
    this.checkStability(row, this.stiff);
    for (let i = 0; i < this.stiff.length; i++) {
      if (this.stiff[i]! >= 1) {
        const { integrator, dt } = this.options;
        throw unstableSynapse(this.kernel, i, this.stiff[i]!, { integrator, dt, t, signal });
      }
    }
    this.advance(row);
    // Spikes act at the end of the step.
    this.setTime(row, number + 1);
  }

  private setTime(row: Float64Array, step: number): void {
    const at = this.symbols.indexOf(TIME_AND_INDICES.time);
    if (at >= 0) row[at] = step * this.options.dt;
  }

  /** Refuses weights and states that are infinite or NaN at the end of a step. */
  checkFinite(step: number): void {
    this.rows.forEach((row, synapse) => {
      const bad = this.names.findIndex((_, v) => !Number.isFinite(row[v]));
      if (bad < 0) return;
      const t = Number((step * this.options.dt).toPrecision(12));
      throw new SpikevineError(
        `plasticity/${this.kernel.name}: "${this.names[bad]}" of synapse ${synapse} is ${row[bad]} at ${t} ms; use a shorter dt or another integrator, or look for a division by 0 in its equations.`,
      );
    });
  }

  /** Applies the changes of a pathway. The changes of neurons end with it. */
  change(pathway: number, synapse: number): void {
    const row = this.rows[synapse]!;
    const before = this.written.map((at) => row[at]!);
    this.changes[pathway]!(row);
    this.written.forEach((at, w) => {
      row[at] = before[w]!;
    });
  }

  /** Copies the recorded values to row `at` of the values. */
  read(values: Readonly<Record<string, Float64Array>>, at: number): void {
    const shownNames = Object.keys(this.shown);
    this.rows.forEach((row, synapse) => {
      this.show(row, this.results);
      for (const [name, to] of Object.entries(values)) {
        const own = this.names.indexOf(name);
        to[at + synapse] = own >= 0 ? row[own]! : this.results[shownNames.indexOf(name)]!;
      }
    });
  }
}
