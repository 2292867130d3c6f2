import { setFlagsFromString } from "node:v8";
import { describe, test } from "vitest";
import { simdDevice } from "#spikevine/src/device/simd/index";

/** Reason why 256-bit vectors are not available here; undefined if they are. */
export const refusal: Error | undefined = await simdDevice({ wide: true }).then(
  (device) => device.dispose().then(() => undefined),
  (error: unknown) => error as Error,
);

/**
 * Tests that need 256-bit vectors. Without them they are skipped with the reason, or fail if SPIKEVINE_REQUIRE_WIDE is 1.
 *
 * Short tests end before V8 optimizes anything by itself, and code of its first tier is never widened, so `flags` force
 * it. They hold for the process: vitest runs every file in its own process (forks).
 */
export function describeWide(name: string, flags: readonly string[], body: () => void): void {
  if (refusal === undefined) {
    for (const flag of flags) setFlagsFromString(flag);
    describe(name, { timeout: 120_000 }, body);
  } else if (process.env.SPIKEVINE_REQUIRE_WIDE === "1") {
    test(name, () => {
      throw refusal;
    });
  } else test.skip(`${name}: ${refusal.message}`, () => {});
}
