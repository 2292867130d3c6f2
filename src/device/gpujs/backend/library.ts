import { SpikevineError } from "../../../errors.js";

/**
 * The part of gpu.js that this device uses. gpu.js's own typings have gaps (`Input` is declared as a type only and
 * accepts no typed arrays), and an optional package must not appear in our declarations. So it is cast here, and only
 * here.
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
  /** Context of WebGL, after a kernel has run. */
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

/** A compiled kernel. Some backends return at once and others a promise: always await. */
export interface GpuKernel {
  (...given: readonly unknown[]): unknown;
  /** Actual executor: if a backend cannot run a kernel, it silently becomes a CPU kernel and is reported only here. */
  readonly kernel: {
    readonly constructor: { readonly mode?: string };
    readonly fallbackReason?: string | null;
    readonly context?: unknown;
  };
  destroy(): void;
}

/** A result that stays on the device; the array backends (`cpu`, `webasm`) return nested arrays instead. */
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

/** Error of a device that fails during work: a lost graphics context loses all data on it. */
export function deviceFailed(device: string, doing: string, error: unknown): SpikevineError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SpikevineError(
    `device ${device}: ${doing} failed (${reason}); all data on the device is lost: open it again, or resume from a checkpoint.`,
    { cause: error },
  );
}
