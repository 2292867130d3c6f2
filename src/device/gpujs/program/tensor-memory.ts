import type { TensorSpec } from "../../contract.js";
import type { ArrayStore, DeviceArray } from "./arrays.js";

/** The tensors of a program, shared by its procedures: one array `[1, rows, columns]` each. */
export class TensorMemory {
  readonly #arrays: ArrayStore;
  readonly #specs: Readonly<Record<string, TensorSpec>>;
  readonly #tensors = new Map<string, DeviceArray>();

  constructor(arrays: ArrayStore, specs: Readonly<Record<string, TensorSpec>>) {
    this.#arrays = arrays;
    this.#specs = specs;
  }

  async array(name: string): Promise<DeviceArray> {
    const array = this.#tensors.get(name);
    if (array !== undefined) return array;
    const { rows, columns } = this.#spec(name);
    await this.write(name, new Float32Array(rows * columns));
    return this.#tensors.get(name)!;
  }

  writeArray(name: string, array: DeviceArray): void {
    this.#tensors.set(name, array);
  }

  /** Writes numbers `[rows, columns]`; the device keeps a copy. */
  async write(name: string, data: Float32Array): Promise<void> {
    const { rows, columns } = this.#spec(name);
    if (data.length !== rows * columns) {
      throw new Error(
        `tensor "${name}" is [${rows}, ${columns}] and needs ${rows * columns} numbers, not ${data.length}`,
      );
    }
    this.#tensors.set(name, await this.#arrays.upload(data.slice(), [columns, rows, 1]));
  }

  async read(name: string): Promise<Float32Array> {
    this.#spec(name);
    return this.#arrays.read(await this.array(name));
  }

  needed(): Iterable<DeviceArray> {
    return this.#tensors.values();
  }

  #spec(name: string): TensorSpec {
    const spec = this.#specs[name];
    if (spec === undefined) throw new Error(`no tensor "${name}" in the plan`);
    return spec;
  }
}
