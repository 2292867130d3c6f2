import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, lastOutput, type Network, network, spikeRate } from "#spikevine/networks/index";
import { linear, relu, snu, tanh } from "#spikevine/neurons/index";
import { type GrapesOptions, grapes, sgd } from "#spikevine/plasticity/index";
import { type Dataset, dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { dropoutMaskOnHost } from "#spikevine/src/device/host/index";
import { openDevice } from "#spikevine/src/device/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { type Credit, type TrainingOptions, train } from "#spikevine/src/training/index";
import { shuffledOrder } from "#spikevine/src/training/loop/batches";
import { factorStatistics } from "#spikevine/src/training/modulation/factor-statistics";
import { oneBatch } from "./one-batch.js";

const devices = new Map<string, Device>();
beforeAll(async () => {
  devices.set("reference", await referenceDevice({ precision: "single" }));
  for (const name of ["simd", "gpujs:cpu"]) devices.set(name, (await openDevice(name, { threads: 1 })).device);
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});
const everyDevice = ["reference", "simd", "gpujs:cpu"] as const;

const samples = (count: number): Dataset =>
  dataset({
    images: Float32Array.from({ length: count * 6 }, (_, i) => (((i * 7919) % 13) / 13) * 0.9 + 0.1),
    labels: Uint8Array.from({ length: count }, (_, s) => s % 3),
  });

const spiking = (recurrent: boolean): Network =>
  network({
    inputs: 6,
    encoder: rate({ maxRate: 0.8 }),
    steps: 6,
    layers: [7, 5, 4, 3].map((units, i) =>
      dense(units, snu({ threshold: -0.05, activation: "identity" }), { recurrent: recurrent && i < 3 }),
    ),
    readout: spikeRate(),
    seed: 12,
  });

/** Changes of every array by one update of plain descent with step 1. */
async function changes(
  make: () => Network,
  device: Device,
  modulation: GrapesOptions | undefined,
  more: Partial<TrainingOptions> = {},
): Promise<Record<string, Float32Array>> {
  const [before, net] = [make(), make()];
  const data = more.data ?? samples(4);
  const rule = [...(modulation ? [grapes(modulation)] : []), sgd({ learningRate: 1 })];
  await train(net, { data, epochs: 1, batchSize: data.count, device, optimizer: rule, ...more });
  return Object.fromEntries(
    [...net.parameters].map(([name, { data: after }]) => [
      name,
      after.map((w, i) => w - before.parameters.get(name)!.data[i]!),
    ]),
  );
}

const incoming = (net: Network, layer: number): number[] => {
  const { data, columns, rows } = net.parameters.get(`layer${layer}.weights`)!;
  return Array.from({ length: columns }, (_, n) =>
    Array.from({ length: rows }, (_, i) => Math.abs(data[i * columns + n]!)).reduce((a, b) => a + b, 0),
  );
};
const outgoing = (net: Network, layer: number, kept: (n: number) => boolean = () => true): number[] => {
  const { data, columns, rows } = net.parameters.get(`layer${layer + 1}.weights`)!;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, n) => (kept(n) ? Math.abs(data[i * columns + n]!) : 0)).reduce(
      (a, b) => a + b,
      0,
    ),
  );
};
const factors = (importance: number[], lowest: number): number[] =>
  importance.map((i) => Math.max(lowest, (2 * i) / Math.max(...importance)));

/** `got` equals `plain` times `factor(row, column)`, and is not all zero. */
function expectScaled(
  got: Float32Array,
  plain: Float32Array,
  columns: number,
  factor: (row: number, column: number) => number,
): void {
  expect(plain.some((d) => Math.abs(d) > 1e-4)).toBe(true);
  plain.forEach((d, i) => {
    expect(Math.abs(got[i]! - d * factor(Math.floor(i / columns), i % columns))).toBeLessThan(
      3e-7 + 1e-5 * Math.abs(d),
    );
  });
}

