import { SpikevineError } from "../../../errors.js";

/**
 * The part of gpu.js that this device uses, typed as it is used. gpu.js's own typings have holes (`Input` is declared as
 * a type only and takes no typed arrays), and an optional package must not appear in our declarations: it is cast here,
 * and nowhere else.
 */
export interface GpujsLibrary {
  readonly GPU: GpuClass;
  readonly Input: new (data: Float32Array, size: readonly number[]) => object;
}

export interface GpuClass {
  new (settings: { readonly mode: string }): Gpu;
  readonly isHeadlessGLSupported: boolean;
  readonly isWebGL2Supported: boolean;
  readonly isWebAssemblySupported: boolean;
  isWebGPUAvailable(): Promise<boolean>;
}

export interface Gpu {
  /** That of WebGL, once a kernel has run. */
  readonly context?: { isContextLost?(): boolean } | null;
  createKernel(source: string, settings: KernelSettings): GpuKernel;
  destroy(): Promise<void>;
}

export interface KernelSettings {
  readonly output: readonly number[];
  readonly precision: "single";
  readonly tactic: "precision";
  readonly pipeline: true;
  readonly immutable: true;
  readonly loopMaxIterations?: number;
}

/** A compiled kernel. Some back ends answer at once and some with a promise: always await. */
export interface GpuKernel {
  (...given: readonly unknown[]): unknown;
  /** What really runs: a kernel that a back end cannot take becomes a CPU kernel silently, and only says so here. */
  readonly kernel: {
    readonly constructor: { readonly mode?: string };
    readonly fallbackReason?: string | null;
    readonly context?: unknown;
  };
  destroy(): void;
}

/** A result that stays on the device; the array back ends (`cpu`, `webasm`) give nested arrays instead. */
export interface DeviceHandle {
  toArray(): NestedRows | Promise<NestedRows>;
  delete(): void;
}

/** Layers of rows. */
export type NestedRows = readonly (readonly Float32Array[])[];

/** Loads gpu.js, an optional peer dependency. `name` is the device's, for the message if it is not installed. */
export async function loadGpujs(name: string): Promise<GpujsLibrary> {
  try {
    return (await import("gpu.js")) as unknown as GpujsLibrary;
  } catch (error) {
    throw new SpikevineError(`device ${name}: gpu.js is not installed; run "npm install gpu.js"`, { cause: error });
  }
}

/**
 * What a device says that fails in the midst of work: a graphics context that is lost takes everything on it along.
 */
export function deviceFailed(device: string, doing: string, error: unknown): SpikevineError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SpikevineError(
    `device ${device}: ${doing} failed (${reason}); what was on the device is lost: open it again, or go on from a checkpoint.`,
    { cause: error },
  );
}
