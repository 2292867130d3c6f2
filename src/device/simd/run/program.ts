import { SpikevineError } from "../../../errors.js";
import { WorkerMissing } from "../../../thread.js";
import type { Plan, Program, RunInputs } from "../../contract.js";
import { checkRunInputs, wordsOf } from "../../host/index.js";
import { compilePlan, type Target } from "../compile/compile.js";
import { HEADER, word } from "../compile/header.js";
import type { ProcedureMap, ProgramMap } from "../compile/image.js";
import { PANEL_COLUMNS, PANEL_ROW, type SignalLayout, type TensorLayout } from "../compile/layout.js";
import { bitsRow } from "../kernels/spikes/spike-deltas.js";
import { Threads } from "./threads.js";

/** A plan compiled to WebAssembly, with its memory and its threads. */
export class SimdProgram implements Program {
  readonly #plan: Plan;
  readonly #map: ProgramMap;
  readonly #threads: Threads;
  readonly #words: Int32Array;
  readonly #numbers: Float32Array;
  readonly #halfWords: Uint16Array;
  /** Samples of the latest run of every procedure. */
  readonly #samples = new Map<string, number>();
  /** Runs, reads and writes wait for the one before them. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  private constructor(
    plan: Plan,
    map: ProgramMap,
    threads: Threads,
    memory: WebAssembly.Memory,
    private readonly onDisposed: () => void,
  ) {
    this.#plan = plan;
    this.#map = map;
    this.#threads = threads;
    this.#words = new Int32Array(memory.buffer);
    this.#numbers = new Float32Array(memory.buffer);
    this.#halfWords = new Uint16Array(memory.buffer);
  }

  /**
   * Compiles a plan that has passed `checkPlan`. If a worker cannot start, the program has one thread and `onAlone` is called
   * with the reason.
   */
  static async compile(
    plan: Plan,
    target: Target,
    onDisposed: () => void = () => undefined,
    onAlone: (reason: string) => void = () => undefined,
  ): Promise<SimdProgram> {
    const { image, map } = await compilePlan(plan, target);
    try {
      return new SimdProgram(plan, map, await Threads.start(image), image.memory, onDisposed);
    } catch (error) {
      if (!(error instanceof WorkerMissing)) throw error;
      onAlone(error.message);
      return SimdProgram.compile(plan, { ...target, threads: 1, shared: false }, onDisposed);
    }
  }

  /** Bytes of the program's memory. */
  get memoryBytes(): number {
    return this.#numbers.byteLength;
  }

