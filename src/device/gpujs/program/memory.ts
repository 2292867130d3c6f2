import type { Procedure, SignalSpec } from "../../contract.js";
import { type CheckedRun, unpackSpikes } from "../../host/index.js";
import { type Deltas, deltasOf } from "../cpu/spike-deltas.js";
import type { ArrayStore, DeviceArray, Shape } from "./arrays.js";
import type { Chunk } from "./chunks.js";
import type { TensorMemory } from "./tensor-memory.js";

/**
 * Values on the device, on the host or on both: written on one side and copied to the other on request. On the host
 * they are `[samples, rows, width]`. On the device they are one array `[steps, batch, width]` per chunk of steps, or
 * one array `[1, batch, width]` for one row per sample.
 */
interface Stored {
  device?: readonly DeviceArray[];
  host?: Float32Array;
  /** Deltas of spikes, if arrays are JavaScript's. */
  deltas?: Deltas;
}

/** Tensors and signals that the operations of one procedure access during a run. */
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

  /** Starts a run: sets the inputs and drops all earlier signals except the kept ones. */
  begin(run: CheckedRun): void {
    this.#run = run;
    for (const [name, { role }] of Object.entries(this.#procedure.signals)) {
      const stored = this.#signals.get(name);
      if (role !== "kept") this.#signals.delete(name);
      // A copy on the host has the sample count of the earlier run.
      else if (stored?.device !== undefined) this.writeSignal(name, stored.device);
    }
    for (const [name, data] of Object.entries(run.signals)) {
      if (data instanceof Uint32Array) {
        const spikes = new Float32Array(this.#hostSize(name));
        unpackSpikes(data, this.#spec(name).width, spikes);
        this.writeHost(name, spikes);
      } else this.writeHost(name, data as Float32Array);
    }
  }

  get run(): CheckedRun {
    if (this.#run === undefined) throw new Error("no run has begun");
    return this.#run;
  }

  /** The device arrays of a signal, one per chunk. */
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

  /** Copies numbers `[layers, rows, width]` to the device for the current operation. */
  upload(data: Float32Array, shape: Shape): Promise<DeviceArray> {
    return this.#arrays.upload(data, shape);
  }

  /** One layer of an array of JavaScript's, as a view. */
  layer(array: DeviceArray, z: number): DeviceArray {
    return this.#arrays.layer(array, z);
  }

  /** Stacks layer `z` of each of several such arrays. */
  stack(arrays: readonly DeviceArray[], z: number): DeviceArray {
    return this.#arrays.stack(arrays, z);
  }

  /** An array of zeros, created once. */
  async zeros(shape: Shape): Promise<DeviceArray> {
    const key = shape.join("x");
    let array = this.#zeros.get(key);
    if (array === undefined) {
      array = await this.#arrays.upload(new Float32Array(shape[0] * shape[1] * shape[2]), shape);
      this.#zeros.set(key, array);
    }
    return array;
  }

  /** Drops signals that no later operation reads. */
  forget(names: Iterable<string>): void {
    for (const name of names) this.#signals.delete(name);
  }

  /** All device arrays that are still in use. */
  *needed(): Iterable<DeviceArray> {
    yield* this.#zeros.values();
    for (const { device } of this.#signals.values()) yield* device ?? [];
  }

  #stored(name: string): Stored {
    let stored = this.#signals.get(name);
    if (stored === undefined) {
      // A kept signal that has never been written.
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

  /** Layers of a signal with one row per sample are concatenated in its row (a carry: state after state, then y). */
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
