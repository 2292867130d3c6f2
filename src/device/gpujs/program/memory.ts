import type { Procedure, SignalSpec } from "../../contract.js";
import type { CheckedRun } from "../../host/index.js";
import { type Deltas, deltasOf } from "../cpu/spike-deltas.js";
import type { ArrayStore, DeviceArray, Shape } from "./arrays.js";
import type { Chunk } from "./chunks.js";
import type { TensorMemory } from "./tensor-memory.js";

/**
 * Values that live on the device, on the host or on both: written on one side, copied to the other when that asks for it.
 * On the host they are `[samples, rows, width]`; on the device they are one array `[steps, batch, width]` for every chunk
 * of steps, or one array `[1, batch, width]` for one row a sample.
 */
interface Stored {
  device?: readonly DeviceArray[];
  host?: Float32Array;
  /** Of spikes whose arrays are JavaScript's. */
  deltas?: Deltas;
}

/** What the operations of one procedure see when they run. */
export class ProcedureMemory {
  readonly #arrays: ArrayStore;
  readonly #procedure: Procedure;
  readonly #chunks: readonly Chunk[];
  readonly #tensors: TensorMemory;
  readonly #signals = new Map<string, Stored>();
  readonly #zeros = new Map<string, DeviceArray>();
  #run: CheckedRun | undefined;

  constructor(arrays: ArrayStore, procedure: Procedure, chunks: readonly Chunk[], tensors: TensorMemory) {
    this.#arrays = arrays;
    this.#procedure = procedure;
    this.#chunks = chunks;
    this.#tensors = tensors;
  }

  /** Begins a run: inputs are there, and of earlier signals only the kept ones. */
  begin(run: CheckedRun): void {
    this.#run = run;
    for (const [name, { role }] of Object.entries(this.#procedure.signals)) {
      const stored = this.#signals.get(name);
      if (role !== "kept") this.#signals.delete(name);
      // A copy on the host has the earlier run's number of samples.
      else if (stored?.device !== undefined) this.writeSignal(name, stored.device);
    }
    for (const [name, data] of Object.entries(run.signals)) this.writeHost(name, data as Float32Array);
  }

  get run(): CheckedRun {
    if (this.#run === undefined) throw new Error("no run has begun");
    return this.#run;
  }

  /** The device arrays of a signal, chunk after chunk. */
  async signal(name: string): Promise<readonly DeviceArray[]> {
    const stored = this.#stored(name);
    stored.device ??= await this.#upload(name, stored.host);
    return stored.device;
  }

  /** Spikes as deltas from baselines, for the modes whose arrays are JavaScript's. */
  async deltas(name: string): Promise<Deltas> {
    const chunks = await this.signal(name);
    const stored = this.#stored(name);
    stored.deltas ??= deltasOf(
      chunks.map(({ numbers }) => numbers!),
      this.#procedure.batch,
      this.#spec(name).width,
    );
    return stored.deltas;
  }

  writeSignal(name: string, device: readonly DeviceArray[]): void {
    this.#signals.set(name, { device });
  }

  /** A signal on the host, `[samples, rows, width]`. */
  async host(name: string): Promise<Float32Array> {
    const stored = this.#stored(name);
    stored.host ??= await this.#download(name, stored.device ?? []);
    return stored.host;
  }

  writeHost(name: string, host: Float32Array): void {
    this.#signals.set(name, { host });
  }

  tensor(name: string): Promise<DeviceArray> {
    return this.#tensors.array(name);
  }

  writeTensor(name: string, array: DeviceArray): void {
    this.#tensors.writeArray(name, array);
  }

  /** Puts numbers `[layers, rows, width]` on the device for the operation that runs. */
  upload(data: Float32Array, shape: Shape): Promise<DeviceArray> {
    return this.#arrays.upload(data, shape);
  }

  /** One layer of an array of JavaScript's; nothing is copied. */
  layer(array: DeviceArray, z: number): DeviceArray {
    return this.#arrays.layer(array, z);
  }

  /** Puts the layer `z` of each of several such arrays on top of each other. */
  stack(arrays: readonly DeviceArray[], z: number): DeviceArray {
    return this.#arrays.stack(arrays, z);
  }

  /** An array of zeros, made once. */
  async zeros(shape: Shape): Promise<DeviceArray> {
    const key = shape.join("x");
    let array = this.#zeros.get(key);
    if (array === undefined) {
      array = await this.#arrays.upload(new Float32Array(shape[0] * shape[1] * shape[2]), shape);
      this.#zeros.set(key, array);
    }
    return array;
  }

  /** Forgets signals that no later operation reads. */
  forget(names: Iterable<string>): void {
    for (const name of names) this.#signals.delete(name);
  }

  /** Every device array that is still needed. */
  *needed(): Iterable<DeviceArray> {
    yield* this.#zeros.values();
    for (const { device } of this.#signals.values()) yield* device ?? [];
  }

  #stored(name: string): Stored {
    let stored = this.#signals.get(name);
    if (stored === undefined) {
      // A kept signal before it was ever written.
      stored = { host: new Float32Array(this.#hostSize(name)) };
      this.#signals.set(name, stored);
    }
    return stored;
  }

  #spec(name: string): SignalSpec {
    return this.#procedure.signals[name]!;
  }

  #rows(name: string): number {
    return this.#spec(name).rows === "steps" ? this.#procedure.steps : 1;
  }

  #hostSize(name: string): number {
    return this.run.samples * this.#rows(name) * this.#spec(name).width;
  }

  async #upload(name: string, host: Float32Array = new Float32Array(0)): Promise<DeviceArray[]> {
    const { width, rows } = this.#spec(name);
    const { batch } = this.#procedure;
    const perSample = this.#rows(name);
    const samples = host.length / (perSample * width);
    const chunks = rows === "steps" ? this.#chunks : [{ first: 0, steps: 1 }];
    const arrays: DeviceArray[] = [];
    for (const { first, steps } of chunks) {
      const data = new Float32Array(steps * batch * width);
      for (let t = 0; t < steps; t++) {
        for (let b = 0; b < samples; b++) {
          const from = (b * perSample + first + t) * width;
          data.set(host.subarray(from, from + width), (t * batch + b) * width);
        }
      }
      arrays.push(await this.#arrays.upload(data, [width, batch, steps]));
    }
    return arrays;
  }

  /** Layers of a signal with one row a sample stand one after the other in its row (a carry: state after state, then y). */
  async #download(name: string, device: readonly DeviceArray[]): Promise<Float32Array> {
    const host = new Float32Array(this.#hostSize(name));
    const rowSize = this.#rows(name) * this.#spec(name).width;
    const { samples } = this.run;
    let offset = 0;
    for (const array of device) {
      const [width, batch, layers] = array.shape;
      const data = await this.#arrays.read(array);
      for (let z = 0; z < layers; z++) {
        for (let b = 0; b < samples; b++) {
          const from = (z * batch + b) * width;
          host.set(data.subarray(from, from + width), b * rowSize + offset);
        }
        offset += width;
      }
    }
    return host;
  }
}
