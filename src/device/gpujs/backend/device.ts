import { SpikevineError } from "../../../errors.js";
import { unknownName } from "../../../nearest-name.js";
import type { Device, DeviceReport, Plan } from "../../contract.js";
import { checkMemory, checkPlan } from "../../host/index.js";
import { GpujsProgram } from "../program/program.js";
import type { Backend } from "./backend.js";
import { type GpujsLibrary, loadGpujs } from "./library.js";
import {
  arrayLimitOf,
  GPUJS_MODES,
  type GpujsMode,
  GRAPHICS_MODES,
  hostArrays,
  kernelModeOf,
  whyUnavailable,
} from "./modes.js";
import { probe } from "./probe.js";

export interface GpujsOptions {
  /** Mode that runs kernels; `gpu` selects the first available graphics mode. */
  readonly mode: GpujsMode | "gpu";
  /** gpu.js itself, if it cannot be imported by name: a page's `GPU` class, or the module. */
  readonly gpujs?: object;
  /** Maximum number of steps in one array; for tests and measurements. */
  readonly longestChunk?: number;
}

export interface GpujsDevice extends Device {
  compile(plan: Plan): Promise<GpujsProgram>;
}

/**
 * The gpu.js device: every operation of the contract as gpu.js kernels, except those that the host computes. It runs
 * only in the requested mode; there is no fallback.
 *
 * Throws a SpikevineError for an unknown mode, if gpu.js is not installed, and if the mode is not available.
 */
export async function gpujsDevice({ mode, gpujs, longestChunk }: GpujsOptions): Promise<GpujsDevice> {
  const name = `gpujs:${mode}`;
  if (mode !== "gpu" && !GPUJS_MODES.includes(mode)) throw unknownName("gpu.js mode", mode, ["gpu", ...GPUJS_MODES]);
  const library = gpujs === undefined ? await loadGpujs(name) : (gpujs as GpujsLibrary);
  const { backend, executor } = await openBackend(name, mode, library);
  const report: DeviceReport = { name, executor };
  return {
    report,
    async compile(plan) {
      checkPlan(plan);
      await checkMemory(plan, name, 4);
      return new GpujsProgram(plan, backend, longestChunk);
    },
    async dispose() {
      await backend.gpu.destroy();
    },
  };
}

interface OpenedBackend {
  readonly backend: Backend;
  readonly executor: string;
}

async function openBackend(name: string, mode: GpujsMode | "gpu", library: GpujsLibrary): Promise<OpenedBackend> {
  const reasons: string[] = [];
  for (const candidate of mode === "gpu" ? GRAPHICS_MODES : [mode]) {
    const opened = await tryMode(name, candidate, library);
    if (typeof opened !== "string") return opened;
    reasons.push(mode === "gpu" ? `${candidate}: ${opened}` : opened);
  }
  throw new SpikevineError(`device ${name}: not available: ${reasons.join("; ")}.`);
}

/** The opened mode, or the reason why it is not available. */
async function tryMode(name: string, mode: GpujsMode, library: GpujsLibrary): Promise<OpenedBackend | string> {
  const reason = await whyUnavailable(mode, library.GPU);
  if (reason !== undefined) return reason;
  const gpu = new library.GPU({ mode });
  try {
    const executor = await probe(gpu, library, mode);
    const kind = { kernelMode: kernelModeOf(mode), hostArrays: hostArrays(mode), arrayLimit: arrayLimitOf(mode) };
    return { backend: { name, gpu, library, ...kind }, executor };
  } catch (error) {
    await gpu.destroy();
    return error instanceof Error ? error.message : String(error);
  }
}

export interface GpujsModeReport {
  readonly mode: GpujsMode;
  readonly available: boolean;
  /** Actual executor, if the mode is available. */
  readonly executor?: string;
  /** Reason why it is not available, and the fix. */
  readonly reason?: string;
}

/** All modes of gpu.js, tried on this machine. Throws a SpikevineError if gpu.js is not installed. */
export async function listGpujsModes(gpujs?: object): Promise<GpujsModeReport[]> {
  const library = gpujs === undefined ? await loadGpujs("gpujs") : (gpujs as GpujsLibrary);
  const reports: GpujsModeReport[] = [];
  for (const mode of GPUJS_MODES) {
    const opened = await tryMode(`gpujs:${mode}`, mode, library);
    if (typeof opened === "string") reports.push({ mode, available: false, reason: opened });
    else {
      reports.push({ mode, available: true, executor: opened.executor });
      await opened.backend.gpu.destroy();
    }
  }
  return reports;
}
