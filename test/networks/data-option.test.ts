import { describe, expect, it } from "vitest";
import { direct, rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { lif } from "#spikevine/neurons/index";
import { type Dataset, dataset, seriesDataset, spikeDataset } from "#spikevine/src/data/index";
import { measureActivity } from "#spikevine/src/training/index";

const INPUTS = 200;
const STEPS = 40;
const COUNT = 12;
const labels = Array.from({ length: COUNT }, (_, i) => i % 3);

/** True for a fraction of all places, spread evenly. */
const chosen = (i: number, fraction: number): boolean => (i * 0.6180339887) % 1 < fraction;

const spikes = (fraction: number): Dataset =>
  spikeDataset({
    spikes: Uint8Array.from({ length: COUNT * STEPS * INPUTS }, (_, i) => (chosen(i, fraction) ? 1 : 0)),
    inputs: INPUTS,
    labels,
  });
const faint = dataset({
  images: Float32Array.from({ length: COUNT * INPUTS }, (_, i) => (chosen(i, 0.1) ? 0.05 : 0)),
  labels,
});
const large = seriesDataset({
  values: Float32Array.from({ length: COUNT * STEPS * INPUTS }, (_, i) => (chosen(i, 0.5) ? 300 : 0)),
  inputs: INPUTS,
  labels,
});

/** Rate of the first layer of an untrained network, spikes per unit and step. */
async function firstRate(data: Dataset, encoder = direct(), given?: Dataset): Promise<number> {
  const net = network({
    inputs: INPUTS,
    encoder,
    steps: STEPS,
    layers: [dense(64, lif()), dense(3, lif())],
    ...(given === undefined ? {} : { data: given }),
  });
  const [first] = await measureActivity(net, data, { device: "reference", samples: COUNT });
  return first!.rate;
}

describe("initial weights for the data", () => {
  it.each([
    ["sparse spikes", spikes(0.004), direct()],
    ["dense spikes", spikes(0.5), direct()],
    ["large values", large, direct()],
    ["faint images", faint, rate()],
  ] as const)("make the first layer fire on %s as on usual images", async (_, data, encoder) => {
    const found = await firstRate(data, encoder, data);
    expect(found).toBeGreaterThan(0.02);
    expect(found).toBeLessThan(0.3);
  });

  it("are needed for sparse spikes", async () => {
    expect(await firstRate(spikes(0.004))).toBeLessThan(0.01);
  });

  it("need data of the network's inputs", () => {
    expect(() => network({ inputs: 7, encoder: direct(), steps: 2, layers: [dense(3, lif())], data: faint })).toThrow(
      "network: data has 200 values per sample, but there are 7 inputs; make them equal.",
    );
  });
});
