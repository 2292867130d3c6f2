import type { GpuClass } from "./library.js";

/** Modes in which gpu.js runs kernels, the fastest first. */
export const GPUJS_MODES = ["webgpu", "webgl2", "headlessgl", "webasm", "cpu"] as const;

export type GpujsMode = (typeof GPUJS_MODES)[number];

/** Modes that run on a graphics processor (or on a driver that emulates one). */
export const GRAPHICS_MODES = ["webgpu", "webgl2", "headlessgl"] as const satisfies readonly GpujsMode[];

/** True if gpu.js keeps results in JavaScript arrays. */
export const hostArrays = (mode: GpujsMode): boolean => mode === "webasm" || mode === "cpu";

/** gpu.js's name for the mode of a kernel that runs there: all its GL backends report `gpu`. */
export const kernelModeOf = (mode: GpujsMode): string => (mode === "webgl2" || mode === "headlessgl" ? "gpu" : mode);

/** Maximum number of arrays per kernel: WebGPU binds eight, including the result; WebGL has sixteen texture units. */
export function arrayLimitOf(mode: GpujsMode): number {
  if (hostArrays(mode)) return Number.POSITIVE_INFINITY;
  return mode === "webgpu" ? 7 : 16;
}

/** Reason why a mode is not available, with the fix, or undefined if gpu.js reports it as available. */
export async function whyUnavailable(mode: GpujsMode, gpu: GpuClass): Promise<string | undefined> {
  switch (mode) {
    case "cpu":
      return undefined;
    case "webasm":
      return gpu.isWebAssemblySupported ? undefined : "this JavaScript engine has no WebAssembly; use gpujs:cpu";
    case "headlessgl":
      return gpu.isHeadlessGLSupported ? undefined : whyNoHeadlessGl();
    case "webgl2":
      if (gpu.isWebGL2Supported) return undefined;
      return isNode
        ? "WebGL 2 is available in browsers only; use gpujs:headlessgl or gpujs:webasm in Node"
        : "this browser gives no WebGL 2 context; enable hardware acceleration or use gpujs:webasm";
    case "webgpu":
      if (await gpu.isWebGPUAvailable()) return undefined;
      return isNode
        ? "Node has no navigator.gpu; provide one (a WebGPU package for Node and a Vulkan driver) or use gpujs:webasm"
        : "this browser gives no WebGPU adapter; enable WebGPU or use gpujs:webgl2";
  }
}

const isNode = typeof process !== "undefined" && process.versions?.node !== undefined;

function whyNoHeadlessGl(): string {
  if (!isNode) return "headless GL is available in Node only; use gpujs:webgl2 in a browser";
  if (process.platform === "linux" && !process.env.DISPLAY) {
    return 'headless GL needs an X display; run under "xvfb-run -a", with the gl package built';
  }
  return 'the gl package is missing or gives no context; run "npm install gl@8.1.6" (it may have to be compiled)';
}
