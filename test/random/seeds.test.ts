import { describe, expect, it } from "vitest";
import { snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { makeDigits, pixelSwaps } from "#spikevine/src/data/index";
import { SpikevineError } from "#spikevine/src/errors";
import { parseSweepSection } from "#spikevine/src/experiment/sweep-section";
import { dense, evaluate, measureActivity, network, rate, record, train } from "#spikevine/src/index";
import { LARGEST_SEED } from "#spikevine/src/random/seed";
import { simulation } from "#spikevine/src/simulation/index";

const data = makeDigits({ train: 4, test: 2 });
const small = (seed?: number) =>
  network({
    inputs: data.train.pixels,
    encoder: rate(),
    steps: 3,
    layers: [dense(10, snu())],
    ...(seed === undefined ? {} : { seed }),
  });
const images = Float32Array.from(data.test.images, (byte) => byte / 255);
const device = "reference";

/** Everything that takes a seed. */
const TAKERS: Readonly<Record<string, (seed: number) => unknown>> = {
  simulation: (seed) => simulation({ seed }),
  "reset of a simulation": (trial) => {
    const sim = simulation();
    sim.population("p", 1, snu());
    sim.reset({ trial });
  },
  network: (seed) => small(seed),
  train: (seed) => train(small(), { data: data.train, optimizer: sgd(), epochs: 1, device, seed }),
  evaluate: (seed) => evaluate(small(), data.test, { device, seed }),
  record: (seed) => record(small(), images, { device, seed }),
  measureActivity: (seed) => measureActivity(small(), data.test, { device, seed }),
  makeDigits: (seed) => makeDigits({ train: 1, test: 1, seed }),
  pixelSwaps: (seed) => pixelSwaps({ pixels: 4, exchanges: 2, seed }),
  "a sweep's section": (seed) => parseSweepSection({ seeds: [seed] }, "file"),
};

describe.each(Object.entries(TAKERS))("the seed of %s", (_, take) => {
  it.each([0, 1, LARGEST_SEED])("may be %d", async (seed) => {
    await take(seed);
  });

  it.each([-1, LARGEST_SEED + 1, 2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "is refused where it is %d, which has no draws of its own",
    async (seed) => {
      await expect((async () => take(seed))()).rejects.toThrow(SpikevineError);
      await expect((async () => take(seed))()).rejects.toThrow(/seed|trial/);
    },
  );
});

describe("seeds", () => {
  it("differ in their draws up to the largest", async () => {
    const spikes = async (seed: number) => [...(await record(small(1), images, { device, seed })).input].join("");
    const all = await Promise.all([0, 1, 2 ** 31, LARGEST_SEED].map(spikes));
    expect(new Set(all).size).toBe(4);
  });
});
