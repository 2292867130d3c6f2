import { isNode } from "../../in-node.js";

/**
 * V8's experiment: if two neighboring 128-bit instructions of WebAssembly apply the same operation to neighboring
 * data, the optimizing compiler (never the first tier) merges them into one 256-bit AVX2 instruction. Every lane is
 * rounded as before, so results are bit-identical. Node 24 is the first release whose V8 does this well.
 *
 * It must be requested explicitly, since an experiment of an engine may fail, and since the flag holds for the whole
 * process: all WebAssembly that any thread optimizes meanwhile is compiled in this way.
 */
const FLAG = "experimental-wasm-revectorize";

/** Facts that decide whether this process can use 256-bit vectors. */
export interface Engine {
  /** `process.versions`; undefined in a browser. */
  readonly versions: Readonly<Record<string, string | undefined>> | undefined;
  readonly arch: string;
  /** Linux's list of processor features; empty elsewhere, and AVX2 is then assumed. */
  readonly processor: string;
}

/** Reason why 256-bit vectors are not available, with the fix; undefined if they are. */
export function whyNotWide({ versions, arch, processor }: Engine): string | undefined {
  if (versions?.node === undefined || versions.bun !== undefined || versions.deno !== undefined) {
    return "256-bit vectors need Node's flags of V8; run it in Node 24 or newer, or use the device simd";
  }
  if (Number.parseInt(versions.node, 10) < 24) {
    return `the V8 of Node ${versions.node} cannot make 256-bit vectors of WebAssembly; install Node 24 or newer, or use the device simd`;
  }
  if (arch !== "x64") return `256-bit vectors need an x64 processor, and this one is ${arch}; use the device simd`;
  if (processor !== "" && !/\bavx2\b/.test(processor)) {
    return "256-bit vectors need AVX2, which this processor does not have; use the device simd";
  }
  return undefined;
}

/** Open devices of this thread that use wide vectors. */
let open = 0;

/**
 * Makes V8 use 256-bit vectors for all WebAssembly that it optimizes from now on, until each returned release function
 * has been called. A worker thread leaves the flag set, since it cannot know whether another thread still needs it.
 * `whyNotWide` of this engine must be undefined.
 */
export function widenVectors(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  const { isMainThread } = process.getBuiltinModule("node:worker_threads");
  if (open++ === 0) setFlagsFromString(`--${FLAG}`);
  return () => {
    if (--open === 0 && isMainThread) setFlagsFromString(`--no-${FLAG}`);
  };
}

/** The engine and the processor that run this process. */
export async function thisEngine(): Promise<Engine> {
  if (!isNode) return { versions: undefined, arch: "", processor: "" };
  const { versions, arch, platform } = process;
  if (platform !== "linux") return { versions, arch, processor: "" };
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  return { versions, arch, processor: await readFile("/proc/cpuinfo", "utf8").catch(() => "") };
}
