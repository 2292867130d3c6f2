import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { exhaustive, onePart } from "../../exhaustive.js";
import { compare, observe } from "./cases.js";
import { graphCases } from "./graph-cases.js";
import { imageCases } from "./image-cases.js";
import { networkCases } from "./network-cases.js";

const THREADS = exhaustive ? [1, 2, 3, 5] : [1, 2, 5];
const EXACT = { relative: 0, absolute: 0 };

describe("simd gives the same bits for any number of threads", { timeout: 60_000 }, () => {
  const devices = new Map<number, Device>();
  beforeAll(async () => {
    for (const threads of THREADS) devices.set(threads, await simdDevice({ threads }));
  });
  afterAll(async () => {
    for (const device of devices.values()) await device.dispose();
  });

  // Of the operations on images alone, some, since graphs have most of them.
  const cases = [...onePart(networkCases(), 0, 2), ...onePart(imageCases(), 0, 6), ...onePart(graphCases(), 0, 2)];

  test.each(cases.map((what) => [what.name, what] as const))("%s", async (_, what) => {
    const alone = await observe(devices.get(1)!, what);
    for (const threads of THREADS.slice(1)) {
      expect(compare(alone, await observe(devices.get(threads)!, what), EXACT), `${threads} threads`).toEqual([]);
    }
  });
});
