import { callback, either, fields, made, optional, signature, text, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { unknownName } from "../nearest-name.js";
import type { Device } from "./contract.js";

export interface DeviceOptions {
  /** Worker threads of `simd`, `simd:wide` and `simd:fused`, including the main thread. Default: one per core. */
  threads?: number;
  /** Receives one sentence if the device has fewer threads, with the reason. */
  onWarning?(message: string): void;
}

/** Device option: its name, or an open device. */
export const DEVICE = either(text("the name of a device"), made("an open device", "compile", "dispose"));

/** Worker threads of a device. */
export const THREADS = whole(1, 64);

/** Refuses a number of threads beside an open device, whose threads run already. */
export function refuseThreads(where: string, device: Device | string | undefined, threads: number | undefined): void {
  if (typeof device !== "object" || threads === undefined) return;
  throw new SpikevineError(
    `${where}: threads is ${threads}, and device is open already; give threads to openDevice, or the name of a device.`,
  );
}

const check = signature("device", {
  name: optional(text("the name of a device")),
  options: fields<DeviceOptions>({ threads: optional(THREADS), onWarning: optional(callback()) }, { root: "options" }),
});

/** Factory of one kind of device; its code is loaded on use. */
interface DeviceEntry {
  readonly name: string;
  readonly summary: string;
  /** True if `auto` never selects it. */
  readonly onlyByName?: true;
  /** Name of the device whose results are the same bits, if it has another name. */
  readonly bitsOf?: string;
  open(options: DeviceOptions): Promise<Device>;
}

const gpujs = (mode: "webgpu" | "webgl2" | "headlessgl" | "webasm" | "cpu", summary: string): DeviceEntry => ({
  name: `gpujs:${mode}`,
  summary,
  open: async () => (await import("./gpujs/index.js")).gpujsDevice({ mode }),
});

/** All devices, in the order in which `auto` tries them. */
const DEVICES: readonly DeviceEntry[] = [
  {
    name: "simd",
    summary: "WebAssembly SIMD on shared memory, one thread per core; spikes as index lists",
    open: async (options) => (await import("./simd/index.js")).simdDevice(options),
  },
  {
    name: "simd:wide",
    summary: "simd with 256-bit vectors, an experiment of V8 (Node 24 or newer, AVX2)",
    onlyByName: true,
    bitsOf: "simd",
    open: async (options) => (await import("./simd/index.js")).simdDevice({ ...options, wide: true }),
  },
  {
    name: "simd:fused",
    summary: "simd with fused products and sums, which round once: other results (Node 22 or newer)",
    onlyByName: true,
    open: async (options) => (await import("./simd/index.js")).simdDevice({ ...options, fused: true }),
  },
  gpujs("webgpu", "gpu.js on WebGPU"),
  gpujs("webgl2", "gpu.js on WebGL 2 (browsers)"),
  gpujs("headlessgl", "gpu.js on headless OpenGL (Node, needs the gl package and a display)"),
  gpujs("webasm", "gpu.js's own WebAssembly"),
  gpujs("cpu", "gpu.js in plain JavaScript"),
  {
    name: "reference",
    summary: "simple JavaScript: the reference implementation",
    open: async () => (await import("./reference/index.js")).referenceDevice({ precision: "single" }),
  },
];

/** Names that `openDevice` accepts besides "auto". */
export const deviceNames: readonly string[] = DEVICES.map((d) => d.name);

/**
 * Name of the device that a run must have used to give the same bits: `simd` for `simd:wide`, which only computes them
 * faster. All other devices have bits of their own.
 */
export const bitsOf = (name: string): string => DEVICES.find((device) => device.name === name)?.bitsOf ?? name;

export interface OpenedDevice {
  readonly device: Device;
  /** Reason for the choice: requested by name, or the devices that were tried before and refused. */
  readonly why: string;
}

/**
 * Opens a device by name, or with "auto" the first available one. `simd` comes first: event-driven sums over spikes
 * are faster than every dense kernel that we have measured. `spikevine doctor` measures all devices on this machine.
 * @throws SpikevineError if the name is unknown or the device is not available. A named device is never replaced by
 * another.
 */
export async function openDevice(name = "auto", options: DeviceOptions = {}): Promise<OpenedDevice> {
  check([name, options]);
  if (name !== "auto") {
    const entry = DEVICES.find((d) => d.name === name);
    if (entry === undefined) throw unknownName("device", name, ["auto", ...deviceNames]);
    return { device: await entry.open(options), why: "requested by name" };
  }
  const refused: string[] = [];
  for (const entry of DEVICES.filter((d) => !d.onlyByName)) {
    try {
      const device = await entry.open(options);
      const why = refused.length === 0 ? "the fastest available device" : `after ${refused.join("; ")}`;
      return { device, why };
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      refused.push(error.message);
    }
  }
  throw new SpikevineError(`device: none could be opened: ${refused.join("; ")}`);
}

/** All devices with a one-line description, in the order of `auto` (which never selects `simd:wide` and `simd:fused`). */
export function listDevices(): readonly { name: string; summary: string }[] {
  return DEVICES.map(({ name, summary }) => ({ name, summary }));
}