  run(procedure: string, inputs: RunInputs): Promise<void> {
    return this.#next(async () => {
      const run = checkRunInputs(this.#plan, procedure, inputs);
      const map = this.#map.procedures.get(procedure)!;
      const header = { samples: run.samples, seed: run.seed, epoch: run.epoch, firstStep: run.firstStep };
      for (const [name, value] of Object.entries(header)) {
        this.#words[word(HEADER[name as keyof typeof header])] = value | 0;
      }
      if (run.sampleIds !== undefined)
        this.#words.set(run.sampleIds.subarray(0, run.samples), word(this.#map.sampleIds));
      for (const [name, address] of map.scalars) this.#numbers[word(address)] = run.scalars[name]!;
      for (const [name, data] of Object.entries(run.signals)) {
        if (data instanceof Uint32Array) this.#writeBits(map.inputBits.get(name)!, map.signals.get(name)!, data);
        else this.#writeRows(map.signals.get(name), data, run.samples);
      }
      this.#samples.set(procedure, run.samples);
      await this.#threads.run(map.index);
    });
  }

  readTensor(name: string): Promise<Float32Array> {
    return this.#next(async () => {
      const layout = this.#tensor(name);
      const data = new Float32Array(layout.rows * layout.columns);
      this.#eachRow(layout, (row, index) => data.set(row, index));
      return data;
    });
  }

  writeTensor(name: string, data: Float32Array): Promise<void> {
    return this.#next(async () => {
      const layout = this.#tensor(name);
      const { rows, columns } = layout;
      if (data.length !== rows * columns) {
        throw new Error(
          `tensor "${name}" is [${rows}, ${columns}] and needs ${rows * columns} numbers, not ${data.length}`,
        );
      }
      this.#eachRow(layout, (row, index) => row.set(data.subarray(index, index + row.length)));
    });
  }

  readSignal(procedure: string, name: string): Promise<Float32Array> {
    return this.#next(async () => {
      const spec = this.#plan.procedures[procedure]?.signals[name];
      const map = this.#map.procedures.get(procedure);
      if (spec === undefined || map === undefined) throw new Error(`no signal "${name}" in "${procedure}"`);
      if (spec.role !== "result" && spec.role !== "kept") {
        throw new Error(`signal "${name}" has role ${spec.role}; only a result or kept signal can be read`);
      }
      return this.#read(map, name, this.#samples.get(procedure) ?? 0);
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#last;
    await this.#threads.stop();
    this.onDisposed();
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(new SpikevineError("simd: the program has been disposed of."));
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #tensor(name: string): TensorLayout {
    const layout = this.#map.tensors.get(name);
    if (layout === undefined) throw new Error(`no tensor "${name}" in the plan`);
    return layout;
  }

  /** Runs the body for every row of every panel of a tensor, with the index of its first element in row-major order. */
  #eachRow(layout: TensorLayout, body: (row: Float32Array, index: number) => void): void {
    const { address, rows, columns, panelBytes } = layout;
    for (let n = 0; n < columns; n += PANEL_COLUMNS) {
      const panel = address + (n / PANEL_COLUMNS) * panelBytes;
      const width = Math.min(PANEL_COLUMNS, columns - n);
      for (let i = 0; i < rows; i++) {
        const start = word(panel + i * PANEL_ROW);
        body(this.#numbers.subarray(start, start + width), i * columns + n);
      }
    }
  }

  #writeRows(layout: SignalLayout | undefined, data: Float32Array | Float64Array, samples: number): void {
    // An input that no operation reads has no layout.
    if (layout === undefined) return;
    const { width, rows } = layout;
    for (let row = 0; row < samples * rows; row++) {
      const at = layout.address + Math.floor(row / rows) * layout.sampleBytes + (row % rows) * layout.rowBytes;
      this.#numbers.set(data.subarray(row * width, (row + 1) * width), word(at));
    }
  }

  #writeBits(layout: SignalLayout, { width, rows }: SignalLayout, bits: Uint32Array): void {
    const words = wordsOf(width);
    for (let row = 0; row * words < bits.length; row++) {
      const at = layout.address + Math.floor(row / rows) * layout.sampleBytes + (row % rows) * bitsRow(width);
      this.#words.set(bits.subarray(row * words, (row + 1) * words), word(at));
    }
  }

  #read(map: ProcedureMap, name: string, samples: number): Float32Array {
    const layout = map.signals.get(name)!;
    const { width, rows } = layout;
    const data = new Float32Array(samples * rows * width);
    for (let b = 0; b < samples; b++) {
      for (let t = 0; t < rows; t++) {
        const out = data.subarray((b * rows + t) * width, (b * rows + t + 1) * width);
        if (layout.kind === "spikes") this.#readSpikes(layout, b, t, out);
        else this.#readValues(layout, b, t, out);
      }
    }
    return data;
  }

  #readSpikes(layout: SignalLayout, b: number, t: number, out: Float32Array): void {
    const sample = layout.address + b * layout.sampleBytes;
    const end = (list: number): number => this.#words[word(sample) + list]!;
    const write = (from: number, to: number, value: number): void => {
      const numbers = layout.numberBytes === 4 ? this.#words : this.#halfWords;
      const { numberBytes } = layout;
      for (const unit of numbers.subarray((sample + from) / numberBytes, (sample + to) / numberBytes))
        out[unit] = value;
    };
    write(layout.endsBytes, end(0), 1);
    write(end(2 * t), end(2 * t + 1), 1);
    write(end(2 * t + 1), end(2 * t + 2), 0);
  }

  #readValues(layout: SignalLayout, b: number, t: number, out: Float32Array): void {
    const { segments, padded } = layout;
    const row = word(layout.address + b * layout.sampleBytes + t * layout.rowBytes);
    const size = out.length / segments;
    for (let segment = 0; segment < segments; segment++) {
      const start = row + segment * padded;
      out.set(this.#numbers.subarray(start, start + size), segment * size);
    }
  }
}
