import { SpikevineError } from "../../errors.js";
import { coreCount } from "../../thread.js";
import type { Device, DeviceReport, Plan, Program } from "../contract.js";
import { checkPlan } from "../host/index.js";
import { whyNotFusedHere } from "./fused.js";
import { SimdProgram } from "./run/program.js";
import { thisEngine, whyNotWide, widenVectors } from "./wide.js";

export { SimdProgram } from "./run/program.js";

export interface SimdOptions {
  /** Number of threads, including the calling one. Default: one per core. */
  readonly threads?: number;
  /** Receives one sentence if there are fewer threads, with the reason. */
  onWarning?(message: string): void;
  /**
   * 256-bit vectors by an experiment of V8, enabled for the whole process until the last such device is disposed of
   * (see `wide.ts`): bit-identical results in less time. Needs Node 24 or newer and a processor with AVX2. Default:
   * false.
   */
  readonly wide?: boolean;
  /**
   * Fused arithmetic: products are added to sums in one instruction, which rounds once (see `fused.ts`). Results are
   * not those of `simd`. Uses 256-bit vectors where `wide` can. Needs relaxed SIMD (Node 22 or newer) and a processor
   * with fused arithmetic. Default: false.
   */
  readonly fused?: boolean;
}

/** A function with one v128 instruction: the smallest module that only an engine with SIMD accepts. */
const SIMD_MODULE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/**
 * The fast CPU device: kernels in WebAssembly SIMD on memory that threads share, spikes as index lists. Results are
 * bit-identical for any number of threads. If memory cannot be shared (a page without cross-origin isolation) or a worker
 * cannot start, it runs on one thread and reports the reason.
 *
 * Throws a SpikevineError without WebAssembly SIMD or, with `wide`, without 256-bit vectors or, with `fused`, without
 * fused arithmetic, and for `threads` that is not a whole number from 1 to 64.
 */
export async function simdDevice(options: SimdOptions = {}): Promise<Device> {
  const { threads, wide = false, fused = false, onWarning } = options;
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new SpikevineError(`simd: threads is ${threads}; give a whole number from 1 to 64.`);
  }
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(SIMD_MODULE)) {
    throw new SpikevineError("simd: this JavaScript engine has no WebAssembly SIMD; use the reference device.");
  }
  const wanted = threads ?? coreCount();
  const canShare = typeof SharedArrayBuffer !== "undefined";
  const notWide = wide || fused ? whyNotWide(await thisEngine()) : undefined;
  if (wide && notWide !== undefined) throw new SpikevineError(`device simd:wide: ${notWide}.`);
  const notFused = fused ? await whyNotFusedHere() : undefined;
  if (notFused !== undefined) throw new SpikevineError(`device simd:fused: ${notFused}.`);
  const isWide = (wide || fused) && notWide === undefined;
  const name = fused ? "simd:fused" : wide ? "simd:wide" : "simd";
  const vectors = ["WebAssembly SIMD", ...(fused ? ["fused arithmetic"] : []), ...(isWide ? ["256-bit vectors"] : [])];
  const reportOf = (threads: number): DeviceReport => ({
    name,
    executor: [...vectors, `${threads} thread${threads === 1 ? "" : "s"}`].join(", "),
    threads,
  });
  let report = reportOf(canShare ? wanted : 1);
  const runAlone = (reason: string): void => {
    if (report.fallbackReason !== undefined) return;
    report = { ...reportOf(1), fallbackReason: reason };
    onWarning?.(`device ${name} has one thread instead of ${wanted}: ${reason}.`);
  };
  if (!canShare && wanted > 1) runAlone("memory cannot be shared between threads here (no SharedArrayBuffer)");
  const narrow = isWide ? widenVectors() : () => {};
  let isDisposed = false;
  // A disposed program is removed, so that the engine can free its memory while the device stays open.
  const programs = new Set<SimdProgram>();
  return {
    get report() {
      return report;
    },
    async compile(plan: Plan): Promise<Program> {
      checkPlan(plan);
      const { threads = 1 } = report;
      const target = { threads, shared: threads > 1, wide: isWide, fused };
      const program = await SimdProgram.compile(
        plan,
        target,
        () => programs.delete(program),
        (reason) => runAlone(`a worker could not start (${reason})`),
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
