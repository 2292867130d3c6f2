import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import { bitsOf, type DeviceOptions, type OpenedDevice, openDevice } from "../../device/index.js";
import { SpikevineError } from "../../errors.js";
import { givesBitsOfSimd } from "./self-test.js";

const WIDE = "simd:wide";

/** Key of the verdict in the data that Node copies to new threads. */
const VERDICT = "spikevine: why auto does not take simd:wide";

/**
 * Opens a device of a command. `auto` takes `simd:wide` if a self-test finds the bits of `simd`, else the device that
 * the library's `auto` takes.
 * @throws SpikevineError as `openDevice`
 */
export async function openFastest(name: string, options: DeviceOptions = {}): Promise<OpenedDevice> {
  if (name !== "auto") return openDevice(name, options);
  const refusal = await whyNotWide();
  if (refusal !== "") {
    const { device, why } = await openDevice(name, options);
    return { device, why: `${why}; not ${WIDE}: ${refusal}` };
  }
  const { device } = await openDevice(WIDE, options);
  return { device, why: "the fastest available device; a self-test found the bits of simd" };
}

/**
 * Opens the device of an earlier run, or where it is not available the one whose bits it gives.
 * @throws SpikevineError if neither is available
 */
export async function openAgain(name: string, options: DeviceOptions = {}): Promise<OpenedDevice> {
  try {
    return { ...(await openDevice(name, options)), why: "the device of the run" };
  } catch (error) {
    if (!(error instanceof SpikevineError) || bitsOf(name) === name) throw error;
    const { device } = await openDevice(bitsOf(name), options);
    return { device, why: `the same bits as ${name}, the device of the run` };
  }
}

/**
 * Reason why `auto` does not take `simd:wide`; empty if it does. The self-test changes flags of the process, so only
 * the main thread runs it, once, and threads that start later receive its verdict.
 */
export async function whyNotWide(): Promise<string> {
  const known = getEnvironmentData(VERDICT);
  if (typeof known === "string") return known;
  if (!isMainThread) return "the main thread has not tested it";
  const verdict = await test();
  setEnvironmentData(VERDICT, verdict);
  return verdict;
}

async function test(): Promise<string> {
  try {
    return (await givesBitsOfSimd(WIDE)) ? "" : "a self-test found other bits than those of simd";
  } catch (error) {
    if (!(error instanceof SpikevineError)) throw error;
    return error.message
      .replace(/^device simd:wide: /, "")
      .replace(/[,;] (or )?(use the device simd)?\.$/, "")
      .replace(/\.$/, "");
  }
}
