import { atomics, i64Const } from "../../../../device/simd/wasm/atomics.js";
import { type Code, TYPE } from "../../../../device/simd/wasm/encoding.js";
import { call, drop, get, i32, leave, set } from "../../../../device/simd/wasm/instructions.js";
import type { ModuleBuilder } from "../../../../device/simd/wasm/module.js";
import { CONTROL } from "./control.js";
import type { Thread } from "./ranges.js";

/** Looks at the counter before a thread sleeps: some ten microseconds, longer than threads with equal work differ. */
const SPINS = 4000;
/** Nanoseconds between two looks of a sleeping thread. */
const SLEEP = 20_000_000;
/** Sleeps without a barrier passed, after which the other threads count as failed: one minute, in which no step takes place. */
const MOST_SLEEPS = 3000;
/** As long without sleep, of a page's main thread. */
const MOST_SPINS = 2 ** 31;

const word = i32.const(0);
/** A wait that has timed out. */
const TIMED_OUT = i32.const(2);

/**
 * Adds the function at which all threads wait for each other. It gives 1 if a thread has failed, which it does at once from
 * then on.
 */
export function addBarrier(module: ModuleBuilder, threads: number): (thread: Thread) => Code {
  const barrier = module.function({ parameters: [TYPE.i32], results: [TYPE.i32] }, (f, number) => {
    const passed = f.let(TYPE.i32, atomics.load(CONTROL.passed, word));
    const left = f.i32();
    f.if(atomics.load(CONTROL.failed, word), () => f.emit(leave(i32.const(1))));
    f.if(i32.eq(atomics.add(CONTROL.arrived, word, i32.const(1)), i32.const(threads - 1)), () => {
      f.emit(atomics.store(CONTROL.arrived, word, i32.const(0)));
      f.emit(atomics.store(CONTROL.passed, word, i32.add(get(passed), i32.const(1))));
      f.emit(drop(atomics.notify(CONTROL.passed, word, i32.const(threads))));
      f.emit(leave(atomics.load(CONTROL.failed, word)));
    });
    const isClosed = i32.eq(atomics.load(CONTROL.passed, word), get(passed));
    f.emit(set(left, i32.const(SPINS)));
    f.while(i32.and(isClosed, i32.ne(get(left), i32.const(0))), () => {
      f.emit(set(left, i32.sub(get(left), i32.const(1))));
    });
    const maySleep = i32.or(get(number!), atomics.load(CONTROL.maySleep, word));
    const giveUp = (): void => f.emit(atomics.store(CONTROL.failed, word, i32.const(1)), leave(i32.const(1)));
    const leaveIfFailed = (): void => f.if(atomics.load(CONTROL.failed, word), () => f.emit(leave(i32.const(1))));
    const countDown = (most: number): void => {
      f.emit(set(left, i32.add(get(left), i32.const(1))));
      f.if(i32.geU(get(left), i32.const(most)), giveUp);
    };
    f.ifElse(
      i32.ne(maySleep, i32.const(0)),
      () => {
        f.while(isClosed, () => {
          leaveIfFailed();
          const outcome = atomics.wait(CONTROL.passed, word, get(passed), i64Const(SLEEP));
          f.if(i32.eq(outcome, TIMED_OUT), () => countDown(MOST_SLEEPS));
        });
      },
      () => {
        f.while(isClosed, () => {
          leaveIfFailed();
          countDown(MOST_SPINS);
        });
      },
    );
    f.emit(atomics.load(CONTROL.failed, word));
  });
  return ({ number }) => call(barrier, get(number));
}
