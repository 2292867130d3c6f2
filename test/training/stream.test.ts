import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delta, direct, latency, poisson, rate } from "#spikevine/encoders/index";
import { dense, lastOutput, lastState, network, spikeRate } from "#spikevine/networks/index";
import { li, lif, linear, snu } from "#spikevine/neurons/index";
import { seriesDataset, spikeDataset } from "#spikevine/src/data/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { openStream, record } from "#spikevine/src/training/index";
import { stripes } from "./stripes.js";

const STEPS = 20;
const SAMPLES = 3;
const net = (encoder = rate(), readout?: ReturnType<typeof spikeRate>, last = lif({ tau: "5 ms", threshold: 0.3 })) =>
  network({
    inputs: 12,
    encoder,
    steps: STEPS,
    layers: [dense(9, snu({ threshold: 0.3 }), { recurrent: true }), dense(3, last, { bias: true })],
    ...(readout === undefined ? {} : { readout }),
  });

/** Sparse spikes: no unit fires in more than half of the steps, so that every device sums in the same order step by step. */
const spikes = Uint8Array.from({ length: SAMPLES * STEPS * 12 }, (_, i) => ((i * 7919 + (i >> 4)) % 6 === 0 ? 1 : 0));
const values = Float32Array.from({ length: SAMPLES * STEPS * 12 }, (_, i) => 0.6 + 0.5 * Math.sin(i * 0.37));

describe.each(["reference", "simd", "gpujs:cpu"])("a network step by step on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = (await openDevice(name)).device;
  });
  afterAll(() => device.dispose());

  /** Outputs and read-outs of all samples, step by step. */
  async function stepByStep(network: ReturnType<typeof net>, input: "values" | "spikes", rows: ArrayLike<number>) {
    const stream = await openStream(network, { device, input });
    const output: number[] = [];
    const readout: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      await stream.reset(sample);
      let last: Float32Array | undefined;
      for (let t = 0; t < STEPS; t++) {
        const from = (sample * STEPS + t) * 12;
        const result = await stream.step(Array.prototype.slice.call(rows, from, from + 12));
        output.push(...result.output);
        last = result.readout;
        expect(stream.steps).toBe(t + 1);
      }
      readout.push(...last!);
    }
    await stream.close();
    return { output: Float32Array.from(output), readout: Float32Array.from(readout) };
  }

  it("has the bits of a presentation of spikes in one go", async () => {
    const network = net(direct());
    const data = spikeDataset({ spikes, inputs: 12, labels: [0, 1, 2] });
    const whole = await record(network, data, { device });
    const found = await stepByStep(network, "spikes", spikes);
    expect(found.output).toEqual(whole.layers[1]!.output);
    expect(found.readout).toEqual(whole.readout);
    expect(found.output.some((spike) => spike > 0)).toBe(true);
  });

  it.each([
    ["direct", direct()],
    ["rate", rate({ maxRate: 0.4 })],
    ["poisson", poisson({ rate: "300 Hz" })],
    ["delta", delta({ threshold: 0.2 })],
    ["delta with off spikes", delta({ threshold: 0.2, offSpikes: true })],
  ] as const)("has the numbers of a presentation of values through %s", async (_, encoder) => {
    for (const network of [net(encoder, spikeRate()), net(encoder, lastState("v"), li({ tau: "5 ms" }))]) {
      const data = seriesDataset({ values, inputs: 12, labels: [0, 1, 2] });
      const whole = await record(network, data, { device });
      const found = await stepByStep(network, "values", values);
      if (name === "reference") {
        expect(found.output).toEqual(whole.layers[1]!.output);
        expect(found.readout).toEqual(whole.readout);
      }
      found.output.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.layers[1]!.output[i]!, 4);
      });
      found.readout.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.readout[i]!, 4);
      });
      expect(new Set(found.output).size).toBeGreaterThan(1);
    }
  });

  it("rounds currents of inputs that nearly always fire within the documented bound", async () => {
    const [inputs, steps] = [40, 30];
    const layers = [dense(8, linear())];
    const model = network({ inputs, encoder: direct(), steps, layers, readout: lastOutput(), seed: 5 });
    const often = Uint8Array.from({ length: steps * inputs }, (_, i) => ((i * 7919 + (i >> 5)) % 7 === 0 ? 0 : 1));
    const data = spikeDataset({ spikes: often, inputs, labels: [0] });
    const whole = (await record(model, data, { device })).layers[0]!.output;
    const { data: weights } = model.parameters.get("layer1.weights")!;
    const stream = await openStream(model, { device, input: "spikes" });
    let largest = 0;
    for (let t = 0; t < steps; t++) {
      const { output } = await stream.step(often.subarray(t * inputs, (t + 1) * inputs));
      output.forEach((value, n) => {
        const sizes = Array.from({ length: inputs }, (_, i) => Math.abs(weights[i * 8 + n]!));
        const bound = 5 * inputs * 2 ** -24 * sizes.reduce((a, b) => a + b);
        const difference = Math.abs(value - whole[t * 8 + n]!);
        expect(difference).toBeLessThanOrEqual(bound);
        largest = Math.max(largest, difference);
      });
    }
    await stream.close();
    if (name === "reference") expect(largest).toBe(0);
  });

  it("codes a still image that is given at every step as `evaluate` does", async () => {
    const network = net(rate({ maxRate: 0.4 }));
    const images = stripes(SAMPLES).images;
    const whole = await record(network, images, { device });
    const rows = new Float32Array(SAMPLES * STEPS * 12);
    for (let row = 0; row < SAMPLES * STEPS; row++) {
      const sample = Math.floor(row / STEPS);
      rows.set(images.subarray(sample * 12, (sample + 1) * 12), row * 12);
    }
    expect((await stepByStep(network, "values", rows)).readout).toEqual(whole.readout);
  });

  it("starts again after a reset, and runs steps in the order of the calls", async () => {
    const stream = await openStream(net(direct()), { device, input: "spikes" });
    const go = async () => {
      const found = await Promise.all(
        Array.from({ length: 8 }, (_, t) => stream.step(spikes.subarray(t * 12, (t + 1) * 12))),
      );
      return found.map(({ readout }) => [...readout]);
    };
    const first = await go();
    await stream.reset();
    expect(stream.steps).toBe(0);
    expect(await go()).toEqual(first);
    expect(await go()).not.toEqual(first);
    await stream.close();
  });
});

