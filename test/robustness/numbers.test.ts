import { beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { type DenseOptions, dense, lastOutput, type Network, network } from "#spikevine/networks/index";
import { linear, neurons, snu } from "#spikevine/neurons/index";
import { adam, bioAdam, grapes, momentum, rmsprop, sgd } from "#spikevine/plasticity/index";
import { type Dataset, dataset } from "#spikevine/src/data/dataset";
import { type Device, openDevice } from "#spikevine/src/device/index";
import { SpikevineError } from "#spikevine/src/errors";
import { evaluate, record, train } from "#spikevine/src/training/index";
import { batches } from "#spikevine/src/training/loop/batches";
import { Trainer } from "#spikevine/src/training/loop/trainer";
import { checkOptions } from "#spikevine/src/training/options";
import { options, small } from "../checkpoint/training.js";
import { stripes } from "../training/stripes.js";

const DEVICES = ["reference", "simd"] as const;
let devices: Record<string, Device>;
beforeAll(async () => {
  devices = {};
  for (const name of DEVICES) devices[name] = (await openDevice(name, { threads: 2 })).device;
});

const fill = (net: Network, value: (index: number) => number): Network => {
  for (const [name, { data }] of net.parameters) {
    if (/weights|recurrent/.test(name)) for (let i = 0; i < data.length; i++) data[i] = value(i);
  }
  return net;
};

const netOf = (neuron: string, more: DenseOptions = {}): Network =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 5,
    layers: [dense(6, neurons[neuron]!(), more), dense(3, neurons[neuron]!())],
  });

/** Three outputs that are weighted sums of the pixels. */
const threeSums = (): Network =>
  network({
    inputs: 12,
    encoder: constantCurrent(),
    steps: 1,
    layers: [dense(3, linear())],
    readout: lastOutput(),
  });

/** One update; every tensor of the training program and the read-out afterwards. */
async function update(
  net: Network,
  device: Device,
  rule = sgd({ learningRate: 0.1 }),
): Promise<Map<string, Float32Array>> {
  const checked = checkOptions({ data: stripes(8), epochs: 1, batchSize: 8, optimizer: rule, device }, net);
  const trainer = await Trainer.create(net, checked, device);
  const [batch] = batches(checked.data as Dataset, 8, net);
  await trainer.update(batch!, 1, 0, 1);
  const values = new Map<string, Float32Array>();
  for (const name of Object.keys(trainer.compiled.plan.tensors)) {
    values.set(name, await trainer.program.readTensor(name));
  }
  values.set("readout", await trainer.program.readSignal("train", "readout"));
  await trainer.program.dispose();
  return values;
}

const notFinite = (values: ReadonlyMap<string, Float32Array>): string[] =>
  [...values].filter(([, data]) => data.some((value) => !Number.isFinite(value))).map(([name]) => name);

