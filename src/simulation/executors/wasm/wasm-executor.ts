import { SpikevineError } from "../../../errors.js";
import { type SimulationModel, tablesOf } from "../../model.js";
import type { InTransit } from "../../state/in-transit.js";
import { wordsOf } from "../../state/state-sections.js";
import { firstAtOrAfter } from "../event-schedule.js";
import { areSpikeLists, type Executor } from "../executor.js";
import { HOST } from "./host-functions.js";
import { type Layout, layOut, longestCall, recorded } from "./memory-layout.js";
import { assemble } from "./program.js";
import type { Real } from "./real.js";
import { chooseStorage, describeStorage } from "./storage.js";
import { eventProjections } from "./synapses/layout.js";
import { SynapseMemories } from "./synapses/synapse-memory.js";
import { whyAlone } from "./threads/may-share.js";
import { rangesOf, splitRows } from "./threads/ranges.js";
import { SpikeRings } from "./threads/spike-rings.js";
import { Team } from "./threads/team.js";

const PAGE = 65536;
/** Bytes that 32-bit addresses reach. */
const MOST_PAGES = 65536;

type Step = (step: number) => void;

/** The exports of a module for one thread. */
interface Alone {
  readonly run: (from: number, to: number) => number;
  /** The two parts of a step: arrivals, and the rest. */
  readonly arrive: Step;
  readonly complete: Step;
}

/** Several threads, and their rings of spikes. */
interface Together {
  readonly team: Team;
  readonly rings: SpikeRings;
}

interface Options {
  readonly precision: "single" | "double";
  /** Wanted number of threads. A network that threads cannot share out has one. */
  readonly threads: number;
  /** Reason why the calling thread computes alone whatever is wanted. */
  readonly alone?: string;
}

/** The fast executor: WebAssembly SIMD, four neurons at a time in single precision or two in double. */
export class WasmExecutor implements Executor {
  readonly description: string;
  readonly threads?: string;
  readonly longest: number;
  readonly #model: SimulationModel;
  readonly #layout: Layout;
  readonly #memory: ArrayBufferLike;
  readonly #runs: Alone | Together;
  readonly #synapses: SynapseMemories;

  /** @throws SpikevineError if the network does not fit the memory. */
  constructor(model: SimulationModel, { precision, threads: wanted, alone: given }: Options) {
    const storage = chooseStorage(model, precision);
    this.#model = model;
    this.longest = longestCall(model);
    const events = eventProjections(model);
    const alone = wanted === 1 ? undefined : (given ?? whyAlone(model, events));
    const threads = alone === undefined ? wanted : 1;
    this.description = `WebAssembly SIMD, ${describeStorage(storage)}`;
    if (wanted > 1) this.threads = alone === undefined ? `${threads} threads` : `1 thread: ${alone}`;
    this.#layout = layOut(model, this.longest, storage, events, threads);
    const pages = Math.ceil(this.#layout.end / PAGE);
    if (pages > MOST_PAGES) {
      throw new SpikevineError(
        `simulation: the network needs ${Math.ceil(this.#layout.end / 2 ** 30)} GiB, and WebAssembly has 4; make it smaller, or give executor: "javascript".`,
      );
    }
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threads > 1 });
    const module = new WebAssembly.Module(assemble(model, this.#layout, pages, events));
    const { exports } = new WebAssembly.Instance(module, { host: { memory, ...HOST } });
    this.#memory = memory.buffer;
    if (threads === 1) this.#runs = exports as unknown as Alone;
    else {
      const run = exports.run as ConstructorParameters<typeof Team>[2];
      this.#runs = {
        team: new Team(module, memory, run, threads),
        rings: new SpikeRings(memory.buffer, this.#layout),
      };
    }
    this.#fill();
    this.#synapses = new SynapseMemories(memory.buffer, events, this.#layout);
  }

  #words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory, address, length);
  }

