import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, delta, direct, latency, rate } from "#spikevine/encoders/index";
import { dense, flatten, type Network, network, spikeRate } from "#spikevine/networks/index";
import { li, snu } from "#spikevine/neurons/index";
import { adam, sgd } from "#spikevine/plasticity/index";
import { type Dataset, dataset, eventDataset, seriesDataset, spikeDataset } from "#spikevine/src/data/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { evaluate, gradients, measureActivity, predict, record, train } from "#spikevine/src/training/index";
import { stripes } from "./stripes.js";

const COUNT = 7;
const STEPS = 6;
const images = stripes(COUNT);

const classifier = (encoder = rate(), steps = STEPS): Network =>
  network({
    inputs: 12,
    encoder,
    steps,
    layers: [dense(9, snu({ threshold: 0.3 })), dense(3, snu({ threshold: 0.2 }))],
  });

/** The same weights for a network with another encoder. */
function copied(from: Network, to: Network): Network {
  for (const [name, { data }] of from.parameters) to.parameters.get(name)!.data.set(data);
  return to;
}

/** Gradients of a data set. Both data sets have the same samples, so that the order is the same. */
async function gradientsOf(net: Network, data: Dataset, device: Device): Promise<Record<string, Float32Array>> {
  const { loss, gradients: found } = await gradients(net, data, { device });
  return { ...Object.fromEntries(found), loss: Float32Array.of(loss) };
}

describe.each(["reference", "simd", "gpujs:cpu"])("data in time on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = (await openDevice(name)).device;
  });
  afterAll(() => device.dispose());

  it("spikes enter as an encoder's spikes do, to the bit", async () => {
    const coded = classifier();
    // The encoder draws by the sample's place in the data set, in an evaluation.
    const { input, readout } = await record(coded, images.images, { device });
    const data = spikeDataset({ spikes: Uint8Array.from(input), inputs: 12, labels: images.labels });
    const plain = copied(coded, classifier(direct()));
    const again = await record(plain, data, { device });
    expect(again.input).toEqual(input);
    expect(again.readout).toEqual(readout);
    expect(readout.some((count) => count > 0)).toBe(true);
    const [a, b] = [await predict(coded, images, { device }), await predict(plain, data, { device })];
    expect(b).toEqual(a);
  });

  it("gradients of spikes are those of the same spikes as values", async () => {
    const spikes = Uint8Array.from({ length: COUNT * STEPS * 12 }, (_, i) => ((i * 7919 + (i >> 3)) % 5 === 0 ? 1 : 0));
    const labels = images.labels;
    const net = classifier(direct());
    const [a, b] = [
      await gradientsOf(net, spikeDataset({ spikes, inputs: 12, labels }), device),
      await gradientsOf(net, seriesDataset({ values: Float32Array.from(spikes), inputs: 12, labels }), device),
    ];
    for (const [key, values] of Object.entries(a)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, key).toBeGreaterThan(0);
      values.forEach((value, i) => {
        expect(Math.abs(value - b[key]![i]!), key).toBeLessThan(1e-5 * largest);
      });
    }
  });

  it("an image at every step is a still image, to the bit", async () => {
    const values = new Float32Array(COUNT * STEPS * 12);
    for (let row = 0; row < COUNT * STEPS; row++) {
      const sample = Math.floor(row / STEPS);
      values.set(images.images.subarray(sample * 12, (sample + 1) * 12), row * 12);
    }
    const data = seriesDataset({ values, inputs: 12, labels: images.labels });
    for (const encoder of [rate(), constantCurrent({ gain: 0.3 })]) {
      const net = classifier(encoder);
      const [a, b] = [await record(net, images, { device }), await record(net, data, { device })];
      expect(b.readout).toEqual(a.readout);
      const [still, moving] = [await gradientsOf(net, images, device), await gradientsOf(net, data, device)];
      if (encoder.output === "spikes") expect(moving).toEqual(still);
      // A current that is the same at every step is multiplied once for a still image.
      else expect(moving.loss![0]).toBeCloseTo(still.loss![0]!, 6);
    }
  });

  it("delta modulation sees the value before, also across the runs of an evaluation", async () => {
    const steps = 96;
    const values = Float32Array.from({ length: 3 * steps * 12 }, (_, i) => Math.sin(i * 0.37) + ((i * 7) % 11) / 20);
    const data = seriesDataset({ values, inputs: 12, labels: [0, 1, 2] });
    const net = classifier(delta({ threshold: 0.4 }), steps);
    const { input, readout } = await record(net, data, { device });
    const expected = values.map((_, i) => {
      const isFirst = Math.floor(i / 12) % steps === 0;
      return Math.fround(values[i]! - (isFirst ? 0 : values[i - 12]!)) >= Math.fround(0.4) ? 1 : 0;
    });
    expect(input).toEqual(expected);
    // An evaluation runs 48 steps at a time.
    const { scores } = await predict(net, data, { device });
    scores.forEach((score, i) => {
      expect(Math.abs(score - readout[i]!)).toBeLessThanOrEqual(name === "reference" ? 0 : 1);
    });
  });

  it("trains on events", async () => {
    const events = Array.from({ length: 24 }, (_, sample) => {
      // A class fires at its own four pixels, at 60 times.
      const x = Uint16Array.from({ length: 60 }, (_, i) => 4 * (sample % 3) + ((i + sample) % 4));
      return { x, t: Uint32Array.from({ length: 60 }, (_, i) => i * 170 + sample) };
    });
    const labels = events.map((_, sample) => sample % 3);
    const data = eventDataset({ events, shape: [1, 1, 12], bin: "1 ms", steps: 10, labels });
    const net = classifier(direct(), 10);
    const before = await evaluate(net, data, { device });
    await train(net, { data, epochs: 8, batchSize: 6, optimizer: adam({ learningRate: 0.02 }), device });
    const after = await evaluate(net, data, { device });
    expect(after.accuracy).toBe(1);
    expect(after.loss).toBeLessThan(before.loss);
    const [first] = await measureActivity(net, data, { device });
    expect(first!.rate).toBeGreaterThan(0);
  });
});

