import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { exhaustive, onePart } from "../../exhaustive.js";
import { allCases, type ConformanceCase, compare, type Observation, observe, SINGLE, type Tolerance } from "./cases.js";
import { encodings, otherBits } from "./encoders.js";
import { graphCase } from "./graph-case.js";
import { batching, divergence, interleaving, lostImage, repeating, streaming } from "./invariances.js";
import { measureLimits } from "./limits.js";
import { networkCase } from "./network-case.js";
import { graphOf, randomGraph } from "./random-graph.js";
import { randomNetwork } from "./random-network.js";
import { BAD_INPUTS, BAD_PLANS, BAD_RUNS, GOOD_PLAN, refusal } from "./refusals.js";
import { residues, ZEROS } from "./zeros.js";

export interface ConformanceOptions {
  readonly tolerance?: Tolerance;
  /** Random networks to try, four times as many in the exhaustive suite; the seed is fixed. */
  readonly randomNetworks?: number;
  /** Part of the fixed cases outside the exhaustive suite: this one of so many. Default: all cases. */
  readonly part?: readonly [part: number, parts: number];
  /** Milliseconds that one test may take. */
  readonly timeout?: number;
}

const CASES = allCases();

const seen = new WeakMap<ConformanceCase, Promise<Observation>>();

/** Results of the double-precision reference for a case; computed once for all devices of a test file. */
function expected(what: ConformanceCase): Promise<Observation> {
  const known = seen.get(what);
  if (known !== undefined) return known;
  const made = referenceDevice({ precision: "double" }).then((reference) => observe(reference, what));
  seen.set(what, made);
  return made;
}

/** The tests that every device has to pass: its numbers are those of the reference in double precision. */
export function conformance(name: string, makeDevice: () => Promise<Device>, options: ConformanceOptions = {}): void {
  const { tolerance = SINGLE, part = [0, 1], timeout = 120_000 } = options;
  const randomNetworks = (options.randomNetworks ?? 6) * (exhaustive ? 4 : 1);
  describe(`conformance of ${name}`, { timeout }, () => {
    let device: Device;
    beforeAll(async () => {
      device = await makeDevice();
    }, timeout);
    afterAll(async () => {
      await device?.dispose();
    });

    const agrees = async (what: ConformanceCase): Promise<void> => {
      expect(compare(await expected(what), await observe(device, what), tolerance)).toEqual([]);
    };

    for (const [kind, cases] of Object.entries(CASES)) {
      describe(kind, () => {
        test.each(onePart(cases, ...part).map((what) => [what.name, what] as const))("%s", (_, what) => agrees(what));
      });
    }

    test("training of random networks", async () => {
      const property = fc.asyncProperty(randomNetwork, (spec) => agrees(networkCase("random", spec)));
      await fc.assert(property, { numRuns: randomNetworks, seed: 1, endOnFailure: true });
    });

    test("training of random graphs", async () => {
      const property = fc.asyncProperty(randomGraph, (choice) => agrees(graphCase("random", graphOf(choice))));
      await fc.assert(property, { numRuns: randomNetworks, seed: 1, endOnFailure: true });
    });

    test.each(Object.entries(ZEROS))("what is exactly 0 is 0 to the bit: %s", async (_, cases) => {
      const property = fc.asyncProperty(cases, async (make) => {
        const what = make();
        expect(residues(await expected(what), await observe(device, what))).toEqual([]);
      });
      await fc.assert(property, { numRuns: randomNetworks, seed: 1, endOnFailure: true });
    });

    test("encoders of random equations give the same bits", async () => {
      const property = fc.asyncProperty(encodings, async (make) => {
        const what = make();
        expect(otherBits(await expected(what), await observe(device, what))).toEqual([]);
      });
      await fc.assert(property, { numRuns: randomNetworks, seed: 1, endOnFailure: true });
    });

    test("a long run and its segments with a carry give the same results", async () => {
      expect(await streaming(device)).toEqual([]);
    });

    test("procedures do not affect each other", async () => {
      expect(await interleaving(device)).toEqual([]);
    });

    test("a sample gives the same results in any batch", async () => {
      expect(await batching(device)).toEqual([]);
    });

    test("the same run gives the same bits", async () => {
      expect(await repeating(device, CASES.training[2]!)).toEqual([]);
    });

    test("NaN weights show in the loss", async () => {
      for (const loss of await divergence(device)) expect(loss).not.toSatisfy(Number.isFinite);
    });

    test("NaN weights of a convolution show after the largest values of windows", async () => {
      for (const output of await lostImage(device)) expect(output).toBeNaN();
    });

    test("ten updates stay within the limits of single precision", async () => {
      const limits = await measureLimits(expected, device);
      expect(limits.inputSpikesDiffering).toBe(0);
      expect(limits.hiddenSpikesDiffering).toBeLessThanOrEqual(limits.hiddenSpikes / 100_000);
      for (const distance of limits.distances) expect(distance).toBeLessThan(1e-5);
      expect(limits.gradientError).toBeLessThan(1e-4);
      expect(limits.weightError).toBeLessThan(1e-4);
    });

    test.each(BAD_PLANS)("refuses a plan with %s", async (_, plan, message) => {
      expect(await refusal(device, plan)).toMatch(message);
    });

    test.each(BAD_INPUTS)("refuses inputs in time with %s", async (_, plan, inputs, message) => {
      expect(await refusal(device, plan, inputs && ["only", inputs])).toMatch(message);
    });

    test.each(BAD_RUNS)("refuses a run with %s", async (_, procedure, inputs, message) => {
      expect(await refusal(device, GOOD_PLAN, [procedure, inputs])).toMatch(message);
    });
  });
}
