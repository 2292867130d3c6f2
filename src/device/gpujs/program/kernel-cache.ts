import { SpikevineError } from "../../../errors.js";
import type { Backend } from "../backend/backend.js";
import { deviceFailed, type GpuKernel } from "../backend/library.js";
import { type ArrayStore, type DeviceArray, KERNEL_SETTINGS, type Shape, sizeOf } from "./arrays.js";

/** Source of one kernel: the computation of one thread, from its index (n, b, z) in the output. */
export interface KernelSource {
  /** Name for messages. */
  readonly name: string;
  /** Names of arrays and numbers in call order; those that the body does not mention are left out. */
  readonly arguments: readonly string[];
  /** Statements; the last one returns the value of element `[z][b][n]`. */
  readonly body: string;
  readonly output: Shape;
  /**
   * Maximum number of iterations of a loop that is not bounded by a literal; otherwise gpu.js stops such a loop
   * silently at 1,000.
   */
  readonly iterations?: number;
  /**
   * Each thread returns four numbers, those of the rows 4b .. 4b + 3 of the output, counted through all layers. For
   * the modes whose arrays are JavaScript's.
   */
  readonly fourRows?: boolean;
}

/** Launches a kernel on arrays and numbers; the result is a new array. */
export type Launch = (...given: readonly (DeviceArray | number)[]) => Promise<DeviceArray>;

/** Graphics memory and index lists are addressed by single-precision numbers, which are exact integers up to here. */
export const LARGEST_ARRAY = 2 ** 24;

/**
 * The kernels of one program. Equal sources on arrays of equal shapes share one kernel, which is compiled at its first
 * launch.
 */
export class KernelSet {
  readonly #backend: Backend;
  readonly #arrays: ArrayStore;
  readonly #made = new Map<string, GpuKernel>();

  constructor(backend: Backend, arrays: ArrayStore) {
    this.#backend = backend;
    this.#arrays = arrays;
  }

  make({ name, output, body, arguments: names, iterations, fourRows = false }: KernelSource): Launch {
    this.assertSize(name, output);
    const used = names.map((argument) => new RegExp(`\\b${argument}\\b`).test(body));
    const parameters = names.filter((_, index) => used[index]);
    const indices = "const n = this.thread.x; const b = this.thread.y; const z = this.thread.z;";
    const source = `function (${parameters.join(", ")}) {
${indices}\n${body}\n}`;
    const settings = {
      ...KERNEL_SETTINGS,
      output: fourRows ? [output[0], Math.ceil((output[1] * output[2]) / 4), 1] : output,
      ...(iterations === undefined ? {} : { loopMaxIterations: iterations }),
    };
    return async (...given) => {
      const wanted = given.filter((_, index) => used[index]);
      // Shapes are compiled into a kernel.
      const shapes = wanted.map((value) => (typeof value === "number" ? "" : value.shape.join("x")));
      const key = `${output.join("x")} ${iterations} ${shapes.join(" ")} ${source}`;
      const known = this.#made.get(key);
      if (known === undefined) this.#assertBindable(name, shapes.filter((shape) => shape !== "").length);
      const kernel = known ?? this.#backend.gpu.createKernel(source, settings);
      const result = await this.#launch(kernel, name, wanted);
      if (known === undefined) {
        this.#made.set(key, kernel);
        this.#assertExecutor(kernel, name);
      }
      return this.#arrays.adopt(result, output, fourRows);
    };
  }

  async #launch(kernel: GpuKernel, name: string, given: readonly (DeviceArray | number)[]): Promise<unknown> {
    try {
      return await kernel(...given.map((value) => (typeof value === "number" ? value : value.handle)));
    } catch (error) {
      throw deviceFailed(this.#backend.name, `kernel "${name}"`, error);
    }
  }

  dispose(): void {
    for (const kernel of this.#made.values()) kernel.destroy();
    this.#made.clear();
  }

  /** Throws a SpikevineError if an array has more numbers than single precision can count. */
  assertSize(name: string, shape: Shape): void {
    if (sizeOf(shape) <= LARGEST_ARRAY) return;
    throw new SpikevineError(
      `device ${this.#backend.name}: "${name}" needs an array [${[...shape].reverse().join(", ")}], more than ` +
        `${LARGEST_ARRAY} numbers; use a smaller batch or layer.`,
    );
  }

  #assertBindable(name: string, arrays: number): void {
    const { name: device, arrayLimit } = this.#backend;
    if (arrays <= arrayLimit) return;
    throw new SpikevineError(
      `device ${device}: "${name}" reads ${arrays} arrays, and a kernel there may read ${arrayLimit}; ` +
        "use a neuron or a rule with fewer states, or gpujs:webasm.",
    );
  }

  #assertExecutor({ kernel }: GpuKernel, name: string): void {
    const { mode } = kernel.constructor;
    const reason = kernel.fallbackReason ?? null;
    if (mode === this.#backend.kernelMode && reason === null) return;
    throw new Error(
      `device ${this.#backend.name}: kernel "${name}" ran as ${mode}${reason === null ? "" : ` (${reason})`}`,
    );
  }
}
