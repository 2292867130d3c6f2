import { KERNEL_SETTINGS } from "../program/arrays.js";
import type { DeviceHandle, Gpu, GpujsLibrary, NestedRows } from "./library.js";
import { type GpujsMode, hostArrays, kernelModeOf } from "./modes.js";

const WIDTH = 8;
const BODY = `function (numbers, factor) {
  const n = this.thread.x;
  let sum = 0;
  for (let i = 0; i < ${WIDTH}; i++) { sum += numbers[0][0][i] * factor; }
  return sum + Math.exp(numbers[0][0][n]);
}`;

/**
 * Runs a kernel and checks its result and where it ran, since gpu.js replaces an unavailable backend by a slower one
 * without an error. Returns a description of the executor. Throws an Error with the reason if the mode is not the
 * requested one or the result is wrong.
 */
export async function probe(gpu: Gpu, library: GpujsLibrary, mode: GpujsMode): Promise<string> {
  const numbers = Float32Array.from({ length: WIDTH }, (_, index) => index / 4 - 1);
  const kernel = gpu.createKernel(BODY, { ...KERNEL_SETTINGS, output: [WIDTH, 1, 1] });
  try {
    const result = await kernel(new library.Input(numbers, [WIDTH, 1, 1]), 0.1);
    const { constructor: executor, fallbackReason, context } = kernel.kernel;
    if (executor.mode !== kernelModeOf(mode) || (fallbackReason ?? null) !== null) {
      throw new Error(`gpu.js ran a kernel as "${executor.mode}" instead${because(fallbackReason)}`);
    }
    const rows = hostArrays(mode) ? (result as NestedRows) : await readAndDelete(result as DeviceHandle);
    const sum = numbers.reduce((total, number) => total + Math.fround(0.1) * number, 0);
    for (const [n, number] of numbers.entries()) {
      const expected = sum + Math.exp(number);
      const got = rows[0]?.[0]?.[n] ?? Number.NaN;
      if (!(Math.abs(got - expected) < 1e-5 * expected)) {
        throw new Error(`a kernel gave ${got} instead of ${expected}`);
      }
    }
    return describe(mode, context);
  } finally {
    kernel.destroy();
  }
}

const because = (reason: string | null | undefined): string => (reason ? ` (${reason})` : "");

async function readAndDelete(handle: DeviceHandle): Promise<NestedRows> {
  const rows = await handle.toArray();
  handle.delete();
  return rows;
}

/** The part of a GL context or WebGPU device that names the hardware. */
interface NamedContext {
  getExtension?(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter?(name: number): unknown;
  readonly RENDERER?: number;
  readonly adapter?: { readonly info?: { readonly description?: string; readonly vendor?: string } };
}

function describe(mode: GpujsMode, context: unknown): string {
  switch (mode) {
    case "cpu":
      return "gpu.js, plain JavaScript, one thread";
    case "webasm":
      return "gpu.js, WebAssembly, one thread";
    case "webgl2":
    case "headlessgl":
    case "webgpu": {
      const hardware = hardwareOf((context ?? {}) as NamedContext);
      return `gpu.js, ${NAMES[mode]}${hardware === undefined ? "" : ` on ${hardware}`}`;
    }
  }
}

const NAMES = { webgl2: "WebGL 2", headlessgl: "headless OpenGL", webgpu: "WebGPU" } as const;

function hardwareOf(context: NamedContext): string | undefined {
  const { adapter } = context;
  if (adapter !== undefined) return adapter.info?.description || adapter.info?.vendor || undefined;
  const unmasked = context.getExtension?.("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
  const renderer = context.getParameter?.(unmasked ?? context.RENDERER ?? 0);
  return typeof renderer === "string" && renderer !== "" ? renderer : undefined;
}