  #numbers({ bytes }: Real, address: number, length: number): Float32Array | Float64Array {
    if (bytes === 4) return new Float32Array(this.#memory, address, length);
    return new Float64Array(this.#memory, address, length);
  }

  /** Writes the constant data: inputs and synapses. */
  #fill(): void {
    const { populations, projections, events, recorders } = this.#layout;
    this.#model.populations.forEach((population, p) => {
      const { drives, given } = population;
      const tables = tablesOf(population);
      for (const [number, address] of populations[p]!.tables) {
        const values = tables[number]!;
        this.#numbers(populations[p]!.formulas, address, values.length).set(values);
      }
      drives.forEach(({ rows, width, values, copied }, d) => {
        const { formulas, drives: layouts } = populations[p]!;
        const { address, rowBytes, neurons } = layouts[d]!;
        if (neurons !== undefined) this.#words(neurons, width).set(copied!.neurons!);
        for (let row = 0; row < rows; row++) {
          const numbers = values.subarray(row * width, (row + 1) * width);
          this.#numbers(formulas, address + row * rowBytes, width).set(numbers);
        }
      });
      if (given) this.#fillListed(populations[p]!.given!, given);
    });
    this.#model.projections.forEach(({ rowStart, targets, weights, delays, post }, p) => {
      const layout = projections[p]!;
      const ranges = rangesOf(populations[post]!.size, this.#layout.threads);
      const rows = splitRows(rowStart, (place) => targets[place]!, ranges);
      this.#words(layout.rows, rows.length).set(rows.map((start) => layout.targets + start * layout.targetBytes));
      if (targets instanceof Uint16Array) new Uint16Array(this.#memory, layout.targets, targets.length).set(targets);
      else this.#words(layout.targets, targets.length).set(targets);
      if (typeof weights !== "number") new Float32Array(this.#memory, layout.weights!, weights.length).set(weights);
      if (typeof delays !== "number") new Uint16Array(this.#memory, layout.delays!, delays.length).set(delays);
    });
    this.#model.events.forEach((event, e) => {
      this.#fillListed(events[e]!, event);
    });
    this.#model.recorders.forEach(({ neurons }, r) => {
      this.#words(recorders[r]!.neurons, neurons.length).set(neurons);
    });
  }

  #fillListed(layout: { steps: number; neurons: number }, from: { steps: Uint32Array; neurons: Uint32Array }): void {
    this.#words(layout.steps, from.steps.length).set(from.steps);
    this.#words(layout.neurons, from.neurons.length).set(from.neurons);
  }

  reset(initial: readonly (readonly Float64Array[])[]): void {
    const { state, populations } = this.#layout;
    new Uint8Array(this.#memory, state.from, state.to - state.from).fill(0);
    populations.forEach(({ states, size, padded }, p) => {
      states.forEach(({ real, address }, s) => {
        const values = initial[p]![s]!;
        // The padding of the last four starts like a neuron, so that it stays finite.
        this.#numbers(real, address, padded)
          .fill(values[size - 1]!)
          .set(values);
      });
    });
    for (const synapses of this.own.values()) synapses.reset();
  }

  async start(): Promise<void> {
    if ("team" in this.#runs) await this.#runs.team.start();
  }

  stop(): void {
    if ("team" in this.#runs) this.#runs.team.stop();
  }

  advance(from: number, count: number, trial: number, arrived = false): number {
    const { populations, events, recorders, threads } = this.#layout;
    this.#words(this.#layout.trial, 1)[0] = trial;
    populations.forEach(({ log, given }, p) => {
      if (log) this.#words(log.count, 1)[0] = 0;
      if (given) {
        const { steps } = this.#model.populations[p]!.given!;
        this.#words(given.cursor, threads).fill(firstAtOrAfter(steps, from));
      }
    });
    events.forEach(({ cursor }, e) => {
      this.#words(cursor, threads).fill(firstAtOrAfter(this.#model.events[e]!.steps, from));
    });
    for (const { rows } of recorders) this.#words(rows, threads).fill(0);
    this.#synapses.clearSamples();
    if ("team" in this.#runs) return this.#together(this.#runs, from, count);
    const { run, complete } = this.#runs;
    if (!arrived) return (run(from, from + count) >>> 0) - from;
    complete(from);
    return count === 1 ? 1 : (run(from + 1, from + count) >>> 0) - from;
  }

  #together({ team, rings }: Together, from: number, count: number): number {
    rings.shareOut(from);
    this.#synapses.shareOut();
    const to = team.run(from, from + count);
    rings.collect(to);
    this.#synapses.collect();
    return to - from;
  }

  arrive(step: number): void {
    this.#layout.events.forEach(({ cursor }, e) => {
      this.#words(cursor, 1)[0] = firstAtOrAfter(this.#model.events[e]!.steps, step);
    });
    // Synapses that need this are computed by one thread.
    (this.#runs as Alone).arrive(step);
  }

  spikes(population: number): { steps: Uint32Array; neurons: Uint32Array } {
    const { log } = this.#layout.populations[population]!;
    if (log === undefined) return { steps: new Uint32Array(), neurons: new Uint32Array() };
    const count = this.#words(log.count, 1)[0]!;
    return { steps: this.#words(log.steps, count).slice(), neurons: this.#words(log.neurons, count).slice() };
  }

  samples(recorder: number): Float32Array | Float64Array {
    const { rows, values } = this.#layout.recorders[recorder]!;
    const { population, variable, neurons } = this.#model.recorders[recorder]!;
    const { real } = recorded(this.#layout.populations[population]!, variable);
    return this.#numbers(real, values, this.#words(rows, 1)[0]! * neurons.length).slice();
  }

  state(population: number, state: number): Float64Array {
    return Float64Array.from(this.live(population, state));
  }

  live(population: number, state: number): Float32Array | Float64Array {
    const { states, size } = this.#layout.populations[population]!;
    const { real, address } = states[state]!;
    return this.#numbers(real, address, size);
  }

  drive(population: number, symbol: string): Float32Array | Float64Array {
    const d = this.#model.populations[population]!.drives.findIndex((drive) => drive.symbol === symbol);
    const { formulas, drives, size } = this.#layout.populations[population]!;
    return this.#numbers(formulas, drives[d]!.address, size);
  }

  get own(): Executor["own"] {
    return this.#synapses.own;
  }

  synapseSamples(recorder: number): Float64Array {
    return this.#synapses.samples(recorder);
  }

  setNow(step: number): void {
    this.#words(this.#layout.now, 1)[0] = step;
  }

  get inTransit(): InTransit {
    const { populations, rings } = this.#layout;
    const each = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, k) => make(k));
    return {
      spikes: populations.map(({ kept: { slots, counts, lists }, size }) => ({
        counts: this.#words(counts, slots),
        lists: each(slots, (slot) => this.#words(lists + 4 * slot * size, size)),
      })),
      sums: rings.map(({ population, state, slots, address, slotBytes }) => {
        const { states, size } = populations[population]!;
        const { real } = states[state]!;
        return { population, state, slots: each(slots, (k) => this.#numbers(real, address + k * slotBytes, size)) };
      }),
    };
  }

  save(): Uint8Array {
    const { from, to } = this.#layout.state;
    const bytes = new Uint8Array(this.#memory, from, to - from).slice();
    const words = new Uint32Array(bytes.buffer);
    // Rests of longer lists differ between threads and mean nothing.
    for (const { size, kept } of this.#layout.populations) {
      for (let slot = 0; slot < kept.slots; slot++) {
        const list = (kept.lists - from) / 4 + slot * size;
        words.fill(0, list + words[(kept.counts - from) / 4 + slot]!, list + size);
      }
    }
    return bytes;
  }

  restore(bytes: Uint8Array): boolean {
    const { from, to } = this.#layout.state;
    if (bytes.length !== to - from) return false;
    const words = (address: number, length: number): Uint32Array =>
      wordsOf(bytes.subarray(address - from, address - from + 4 * length));
    const fits = this.#layout.populations.every(({ size, kept: { slots, counts, lists } }) =>
      areSpikeLists(words(counts, slots), words(lists, slots * size), size),
    );
    if (!fits || !this.#synapses.fits(words, this.#layout.now)) return false;
    new Uint8Array(this.#memory, from, to - from).set(bytes);
    return true;
  }
}
