import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { gradients } from "#spikevine/src/training/index";
import { backpropagate } from "./tape/backpropagation.js";
import { FIELD_VARIANTS } from "./tape/field-neurons.js";
import { VARIANTS as OWN_VARIANTS, type Variant } from "./tape/neurons.js";
import { observe } from "./tape/observe.js";
import { type LayerChoice, makeNetwork, type NetworkChoice } from "./tape/random-network.js";
import { SLOPES, type SurrogateName } from "./tape/surrogates.js";

vi.setConfig({ testTimeout: 120_000 });

/**
 * Compares gradients of random networks, of true spikes and surrogates, with a tape in double precision that implements
 * the papers' equations and uses the device's spikes. A network with a potential very close to a threshold or a corner
 * is drawn again, since single precision may be on the other side of it. Exactly on a corner is fine, since a 0 is a 0
 * everywhere.
 *
 * The networks are the same in every run. A failure prints fast-check's seed and path, which replay it beside `numRuns`
 * below; another seed tries other networks.
 */
const CLOSE = 1e-4;
const DEVICES = ["reference", "simd", "gpujs:cpu"] as const;
/** Below this, gradients are rounding errors of sums that cancel, as those of all units of a softmax do. */
const SMALLEST = 1e-3;
const RUNS = { numRuns: 2, seed: 1, endOnFailure: true };

const VARIANTS = [...OWN_VARIANTS, ...FIELD_VARIANTS];

const devices = new Map<string, Device>();
const drawn = { networks: 0, again: 0 };

beforeAll(async () => {
  for (const name of DEVICES) devices.set(name, (await openDevice(name)).device);
});

afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});

const layer = (variant: fc.Arbitrary<Variant>): fc.Arbitrary<LayerChoice> =>
  fc.record({
    variant,
    units: fc.integer({ min: 2, max: 9 }),
    surrogate: fc.constantFrom(...(Object.keys(SLOPES) as SurrogateName[])),
    recurrent: fc.boolean(),
    bias: fc.boolean(),
    dropout: fc.boolean(),
    train: fc.constantFrom("unit", "layer", "fixed"),
  });

const choiceWith = (variant: Variant): fc.Arbitrary<NetworkChoice> =>
  fc.record({
    layers: fc
      .tuple(layer(fc.constant(variant)), fc.array(layer(fc.constantFrom(...VARIANTS)), { maxLength: 2 }), fc.nat(2))
      .map(([own, others, at]) => others.toSpliced(at, 0, own)),
    inputs: fc.integer({ min: 1, max: 6 }),
    samples: fc.integer({ min: 1, max: 3 }),
    steps: fc.integer({ min: 1, max: 8 }),
    encoder: fc.constantFrom("rate", "latency", "constantCurrent"),
    readout: fc.constantFrom("rate", "count", "lastOutput", "lastState"),
    loss: fc.constantFrom("cross-entropy", "mean-squared-error"),
    reduction: fc.constantFrom("mean", "batch", "sum"),
    truncate: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  });

const AGAIN = 7919;

/** Draws until no device is close to a corner, and compares every device with the tape. */
async function compare(choice: NetworkChoice): Promise<void> {
  for (let seed = choice.seed; ; seed += AGAIN) {
    drawn.networks++;
    const { net, data } = makeNetwork(choice, seed);
    const draws = seed % 2 ** 32;
    const found = [];
    let margin = Number.POSITIVE_INFINITY;
    for (const [name, device] of devices) {
      const exact = backpropagate(choice, net, data, await observe(net, data, device, draws), draws);
      margin = Math.min(margin, exact.margin);
      found.push({ name, device, exact });
    }
    if (margin < CLOSE) {
      drawn.again++;
      continue;
    }
    const { loss, reduction, truncate } = choice;
    for (const { name, device, exact } of found) {
      const options = {
        loss,
        reduction,
        device,
        seed: draws,
        ...(truncate === undefined ? {} : { truncationSteps: truncate }),
      };
      const result = await gradients(net, data, options);
      expect(Math.abs(result.loss - exact.loss), `${name}: loss`).toBeLessThan(1e-5 * Math.max(1, exact.loss));
      expect([...result.gradients.keys()]).toEqual([...exact.gradients.keys()]);
      const largest = Math.max(SMALLEST, ...[...exact.gradients.values()].flatMap((array) => [...array].map(Math.abs)));
      for (const [array, values] of exact.gradients) {
        const here = result.gradients.get(array)!;
        const error = Math.max(...values.map((value, i) => Math.abs(value - here[i]!)));
        expect(error, `${name}: ${array} is ${here}, right is ${values}`).toBeLessThanOrEqual(1e-5 * largest);
      }
    }
    return;
  }
}

describe("gradients equal those of an independent tape", () => {
  it.each(VARIANTS.map((variant) => [variant.title, variant] as const))("%s", async (_, variant) => {
    await fc.assert(fc.asyncProperty(choiceWith(variant), compare), RUNS);
  });

  it("few networks were drawn again", () => {
    expect(drawn.again / drawn.networks).toBeLessThan(0.2);
  });
});