describe.each(everyDevice)(
  "under direct feedback alignment, where errors do not depend on each other, on %s",
  (name) => {
    const credit: Credit = "direct-feedback-alignment";
    const bounds = [
      ["below", 1],
      ["none", 0],
    ] as const;

    it.each(bounds)("incoming, bound %s: every hidden unit's changes by its factor", async (bound, lowest) => {
      for (const version of ["propagating", "local"] as const) {
        const make = () => spiking(true);
        const plain = await changes(make, devices.get(name)!, undefined, { credit });
        const got = await changes(make, devices.get(name)!, { version, bound }, { credit });
        for (const layer of [1, 2, 3]) {
          const m = factors(incoming(make(), layer), lowest);
          for (const array of ["weights", "recurrent"]) {
            const key = `layer${layer}.${array}`;
            expectScaled(got[key]!, plain[key]!, m.length, (_, n) => m[n]!);
          }
        }
        expectScaled(got["layer4.weights"]!, plain["layer4.weights"]!, 3, () => 1);
      }
    });

    it("outgoing: weights between hidden layers by the presynaptic unit's, errors in the middle by the unit's own", async () => {
      for (const version of ["propagating", "local"] as const) {
        const make = () => spiking(false);
        const plain = await changes(make, devices.get(name)!, undefined, { credit });
        const got = await changes(
          make,
          devices.get(name)!,
          { version, bound: "none", grouping: "outgoing" },
          { credit },
        );
        const [m1, m2] = [factors(outgoing(make(), 1), 0), factors(outgoing(make(), 2), 0)];
        expectScaled(got["layer1.weights"]!, plain["layer1.weights"]!, 7, () => 1);
        expectScaled(got["layer2.weights"]!, plain["layer2.weights"]!, 5, (i, n) => m1[i]! * m2[n]!);
        expectScaled(got["layer3.weights"]!, plain["layer3.weights"]!, 4, (i) => m2[i]!);
        expectScaled(got["layer4.weights"]!, plain["layer4.weights"]!, 3, () => 1);
      }
    });

    it("the controls replace the factors", async () => {
      const make = () => spiking(false);
      const plain = await changes(make, devices.get(name)!, undefined, { credit });
      const uniform = await changes(make, devices.get(name)!, { control: "uniform" }, { credit });
      const m = factors(incoming(make(), 2), 1);
      const mean = m.reduce((a, b) => a + b, 0) / m.length;
      expectScaled(uniform["layer2.weights"]!, plain["layer2.weights"]!, 5, () => mean);
      const shuffled = await changes(make, devices.get(name)!, { control: "shuffled" }, { credit });
      const place = { seed: 12, update: 0, layer: 1 };
      const permuted = grapes({ control: "shuffled" }).factors(Float32Array.from(incoming(make(), 2)), place);
      expect([...permuted]).not.toEqual(m.map(Math.fround));
      expectScaled(shuffled["layer2.weights"]!, plain["layer2.weights"]!, 5, (_, n) => permuted[n]!);
    });
  },
);

