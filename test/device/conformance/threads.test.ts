import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { compare, observe } from "./cases.js";
import { graphCases } from "./graph-cases.js";
import { imageCases } from "./image-cases.js";
import { networkCases } from "./network-cases.js";

const EXACT = { relative: 0, absolute: 0 };

describe("simd gives the same bits for any number of threads", { timeout: 60_000 }, () => {
  const devices = new Map<number, Device>();
  beforeAll(async () => {
    for (const threads of [1, 2, 3, 5]) devices.set(threads, await simdDevice({ threads }));
  });
  afterAll(async () => {
    for (const device of devices.values()) await device.dispose();
  });

  // Of the operations on images alone, every third, since graphs have most of them.
  const images = imageCases().filter((_, index) => index % 3 === 0);
  const cases = [...networkCases(), ...images, ...graphCases()];

  test.each(cases.map((what) => [what.name, what] as const))("%s", async (_, what) => {
    const alone = await observe(devices.get(1)!, what);
    for (const threads of [2, 3, 5]) {
      expect(compare(alone, await observe(devices.get(threads)!, what), EXACT), `${threads} threads`).toEqual([]);
    }
  });
});
