import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { compare, SINGLE, type Tolerance } from "./compare.js";
import { batching, repeating, streaming } from "./invariances.js";
import { libraryCases } from "./library-cases.js";
import { measureLimits } from "./limits.js";
import { networkCase } from "./network-case.js";
import { networkCases } from "./network-cases.js";
import { observe } from "./observe.js";
import { operationCases } from "./operation-cases.js";
import { randomNetwork } from "./random-network.js";
import { BAD_PLANS, BAD_RUNS, GOOD_PLAN, refusal } from "./refusals.js";

export interface ConformanceOptions {
  readonly tolerance?: Tolerance;
  /** Random networks to try; the seed is fixed. */
  readonly randomNetworks?: number;
  /** Milliseconds that one test may take. */
  readonly timeout?: number;
}

/** The tests that every device has to pass: its numbers are those of the reference in double precision. */
export function conformance(name: string, makeDevice: () => Promise<Device>, options: ConformanceOptions = {}): void {
  const { tolerance = SINGLE, randomNetworks = 25, timeout = 30_000 } = options;
  describe(`conformance of ${name}`, { timeout }, () => {
    let reference: Device;
    let device: Device;
    beforeAll(async () => {
      reference = await referenceDevice({ precision: "double" });
      device = await makeDevice();
    }, timeout);
    afterAll(async () => {
      await device?.dispose();
      await reference.dispose();
    });

    test.each(operationCases().map((each) => [each.name, each] as const))("%s", async (_, each) => {
      expect(compare(await observe(reference, each), await observe(device, each), tolerance)).toEqual([]);
    });

    test.each(networkCases().map((each) => [each.name, each] as const))("training: %s", async (_, each) => {
      expect(compare(await observe(reference, each), await observe(device, each), tolerance)).toEqual([]);
    });

    test.each(libraryCases().map((each) => [each.name, each] as const))("%s", async (_, each) => {
      expect(compare(await observe(reference, each), await observe(device, each), tolerance)).toEqual([]);
    });

    test("training of random networks", async () => {
      const property = fc.asyncProperty(randomNetwork, async (spec) => {
        const each = networkCase("random", spec);
        expect(compare(await observe(reference, each), await observe(device, each), tolerance)).toEqual([]);
      });
      await fc.assert(property, { numRuns: randomNetworks, seed: 1, endOnFailure: true });
    });

    test("a long run and its parts with a carry are the same", async () => {
      expect(await streaming(device)).toEqual([]);
    });

    test("a sample is the same whatever batch it is in", async () => {
      expect(await batching(device)).toEqual([]);
    });

    test("the same run gives the same bits", async () => {
      expect(await repeating(device, networkCases()[2]!)).toEqual([]);
    });

    test("ten updates stay within the limits of single precision", async () => {
      const limits = await measureLimits(reference, device);
      expect(limits.inputSpikesDiffering).toBe(0);
      expect(limits.hiddenSpikesDiffering).toBeLessThanOrEqual(limits.hiddenSpikes / 100_000);
      for (const distance of limits.distances) expect(distance).toBeLessThan(1e-5);
      expect(limits.gradientError).toBeLessThan(1e-4);
      expect(limits.weightError).toBeLessThan(1e-4);
    });

    test.each(BAD_PLANS)("refuses a plan with %s", async (_, plan, message) => {
      expect(await refusal(device, plan)).toMatch(message);
    });

    test.each(BAD_RUNS)("refuses a run with %s", async (_, procedure, inputs, message) => {
      expect(await refusal(device, GOOD_PLAN, [procedure, inputs])).toMatch(message);
    });
  });
}