describe.each(DEVICES)("on %s: no NaN unless the input contains one", (name) => {
  it.each(Object.keys(neurons))("silence, and weights of one sign: %s", async (neuron) => {
    for (const weight of [0, -0.5, 0.5]) {
      for (const recurrent of [false, true]) {
        const values = await update(
          fill(netOf(neuron, { recurrent }), () => weight),
          devices[name]!,
        );
        expect(notFinite(values), `weights of ${weight}`).toEqual([]);
      }
    }
  });

  it.each(Object.keys(neurons))("everything fires at every step: %s", async (neuron) => {
    const values = await update(
      fill(netOf(neuron), () => 1000),
      devices[name]!,
    );
    expect(notFinite(values)).toEqual([]);
  });

  it("silence: all silent units have a finite gradient, and it is zero where the surrogate is out of reach", async () => {
    const silent = fill(netOf("snu"), () => -100);
    const values = await update(silent, devices[name]!);
    expect(new Set(values.get("readout"))).toEqual(new Set([0]));
    expect(notFinite(values)).toEqual([]);
  });

  it.each([
    ["sgd", sgd()],
    ["momentum", momentum()],
    ["rmsprop", rmsprop()],
    ["adam", adam()],
    ["bio-adam", bioAdam()],
  ] as const)("a gradient of zero, update after update: %s", async (_, rule) => {
    const net = fill(small(), () => -100);
    const { final } = await train(
      net,
      options({ onZeroGradient: "continue", optimizer: [grapes(), rule], device: devices[name]! }),
    );
    expect(final!.loss).toBeCloseTo(Math.log(3), 6);
    for (const [parameter, { data }] of net.parameters) expect(data.every(Number.isFinite), parameter).toBe(true);
  });

  it("denormals: tiny weights are ordinary numbers", async () => {
    const tiny = fill(small(), (i) => (i % 2 === 0 ? 1e-42 : -3e-45));
    const values = await update(tiny, devices[name]!);
    expect(notFinite(values)).toEqual([]);
    const net = fill(threeSums(), () => 1e-40);
    const { readout } = await record(net, stripes(1).images as Float32Array, { device: devices[name]! });
    for (const value of readout) expect(value).toBeGreaterThan(0);
  });

  it("overflow: weights up to the largest number give numbers or an error with the place", async () => {
    for (const size of [1e20, 1e30, 3e38]) {
      for (const neuron of Object.keys(neurons)) {
        const net = fill(netOf(neuron), (i) => (i % 2 === 0 ? size : -size));
        const failure = await update(net, devices[name]!).then(notFinite, (error: unknown) => error);
        if (Array.isArray(failure)) expect(failure.filter((tensor) => !/gradient|squares/.test(tensor))).toEqual([]);
        else {
          expect(failure).toBeInstanceOf(SpikevineError);
          expect((failure as Error).message).toMatch(/layer\d.* at epoch 1, batch 1;/);
        }
      }
    }
  }, 60_000);

  it("one unit, one step, one sample, one class", async () => {
    const one = network({ inputs: 1, encoder: rate(), steps: 1, layers: [dense(1, snu())] });
    const data = dataset({ images: Uint8Array.of(255), labels: [0] });
    const { final } = await train(one, {
      data,
      validation: data,
      epochs: 2,
      optimizer: adam(),
      device: devices[name]!,
    });
    expect(final).toMatchObject({ accuracy: 1, loss: 0 });
  });

  it("ten thousand steps, streamed", async () => {
    const net = small();
    const { accuracy, loss, steps } = await evaluate(net, stripes(3), { steps: 10_000, device: devices[name]! });
    expect(steps).toBe(10_000);
    expect(Number.isFinite(accuracy) && Number.isFinite(loss)).toBe(true);
  });
});

describe("ten thousand steps", () => {
  it("are the same on both devices", async () => {
    const found = [];
    for (const name of DEVICES) {
      const { accuracy, loss } = await evaluate(small(), stripes(6), { steps: 10_000, device: devices[name]! });
      found.push([accuracy, loss.toFixed(4)]);
    }
    expect(found[0]).toEqual(found[1]);
  });
});

describe("values that are not finite are reported at their source", () => {
  const device = (): Device => devices.reference!;

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("%s in a pixel: sample and pixel", async (value) => {
    const images = Float32Array.from(stripes(6).images);
    images[2 * 12 + 7] = value;
    expect(() => dataset({ images, labels: stripes(6).labels })).toThrow(
      /images\[sample 2, pixel 7\] is (NaN|Infinity)/,
    );
    const data: Dataset = { ...stripes(6), images };
    await expect(train(small(), options({ data, device: device() }))).rejects.toThrow(/sample 2, pixel 7 is/);
    await expect(evaluate(small(), data, { device: device() })).rejects.toThrow(/sample 2, pixel 7 is/);
    await expect(record(small(), images, { device: device() })).rejects.toThrow(/images\[31\] is/);
  });

  it("in a weight: array, row and column", async () => {
    const net = small();
    net.parameters.get("layer2.weights")!.data[7] = Number.NaN;
    const message = /^network: layer2\.weights\[2, 1\] is NaN; give finite numbers\.$/;
    await expect(train(net, options({ device: device() }))).rejects.toThrow(message);
    await expect(evaluate(net, stripes(3), { device: device() })).rejects.toThrow(message);
    await expect(record(net, new Float32Array(12), { device: device() })).rejects.toThrow(message);
  });

  it("in a schedule: the epoch", async () => {
    const run = train(small(), options({ schedule: ({ epoch }) => 1 / (epoch - 0.5), device: device() }));
    await expect(run).rejects.toThrow(/^train: the schedule gives Infinity at epoch 0\.5; give finite numbers\.$/);
  });

  it("from an evaluation: output, layer and sample", async () => {
    const net = fill(threeSums(), () => 3e38);
    const data = dataset({ images: new Float32Array(24).fill(1), labels: [0, 1], classes: 3 });
    await expect(evaluate(net, data, { device: device() })).rejects.toThrow(
      /^evaluate: output 0 of layer1 is Infinity for sample 0 of "in memory"/,
    );
  });

  it("empty data are refused", async () => {
    expect(() => dataset({ images: new Float32Array(0), labels: [] })).toThrow(
      /labels is empty; give at least one sample/,
    );
    await expect(record(small(), new Float32Array(0), { device: device() })).rejects.toThrow(/at least one sample/);
  });
});
