import { SpikevineError } from "../../errors.js";

/**
 * V8's experiment: where two neighboring 128-bit instructions of WebAssembly do the same to neighboring data, its optimizing
 * compiler (the first tier never) makes one 256-bit instruction of AVX2 of them. Every lane is rounded as before, so
 * results are the same to the bit. Node 24 is the first whose V8 does it well.
 *
 * It has to be asked for, since an experiment of an engine may go wrong, and since the flag holds for the whole process: all
 * WebAssembly that is optimized while it is on, in every thread and whoever it belongs to, is compiled so.
 */
const FLAG = "experimental-wasm-revectorize";

/** What decides whether this process can have 256-bit vectors. */
export interface Engine {
  /** `process.versions`; nothing in a browser. */
  readonly versions: Readonly<Record<string, string | undefined>> | undefined;
  readonly arch: string;
  /** Text in which Linux lists what the processor can do; elsewhere empty, and AVX2 is claimed for granted. */
  readonly processor: string;
}

/** Why there are no 256-bit vectors here, and what to do about it; nothing if there are. */
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

/** Open devices of this thread that want wide vectors. */
let open = 0;

/**
 * Has V8 make 256-bit vectors of all WebAssembly that it optimizes from here on, until what is returned has been called as
 * often as this. A worker thread leaves the flag on, since it cannot know whether another thread still wants it.
 *
 * Throws a SpikevineError where the engine or the processor cannot.
 */
export async function widenVectors(): Promise<() => void> {
  const problem = whyNotWide(await thisEngine());
  if (problem !== undefined) throw new SpikevineError(`device simd:wide: ${problem}.`);
  const { setFlagsFromString } = await import("node:v8");
  const { isMainThread } = await import("node:worker_threads");
  if (open++ === 0) setFlagsFromString(`--${FLAG}`);
  return () => {
    if (--open === 0 && isMainThread) setFlagsFromString(`--no-${FLAG}`);
  };
}

async function thisEngine(): Promise<Engine> {
  if (typeof process === "undefined") return { versions: undefined, arch: "", processor: "" };
  const { versions, arch, platform } = process;
  if (platform !== "linux") return { versions, arch, processor: "" };
  const { readFile } = await import("node:fs/promises");
  return { versions, arch, processor: await readFile("/proc/cpuinfo", "utf8").catch(() => "") };
}
