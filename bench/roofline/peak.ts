import { TYPE } from "../../src/device/simd/wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../src/device/simd/wasm/instructions.js";
import { type FunctionBuilder, ModuleBuilder } from "../../src/device/simd/wasm/module.js";

/** Peak performance of one core of this machine with 128-bit WebAssembly, measured with dedicated kernels. */
export interface Peak {
  /** Multiplications and additions, GFLOP/s. */
  readonly arithmetic: number;
  /** Reading, GB/s, from the first and second level of cache and from memory. */
  readonly readL1: number;
  readonly readL2: number;
  readonly readMemory: number;
  /** a = b + s c, GB/s of all three arrays, in the second level of cache and in memory. */
  readonly triadL2: number;
  readonly triadMemory: number;
}

const MIB = 2 ** 20;
const PAGE = 65536;
/** Sizes in bytes that certainly fit a level of cache, or none. */
const SIZES = { L1: 16 * 1024, L2: 256 * 1024, memory: 192 * MIB } as const;

/** Independent chains of each kind: enough to hide their latency, few enough for sixteen registers. */
const CHAINS = 7;
const UNROLLED = 8;

/** `arithmetic(iterations)`: 2 * CHAINS * UNROLLED vector operations per iteration, half products and half sums. */
function arithmetic(f: FunctionBuilder, iterations: number): void {
  const products = Array.from({ length: CHAINS }, () => f.let(TYPE.v128, f32x4.const(1)));
  const sums = Array.from({ length: CHAINS }, () => f.let(TYPE.v128, f32x4.const(0)));
  f.range(i32.const(0), get(iterations), 1, () => {
    for (let i = 0; i < UNROLLED; i++) {
      for (const p of products) f.emit(set(p, f32x4.mul(get(p), get(p))));
      for (const s of sums) f.emit(set(s, f32x4.add(get(s), get(s))));
    }
  });
  keepAlive(f, [...products, ...sums]);
}

/**
 * `read(bytes, repetitions)`: loads memory from address 64 on. Values are combined bitwise, not added, so that only loading
 * takes time.
 */
function read(f: FunctionBuilder, bytes: number, repetitions: number): void {
  const joined = Array.from({ length: 4 }, () => f.v128());
  f.range(i32.const(0), get(repetitions), 1, () => {
    f.range(i32.const(64), i32.add(get(bytes), i32.const(64)), 256, (at) => {
      for (let i = 0; i < 16; i++) {
        const j = joined[i % joined.length]!;
        f.emit(set(j, v128.or(get(j), v128.load(16 * i, get(at)))));
      }
    });
  });
  keepAlive(f, joined);
}

/** `triad(bytes, repetitions)`: a = b + s c, each array a third of the bytes. */
function triad(f: FunctionBuilder, bytes: number, repetitions: number): void {
  const b = f.i32();
  const c = f.i32();
  f.range(i32.const(0), get(repetitions), 1, () => {
    f.emit(set(b, i32.add(get(bytes), i32.const(64))), set(c, i32.add(get(b), get(bytes))));
    f.range(i32.const(64), i32.add(get(bytes), i32.const(64)), 64, (a) => {
      for (const offset of [0, 16, 32, 48]) {
        const scaled = f32x4.mul(f32x4.const(0.5), v128.load(offset, get(c)));
        f.emit(v128.store(offset, get(a), f32x4.add(v128.load(offset, get(b)), scaled)));
      }
      f.emit(set(b, i32.add(get(b), i32.const(64))), set(c, i32.add(get(c), i32.const(64))));
    });
  });
}

/** Stores the result, so that the compiler does not remove the computation. */
function keepAlive(f: FunctionBuilder, values: readonly number[]): void {
  const sum = values.map(get).reduce((a, b) => f32x4.add(a, b));
  f.emit(v128.store(0, i32.const(0), sum));
}

type Kernel = (first: number, repetitions?: number) => void;

async function compile(pages: number): Promise<Record<"arithmetic" | "read" | "triad", Kernel>> {
  const { i32: word } = TYPE;
  const module = new ModuleBuilder();
  module.function({ parameters: [word], results: [] }, arithmetic, "arithmetic");
  module.function({ parameters: [word, word], results: [] }, read, "read");
  module.function({ parameters: [word, word], results: [] }, triad, "triad");
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  // Pages that were never written share one page of zeros, which stays in the cache.
  new Uint8Array(memory.buffer).fill(1);
  const { instance } = await WebAssembly.instantiate(module.encode(pages, false), { host: { memory } });
  return instance.exports as Record<"arithmetic" | "read" | "triad", Kernel>;
}

/** Largest work per second of any call of `run` in `milliseconds`: the least disturbed call reaches the peak. */
function fastest(milliseconds: number, work: number, run: () => void): number {
  const end = performance.now() + milliseconds;
  let least = Number.POSITIVE_INFINITY;
  do {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  } while (performance.now() < end);
  return (work / least) * 1000;
}

/** @param milliseconds Of each of the measurements; the first part of each is spent in V8's baseline compiler. */
export async function measurePeak(milliseconds: number): Promise<Peak> {
  const kernels = await compile(Math.ceil((SIZES.memory + PAGE) / PAGE));
  const iterations = 20_000;
  const flops = iterations * UNROLLED * 2 * CHAINS * 4;
  // About 64 MiB per call, for any size of the array.
  const reading = (bytes: number): number => {
    const repetitions = Math.max(1, Math.round((64 * MIB) / bytes));
    return fastest(milliseconds, (bytes * repetitions) / 1e9, () => kernels.read(bytes, repetitions));
  };
  const streaming = (bytes: number): number => {
    const third = Math.floor(bytes / 3 / 64) * 64;
    const repetitions = Math.max(1, Math.round((64 * MIB) / bytes));
    return fastest(milliseconds, (3 * third * repetitions) / 1e9, () => kernels.triad(third, repetitions));
  };
  return {
    arithmetic: fastest(milliseconds, flops / 1e9, () => kernels.arithmetic(iterations)),
    readL1: reading(SIZES.L1),
    readL2: reading(SIZES.L2),
    readMemory: reading(SIZES.memory),
    triadL2: streaming(SIZES.L2),
    triadMemory: streaming(SIZES.memory),
  };
}
