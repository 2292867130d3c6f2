import { SpikevineError } from "../../errors.js";
import type { Device, DeviceReport, Plan, Program } from "../contract.js";
import { checkPlan } from "../host/index.js";
import { SimdProgram } from "./run/program.js";
import { widenVectors } from "./wide.js";

export { SimdProgram } from "./run/program.js";

export interface SimdOptions {
  /** Threads that work, the calling one included. Default: one for every core. */
  readonly threads?: number;
  /**
   * 256-bit vectors by an experiment of V8, switched on for the whole process until the last such device is disposed of
   * (see `wide.ts`): the same bits in less time. Needs Node 24 or newer and a processor with AVX2. Default: false.
   */
  readonly wide?: boolean;
}

/** A function with one v128 instruction: the smallest module that only an engine with SIMD accepts. */
const SIMD_MODULE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/**
 * The fast CPU device: kernels in WebAssembly SIMD on memory that threads share, spikes as lists of indices. Results are the
 * same to the bit for any number of threads. Where memory cannot be shared (a page without cross-origin isolation) it runs
 * on one thread and says so.
 *
 * Throws a SpikevineError where there is no WebAssembly SIMD or, with `wide`, no 256-bit vectors, and for `threads` that is not
 * a whole number from 1 to 64.
 */
export async function simdDevice({ threads, wide = false }: SimdOptions = {}): Promise<Device> {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new SpikevineError(`simd: threads is ${threads}; give a whole number from 1 to 64.`);
  }
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(SIMD_MODULE)) {
    throw new SpikevineError("simd: this JavaScript engine has no WebAssembly SIMD; use the reference device.");
  }
  const wanted = threads ?? (await cores());
  const canShare = typeof SharedArrayBuffer !== "undefined";
  const count = canShare ? wanted : 1;
  const report: DeviceReport = {
    name: wide ? "simd:wide" : "simd",
    executor: `WebAssembly SIMD, ${wide ? "256-bit vectors, " : ""}${count} thread${count === 1 ? "" : "s"}`,
    ...(count < wanted
      ? { fallbackReason: "memory cannot be shared between threads here (no SharedArrayBuffer)" }
      : {}),
  };
  const narrow = wide ? await widenVectors() : () => {};
  let isDisposed = false;
  // A program that is disposed of is forgotten: its memory is the engine's to take back while the device stays open.
  const programs = new Set<SimdProgram>();
  return {
    report,
    async compile(plan: Plan): Promise<Program> {
      checkPlan(plan);
      const program = await SimdProgram.compile(plan, { threads: count, shared: count > 1, wide }, () =>
        programs.delete(program),
      );
      programs.add(program);
      return program;
    },
    async dispose() {
      await Promise.all([...programs].map((program) => program.dispose()));
      if (!isDisposed) narrow();
      isDisposed = true;
    },
  };
}

async function cores(): Promise<number> {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency > 0) return navigator.hardwareConcurrency;
  const { availableParallelism } = await import("node:os");
  return availableParallelism();
}
