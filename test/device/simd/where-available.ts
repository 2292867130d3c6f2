import { setFlagsFromString } from "node:v8";
import { describe, test } from "vitest";
import { type SimdOptions, simdDevice } from "#spikevine/src/device/simd/index";

const refusalOf = (options: SimdOptions): Promise<Error | undefined> =>
  simdDevice(options).then(
    (device) => device.dispose().then(() => undefined),
    (error: unknown) => error as Error,
  );

/** Reasons why 256-bit vectors and fused arithmetic are not available here; undefined if they are. */
export const wideRefusal: Error | undefined = await refusalOf({ wide: true });
export const fusedRefusal: Error | undefined = await refusalOf({ fused: true });

/**
 * Tests of a device that not every engine has. Without it they are skipped with the reason, or fail if the environment
 * requires it.
 *
 * Short tests end before V8 optimizes anything by itself, and code of its first tier is never widened, so `flags` force
 * it. They hold for the process: vitest runs every file in its own process (forks).
 */
const describeWhere =
  (refusal: Error | undefined, required: boolean) =>
  (name: string, flags: readonly string[], body: () => void): void => {
    if (refusal === undefined) {
      for (const flag of flags) setFlagsFromString(flag);
      describe(name, { timeout: 120_000 }, body);
    } else if (required) {
      test(name, () => {
        throw refusal;
      });
    } else test.skip(`${name}: ${refusal.message}`, () => {});
  };

/** Tests that need 256-bit vectors; they fail without them if SPIKEVINE_REQUIRE_WIDE is 1. */
export const describeWide = describeWhere(wideRefusal, process.env.SPIKEVINE_REQUIRE_WIDE === "1");
/** Tests that need fused arithmetic; they fail without it if SPIKEVINE_REQUIRE_FUSED is 1. */
export const describeFused = describeWhere(fusedRefusal, process.env.SPIKEVINE_REQUIRE_FUSED === "1");