describe("a stream", () => {
  const device = "reference";

  it("refuses what does not fit", async () => {
    await expect(openStream(net(rate()), { input: "spikes", device })).rejects.toThrow(
      "spikes enter a network as they are, but its encoder is rate; give a network with encoder: direct()",
    );
    await expect(openStream(net(latency({ window: "9 ms" })), { device })).rejects.toThrow(
      "encoders/latency codes a still image by the time of one spike",
    );
    const stream = await openStream(net(direct()), { device, input: "spikes" });
    expect(() => stream.step(new Float32Array(11))).toThrow("step: input has 11 values; give the 12 of a step");
    expect(() => stream.step(new Float32Array(12).fill(2, 5, 6))).toThrow("input[5] is 2; give spikes as 0 and 1");
    expect(() => stream.reset(-1)).toThrow("sample is -1");
    await stream.close();
    const values = await openStream(net(direct()), { device });
    expect(() => values.step(new Float32Array(12).fill(Number.NaN, 3, 4))).toThrow(
      "input[3] is NaN; give finite numbers",
    );
    await values.close();
  });

  it("refuses steps and resets after its end, and may be closed twice", async () => {
    const stream = await openStream(net(direct()), { device });
    await stream.step(new Float32Array(12));
    await stream.close();
    const closed = "the stream is closed; open another one with openStream(network).";
    expect(() => stream.step(new Float32Array(12))).toThrow(`step: ${closed}`);
    expect(() => stream.reset()).toThrow(`reset: ${closed}`);
    await stream.close();
  });
});
