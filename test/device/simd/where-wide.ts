import { setFlagsFromString } from "node:v8";
import { describe, test } from "vitest";
import { simdDevice } from "#spikevine/src/device/simd/index";

/** Why there are no 256-bit vectors here; nothing if there are. */
export const refusal: Error | undefined = await simdDevice({ wide: true }).then(
  (device) => device.dispose().then(() => undefined),
  (error: unknown) => error as Error,
);

/**
 * Tests for where 256-bit vectors are. Elsewhere they are skipped with the reason, or fail if SPIKEVINE_REQUIRE_WIDE is 1.
 *
 * Short tests end before V8 optimizes anything by itself, and code of its first tier is never widened, so `flags` have to
 * make it do so. They hold for the process: vitest gives every file one of its own (its forks).
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
