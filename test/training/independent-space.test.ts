import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { gradients } from "#spikevine/src/training/index";
import { trainedArrays } from "#spikevine/src/training/plan/parameters";
import { observe } from "./tape/observe.js";
import { drawSpace } from "./tape/random-space.js";
import { spaceOnTape } from "./tape/space.js";

vi.setConfig({ testTimeout: 120_000 });

/**
 * Gradients of random networks with convolutions, pools, normalizations and branches, made by the public functions, against a
 * tape in double precision that implements the papers' equations over planes. A network with a potential very close to a
 * threshold or a corner is drawn again, since single precision may be on the other side of it.
 */
const CLOSE = 1e-4;
/** Below this, gradients are rounding errors of sums that cancel. */
const SMALLEST = 1e-3;
const NETWORKS = 12;
const DEVICES = ["reference", "simd"] as const;

const devices = new Map<string, Device>();
const kinds = new Set<string>();
let drawn = 0;

beforeAll(async () => {
  for (const name of DEVICES) devices.set(name, (await openDevice(name)).device);
});

afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});

it.each(Array.from({ length: NETWORKS }, (_, i) => i))("gradients of network %i equal those of the tape", async (i) => {
  for (let seed = 1000 * (i + 1); ; seed++) {
    drawn++;
    const { net, chosen, data } = drawSpace(seed);
    const found = [];
    for (const [name, device] of devices) {
      found.push({ name, device, exact: spaceOnTape(net, chosen, data, await observe(net, data, device, seed)) });
    }
    if (Math.min(...found.map(({ exact }) => exact.margin)) < CLOSE) continue;
    for (const { kind } of net.layers) kinds.add(kind);
    for (const { name, device, exact } of found) {
      const result = await gradients(net, data, { device, seed });
      expect(Math.abs(result.loss - exact.loss), `${name}: loss`).toBeLessThan(1e-5 * Math.max(1, exact.loss));
      const arrays = trainedArrays(net);
      expect([...result.gradients.keys()]).toEqual(arrays);
      const largest = Math.max(SMALLEST, ...arrays.flatMap((array) => [...exact.gradients.get(array)!].map(Math.abs)));
      for (const array of arrays) {
        const here = result.gradients.get(array)!;
        const values = exact.gradients.get(array)!;
        const error = Math.max(...values.map((value, n) => Math.abs(value - here[n]!)));
        expect(error, `seed ${seed}, ${name}: ${array} is ${here}, right is ${values}`).toBeLessThanOrEqual(
          1e-5 * largest,
        );
      }
    }
    return;
  }
});

it("draws networks with every kind of layer, and few of them again", () => {
  expect([...kinds].sort()).toEqual([
    "averagePool",
    "batchNorm",
    "convolution",
    "dense",
    "flatten",
    "maxPool",
    "neurons",
    "residual",
    "scale",
    "sumPool",
  ]);
  expect(drawn).toBeLessThan(4 * NETWORKS);
});
