import { signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import type { PlasticExecutor } from "../executors/plastic/plastic-executor.js";
import type { RecorderModel, SynapseRecorderModel } from "../model.js";
import type { NetworkBuilder } from "../network/network-builder.js";
import { PLASTIC_PROJECTION, type PlasticProjection } from "../network/plastic-projection.js";
import { POPULATION, type Population, wholeOf } from "../network/population.js";
import { RATE_OPTIONS, type RateMonitor, type RateMonitorOptions, RateRecorder } from "./rate-monitor.js";
import { SPIKE_OPTIONS, type SpikeMonitor, type SpikeMonitorOptions, SpikeRecorder } from "./spike-monitor.js";
import { STATE_OPTIONS, type StateMonitor, type StateMonitorOptions, StateRecorder } from "./state-monitor.js";
import {
  SYNAPSE_OPTIONS,
  type SynapseMonitor,
  type SynapseMonitorOptions,
  SynapseRecorder,
} from "./synapse-monitor.js";

const VARIABLE = text("the name of a variable");
const checkSpikes = signature("monitor of spikes", { population: POPULATION, options: SPIKE_OPTIONS });
const checkRate = signature("monitor of the rate", { population: POPULATION, options: RATE_OPTIONS });
const checkState = signature("monitor of a state", {
  population: POPULATION,
  variable: VARIABLE,
  options: STATE_OPTIONS,
});
const checkSynapses = signature("monitor of synapses", {
  projection: PLASTIC_PROJECTION,
  variable: VARIABLE,
  options: SYNAPSE_OPTIONS,
});

/** Content of monitors, as bytes. */
export interface SavedMonitors {
  readonly names: readonly string[];
  readonly sections: readonly Uint8Array[];
}

/** All monitors of a simulation. A monitor records every run from the moment on that it is made. */
export class Monitors {
  readonly #clock: Clock;
  readonly #network: NetworkBuilder;
  readonly #changed: () => void;
  readonly #warn: (message: string) => void;
  readonly #spikes: { readonly population: number; readonly recorder: SpikeRecorder }[] = [];
  readonly #rates: { readonly population: number; readonly recorder: RateRecorder }[] = [];
  readonly #states: { readonly model: RecorderModel; readonly recorder: StateRecorder }[] = [];
  readonly #synapses: { readonly model: SynapseRecorderModel; readonly recorder: SynapseRecorder }[] = [];
  readonly #full = new Set<SpikeRecorder | StateRecorder | SynapseRecorder>();

  constructor(clock: Clock, network: NetworkBuilder, changed: () => void, warn: (message: string) => void) {
    this.#clock = clock;
    this.#network = network;
    this.#changed = changed;
    this.#warn = warn;
  }

  /** Records the spikes of a population, or passes them on. */
  spikes(population: Population, options: SpikeMonitorOptions = {}): SpikeMonitor {
    this.#changed();
    checkSpikes([population, options]);
    const recorder = new SpikeRecorder(population, this.#clock.dt, options);
    this.#spikes.push({ population: this.#network.populations.watch(population), recorder });
    return recorder;
  }

  /** Counts the spikes of a population in bins. */
  rate(population: Population, options: RateMonitorOptions = {}): RateMonitor {
    this.#changed();
    checkRate([population, options]);
    const recorder = new RateRecorder(population, this.#clock.dt, options);
    this.#rates.push({ population: this.#network.populations.watch(population), recorder });
    return recorder;
  }

  /**
   * Records a state, or a subexpression, an input current or a parameter, of some neurons at every n-th step, or passes it on.
   * @throws SpikevineError for a variable that does not exist (with the nearest name) or a neuron that does not exist.
   */
  state(population: Population, variable: string, options: StateMonitorOptions = {}): StateMonitor {
    this.#changed();
    checkState([population, variable, options]);
    const { index, unit, ...read } = this.#network.populations.recorded(population, variable, options.when);
    const recorder = new StateRecorder(population, variable, unit, this.#clock.dt, options);
    const { from } = wholeOf(population);
    const neurons = Uint32Array.from(recorder.indices, (neuron) => neuron + from);
    const model = { population: index, variable: read.variable, neurons, every: recorder.every };
    this.#states.push({ model, recorder });
    return recorder;
  }

  /**
   * Records the weight or another variable of some synapses of a plastic projection at every n-th step, or passes it
   * on.
   * @throws SpikevineError for a variable that does not exist (with the nearest name) or a synapse that does not exist.
   */
  synapses(projection: PlasticProjection, variable: string, options: SynapseMonitorOptions = {}): SynapseMonitor {
    this.#changed();
    checkSynapses([projection, variable, options]);
    const { index, unit } = this.#network.projections.readSynapses(projection, variable);
    const recorder = new SynapseRecorder(projection, variable, unit, this.#clock.dt, options);
    const synapses = Uint32Array.from(recorder.synapses);
    this.#synapses.push({ model: { plastic: index, variable, synapses, every: recorder.every }, recorder });
    return recorder;
  }

  /** State recordings that the executor makes. */
  recorders(): readonly RecorderModel[] {
    return this.#states.map(({ model }) => model);
  }

  /** Synapse recordings that the executor makes. */
  synapseRecorders(): readonly SynapseRecorderModel[] {
    return this.#synapses.map(({ model }) => model);
  }

  /** Reads out the recorded values of steps `from` .. `to` - 1. */
  take(executor: PlasticExecutor, from: number, to: number): void {
    for (const { population, recorder } of this.#spikes) {
      const { steps, neurons } = ofGroup(executor.spikes(population), recorder.population);
      recorder.take(steps, neurons);
      this.#warnIfFull(recorder, recorder.where);
    }
    for (const { population, recorder } of this.#rates) {
      recorder.take(from, to, ofGroup(executor.spikes(population), recorder.population).steps);
    }
    this.#states.forEach(({ recorder }, r) => {
      recorder.take(from, executor.samples(r));
      this.#warnIfFull(recorder, recorder.where);
    });
    this.#synapses.forEach(({ recorder }, r) => {
      recorder.take(from, executor.synapseSamples(r));
      this.#warnIfFull(recorder, recorder.where);
    });
  }

  #warnIfFull(recorder: SpikeRecorder | StateRecorder | SynapseRecorder, what: string): void {
    if (recorder.dropped === 0 || this.#full.has(recorder)) return;
    this.#full.add(recorder);
    this.#warn(`the ${what} is full; give it a larger limit, or recordTo, which writes to a file.`);
  }

  /** Content of all monitors, with a name for each. */
  save(): SavedMonitors {
    return {
      names: this.#recorders().map(({ where }) => where),
      sections: this.#recorders().map((recorder) => recorder.save()),
    };
  }

  /** @throws SpikevineError naming the first monitor that differs from those that were saved. */
  check({ names, sections }: SavedMonitors): void {
    const recorders = this.#recorders();
    for (let m = 0; m < Math.max(names.length, recorders.length); m++) {
      const [saved = "no monitor", here = "no monitor"] = [names[m], recorders[m]?.where];
      if (saved !== here) {
        throw new SpikevineError(
          `saved state: it has other monitors: the ${saved} there and the ${here} here; make the same monitors, then restore.`,
        );
      }
      if (recorders[m]!.fits(sections[m]!)) continue;
      throw new SpikevineError(`saved state: the content of the ${here} does not fit; give it the same options.`);
    }
  }

  /** Restores a checked result of `save`. */
  restore({ sections }: SavedMonitors): void {
    this.#recorders().forEach((recorder, m) => {
      recorder.restore(sections[m]!);
    });
    this.#full.clear();
  }

  #recorders(): readonly (SpikeRecorder | RateRecorder | StateRecorder | SynapseRecorder)[] {
    return [...this.#spikes, ...this.#rates, ...this.#states, ...this.#synapses].map(({ recorder }) => recorder);
  }

  clear(): void {
    for (const { recorder } of [...this.#spikes, ...this.#rates, ...this.#states, ...this.#synapses]) {
      recorder.clear();
    }
    this.#full.clear();
  }
}

interface Spikes {
  readonly steps: Uint32Array;
  readonly neurons: Uint32Array;
}

/** The spikes of a subgroup among those of its population. */
function ofGroup({ steps, neurons }: Spikes, group: Population): Spikes {
  const { whole, from } = wholeOf(group);
  if (whole === group) return { steps, neurons };
  const isOwn = (neuron: number): boolean => neuron >= from && neuron < from + group.size;
  return {
    steps: steps.filter((_, k) => isOwn(neurons[k]!)),
    neurons: neurons.filter(isOwn).map((neuron) => neuron - from),
  };
}