describe.each(everyDevice)("in recurrent layers, on %s", (name) => {
  const input = {
    pixels: [
      [0.9, 0.1, 0.5, 0.3, 0.8, 0.6],
      [0.2, 0.7, 0.4, 0.9, 0.1, 0.5],
    ],
    labels: [0, 2],
  };
  const m = [1.7, 1, 2, 1.2, 1.5];
  const ones = (count: number) => new Float32Array(count).fill(1);
  const net = network({
    inputs: 6,
    encoder: constantCurrent(),
    steps: 6,
    layers: [
      dense(7, snu({ threshold: 0.3 })),
      dense(5, snu({ threshold: 0.3, activation: "identity" }), { recurrent: true, bias: true }),
      dense(3, snu({ threshold: 0.2 })),
    ],
    seed: 4,
  });
  const run = (tensors: Record<string, readonly number[] | Float32Array>) =>
    oneBatch(
      net,
      devices.get(name)!,
      input,
      { credit: "feedback-alignment", optimizer: [grapes(), sgd({ learningRate: 0 })] },
      { "layer1.factor": ones(7), "layer2.factor": ones(5), ...tensors },
    );

  it("a unit's changes are multiplied once, however many steps the error has propagated back", async () => {
    const [plain, got] = [await run({}), await run({ "layer2.factor": m })];
    for (const array of ["weights", "recurrent", "bias"]) {
      const key = `layer2.${array}.gradient`;
      expectScaled(await got.readTensor(key), await plain.readTensor(key), 5, (_, n) => m[n]!);
    }
  });

  it("the layer below receives the modulated error, and only that", async () => {
    const b = await (await run({})).readTensor("layer2.feedback");
    // Factors on the error equal factors on the columns of the matrix it is propagated through, if they act nowhere
    // else.
    const scaled = b.map((v, i) => v * m[i % 5]!);
    const got = await (await run({ "layer2.factor": m })).readTensor("layer1.weights.gradient");
    const want = await (await run({ "layer2.feedback": scaled })).readTensor("layer1.weights.gradient");
    expectScaled(got, want, 7, () => 1);
    const plain = await (await run({})).readTensor("layer1.weights.gradient");
    expect(got.some((g, i) => Math.abs(g - plain[i]!) > 1e-4)).toBe(true);
  });
});

describe("propagating and local", () => {
  const make = () =>
    network({
      inputs: 6,
      encoder: constantCurrent(),
      steps: 1,
      layers: [dense(5, tanh()), dense(4, tanh()), dense(3, linear())],
      readout: lastOutput(),
      seed: 2,
    });
  const m1 = () => factors(incoming(make(), 1), 1);
  const m2 = () => factors(incoming(make(), 2), 1);
  const device = () => devices.get("reference")!;

  it("local: each layer by its own factor alone", async () => {
    for (const credit of ["backpropagation", "feedback-alignment", "indirect-feedback-alignment"] as const) {
      const plain = await changes(make, device(), undefined, { credit });
      const got = await changes(make, device(), { version: "local" }, { credit });
      expectScaled(got["layer1.weights"]!, plain["layer1.weights"]!, 5, (_, n) => m1()[n]!);
      expectScaled(got["layer2.weights"]!, plain["layer2.weights"]!, 4, (_, n) => m2()[n]!);
    }
  });

  it("propagating: the error from a modulated layer is modulated in the next one too", async () => {
    const first = { from: "layer2", to: "layer1", columns: 5, own: m1 };
    const second = { from: "layer1", to: "layer2", columns: 4, own: m2 };
    for (const [credit, { from, to, columns, own }] of [
      ["backpropagation", first],
      ["feedback-alignment", first],
      ["indirect-feedback-alignment", second],
    ] as const) {
      const plain = await changes(make, device(), undefined, { credit });
      const got = await changes(make, device(), {}, { credit });
      const source = from === "layer2" ? m2() : m1();
      expectScaled(got[`${from}.weights`]!, plain[`${from}.weights`]!, source.length, (_, n) => source[n]!);
      // Its own factor is at least 1, and the factors of the layer above come in addition.
      const local = plain[`${to}.weights`]!.map((d, i) => d * own()[i % columns]!);
      expect(got[`${to}.weights`]!.some((d, i) => Math.abs(d - local[i]!) > 1e-4)).toBe(true);
    }
  });
});