describe("delta modulation", () => {
  const device = "reference";
  /** The example of snnTorch's documentation of spikegen.delta(b, threshold=1, off_spike=True). */
  const series = seriesDataset({ values: Float32Array.of(1, 2, 0, 2, 2.9), inputs: 1, labels: [0] });
  const net = (options: { threshold: number; offSpikes?: boolean }) =>
    network({ inputs: 1, encoder: delta(options), steps: 6, layers: [dense(1, li())] });

  it("has the numbers of snnTorch", async () => {
    expect((await record(net({ threshold: 1, offSpikes: true }), series, { device, steps: 5 })).input).toEqual(
      Float32Array.of(1, 1, -1, 1, 0),
    );
    expect((await record(net({ threshold: 1 }), series, { device, steps: 5 })).input).toEqual(
      Float32Array.of(1, 1, 0, 1, 0),
    );
  });

  it("fires once where a still image appears", async () => {
    const image = Float32Array.of(0.7);
    expect((await record(net({ threshold: 0.5 }), image, { device })).input).toEqual(Float32Array.of(1, 0, 0, 0, 0, 0));
  });
});

describe("data that do not fit a network", () => {
  const device = "reference";
  const spikes = (steps: number, more: object = {}) =>
    spikeDataset({ name: "s", spikes: new Uint8Array(2 * steps * 12), inputs: 12, labels: [0, 1], ...more });
  const values = seriesDataset({ name: "v", values: new Float32Array(2 * 3 * 12), inputs: 12, labels: [0, 1] });

  it("is refused in words", async () => {
    await expect(evaluate(classifier(direct()), spikes(7), { device })).rejects.toThrow(
      'data: "s" has 7 steps, but a presentation has 6; give the network steps: 7, or the data set steps: 6',
    );
    await expect(evaluate(classifier(), spikes(6), { device })).rejects.toThrow(
      'data: "s" has spikes, which enter a network as they are, but its encoder is rate; give encoder: direct()',
    );
    await expect(evaluate(classifier(latency({ window: "6 ms" })), values, { device })).rejects.toThrow(
      "encoders/latency codes a still image by the time of one spike",
    );
    const events = eventDataset({
      name: "e",
      events: [{ x: Uint16Array.of(1), t: Uint32Array.of(1) }],
      shape: [1, 1, 12],
      bin: "2 ms",
      labels: [0],
    });
    await expect(evaluate(classifier(direct()), events, { device })).rejects.toThrow(
      'a step of "e" is 2 ms, but a step of the network is 1 ms; make them equal: bin: "1 ms", or dt: "2 ms"',
    );
    const spatial = network({
      inputs: [1, 12, 1],
      encoder: direct(),
      steps: 6,
      dt: "2 ms",
      layers: [flatten(), dense(3, snu())],
    });
    await expect(evaluate(spatial, events, { device })).rejects.toThrow(
      'the samples of "e" are [1, 1, 12] (channels, height, width), but the network\'s inputs are [1, 12, 1]; make them equal',
    );
    const options = { data: spikes(6), epochs: 1, optimizer: sgd(), device, augment: [] };
    await expect(
      train(classifier(direct()), { ...options, augment: [{ kind: "elastic", sigma: 4, alpha: 34 }] }),
    ).rejects.toThrow('augment changes still images, but "s" has samples in time');
  });

  it("may be shorter than a presentation: silent at the end", async () => {
    const net = network({
      inputs: 12,
      encoder: direct(),
      steps: 6,
      layers: [dense(3, snu({ threshold: 0.2 }))],
      readout: spikeRate(),
    });
    const ones = (steps: number) =>
      spikeDataset({
        spikes: Uint8Array.from({ length: steps * 12 }, (_, i) => (i < 24 ? 1 : 0)),
        inputs: 12,
        labels: [0],
      });
    const [short, long] = [await record(net, ones(2), { device }), await record(net, ones(6), { device })];
    expect(short.input).toEqual(long.input);
    expect(short.readout).toEqual(long.readout);
    expect(short.input.reduce((a, b) => a + b, 0)).toBe(24);
  });

  it("is checked by the library's own objects only", async () => {
    const broken = {
      ...spikes(6),
      series: { kind: "spikes", steps: 6, samples: [new Uint32Array(6)] },
    } as unknown as Dataset;
    await expect(evaluate(classifier(direct()), broken, { device })).rejects.toThrow(
      "has a series of 1 samples for a count of 2; create it with spikeDataset",
    );
    expect(() => dataset({ images: new Uint8Array(0), labels: [] })).toThrow("labels is empty");
  });
});