describe("under dropout", () => {
  const keep = 0.5;
  const make = () =>
    network({
      inputs: 6,
      encoder: constantCurrent(),
      steps: 1,
      layers: [dense(16, relu(), { dropout: 0.5 }), dense(12, relu(), { dropout: 0.5 }), dense(3, linear())],
      readout: lastOutput(),
      seed: 8,
    });
  const data = samples(16);
  const first = shuffledOrder(data.count, 8, 1)[0]!;
  const maskOf = (layer: number, width: number): Float32Array => {
    const mask = new Float32Array(width);
    const sampleIds = Uint32Array.of(first);
    dropoutMaskOnHost({ keep, layer }, { samples: 1, width, seed: 8, epoch: 1, sampleIds }, mask);
    return mask;
  };
  const credit: Credit = "direct-feedback-alignment";

  it.each(["reference", "simd"])("units dropped for the first sample may be left unmodulated, on %s", async (name) => {
    const device = devices.get(name)!;
    const plain = await changes(make, device, undefined, { credit, data });
    for (const [bound, lowest] of [
      ["below", 1],
      ["none", 0],
    ] as const) {
      const got = await changes(make, device, { dropped: "unmodulated", bound }, { credit, data });
      const mask = maskOf(0, 16);
      expect([...mask].some((v) => v === 0) && [...mask].some((v) => v > 0)).toBe(true);
      const m = factors(
        incoming(make(), 1).map((i, n) => (mask[n] === 0 ? 0 : i)),
        lowest,
      );
      expectScaled(got["layer1.weights"]!, plain["layer1.weights"]!, 16, (_, n) => m[n]!);
    }
    const counted = await changes(make, device, {}, { credit, data });
    const m = factors(incoming(make(), 1), 1);
    expectScaled(counted["layer1.weights"]!, plain["layer1.weights"]!, 16, (_, n) => m[n]!);
  });

  it("outgoing: weights into dropped units do not count", async () => {
    const device = devices.get("reference")!;
    const plain = await changes(make, device, undefined, { credit, data });
    const options = { dropped: "unmodulated", grouping: "outgoing" } as const;
    const got = await changes(make, device, options, { credit, data });
    const mask = maskOf(1, 12);
    const m = factors(
      outgoing(make(), 1, (n) => mask[n] !== 0),
      1,
    );
    expectScaled(got["layer2.weights"]!, plain["layer2.weights"]!, 12, (i) => m[i]!);
    expectScaled(got["layer1.weights"]!, plain["layer1.weights"]!, 16, () => 1);
  });
});

describe("recorded factors", () => {
  it("mean, deviation and histogram, by hand", () => {
    const { mean, deviation, histogram } = factorStatistics(Float32Array.of(0, 1, 1, 2));
    expect(mean).toBe(1);
    expect(deviation).toBeCloseTo(Math.SQRT1_2, 6);
    expect(histogram).toHaveLength(20);
    expect(Object.entries(histogram).filter(([, count]) => count > 0)).toEqual([
      ["0", 1],
      ["10", 2],
      ["19", 1],
    ]);
  });

  it("every epoch of every modulated layer, and the factors themselves at the end", async () => {
    const rule = [grapes(), sgd({ learningRate: 0.1 })];
    const device = devices.get("reference")!;
    const { epochs, factors: last } = await train(spiking(false), {
      data: samples(8),
      epochs: 2,
      optimizer: rule,
      device,
    });
    expect(Object.keys(last!)).toEqual(["layer1", "layer2", "layer3"]);
    for (const { modulation } of epochs) {
      for (const [layer, { histogram }] of Object.entries(modulation!)) {
        expect(histogram.reduce((a, b) => a + b, 0)).toBe(last![layer]!.length);
        expect(histogram.slice(0, 10).every((count) => count === 0)).toBe(true);
      }
    }
    expect(epochs[1]!.modulation!.layer2).toEqual(factorStatistics(last!.layer2!));
    const plain = await train(spiking(false), { data: samples(8), epochs: 1, optimizer: sgd(), device });
    expect(plain.factors).toBeUndefined();
  });

  it("outgoing importance needs weights between hidden layers", async () => {
    const shallow = network({
      inputs: 6,
      encoder: constantCurrent(),
      steps: 1,
      layers: [dense(4, tanh()), dense(3, tanh())],
    });
    const rule = [grapes({ grouping: "outgoing" }), sgd()];
    await expect(
      train(shallow, { data: samples(4), epochs: 1, optimizer: rule, device: devices.get("reference")! }),
    ).rejects.toThrow(/grapes-propagating-outgoing modulates weights between hidden layers.*only one; add one/);
  });
});
